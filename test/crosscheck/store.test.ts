import { parse } from 'graphql';
import { recordKinds } from '../../src/bureaus/bureau';
import { recordKindNames } from '../../src/crosscheck/rule';
import { allRules } from '../../src/crosscheck/rulebook';
import { feedQuery, fieldsAsked, storedKinds } from '../../src/crosscheck/store';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';

/** What GraphQL shows of a record besides its own fields. */
const SHOWN = ['person', 'accountOwner', 'updatedAt'];

test('every kind is followed, bureaus before the claims that need them', () => {
  expect(storedKinds.map(({ kind }) => kind)).toEqual([...recordKindNames]);
});

test.each(storedKinds.map((kind) => [kind.kind, kind] as const))(
  '%s: every field asked for exists',
  (name, { fields }) => {
    const record = recordKinds().find(({ kind }) => kind === name);
    const known = [...(record?.fields ?? []).map((field) => field.name), ...SHOWN];
    expect(fields.map(({ field }) => field).filter((field) => !known.includes(field))).toEqual([]);
  },
);

test('no identity number, name or address is asked for', () => {
  const asked = fieldsAsked().map((field) => field.split('.')[1]);
  for (const field of [
    'idNumber',
    'previousIdNumbers',
    'accountOwnerIdNumber',
    'name',
    'institutionName',
    'address',
    'itemName',
  ])
    expect(asked).not.toContain(field);
});

test('every field a rule reads is asked for', () => {
  const asked = new Set(fieldsAsked());
  for (const rule of allRules()) expect(rule.reads.filter((field) => !asked.has(field))).toEqual([]);
});

test.each(storedKinds.map((kind) => [kind.feed, kind] as const))('%s: the operation is GraphQL', (_, kind) => {
  expect(parse(feedQuery(kind)).definitions).toHaveLength(1);
});

describe('the database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  test('every table of the matching store is keyed by person first', async () => {
    const { rows } = await database.pool.query<{ table: string; first: string }>(
      `select c.relname as table, a.attname as first from pg_class c
       join pg_index i on i.indrelid = c.oid and i.indisprimary
       join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
       where c.relnamespace = 'matching'::regnamespace and c.relname not in ('progress', 'alias')`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(storedKinds.length);
    expect(rows.filter(({ first }) => first !== 'person_key')).toEqual([]);
  });
});
