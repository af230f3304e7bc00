import { recordKinds } from '../../src/bureaus/bureau';
import type { BureauContext } from '../../src/bureaus/context';
import { project } from '../../src/bureaus/projection';
import { WITHOUT_LIMIT } from '../../src/sharing/scope';

const context = (...fields: string[]) =>
  ({
    fields: () => fields,
    scope: () => WITHOUT_LIMIT,
    validAsOf: () => '2026-06-30T00:00:00Z',
  }) as unknown as BureauContext;
const kindOf = (word: string) =>
  recordKinds().find(({ kind }) => kind === word) as ReturnType<typeof recordKinds>[number];

test.each<[string, string[], string]>([
  ['death', [], 'r.source_id'],
  ['death', ['deathDate'], 'r.source_id, r.death_date'],
  ['death', ['sourceId', 'status', 'sourceId'], 'r.source_id, r.status'],
  ['death', ['person', 'nameKey'], "r.source_id, encode(r.person_key, 'hex'), encode(r.name_key, 'hex')"],
  ['claim', ['accountOwner'], "r.source_id, encode(r.account_owner_key, 'hex')"],
  ['household', ['previousKeys'], "r.source_id, (select array_agg(encode(k, 'hex')) from unnest(r.previous_keys) k)"],
  ['claim', ['revision', 'updatedAt', 'recordedAt', 'validAsOf'], 'r.source_id, r.seq, r.updated_at, r.recorded_from'],
  ['claim', ['lines', '*', 'no; drop table', 'constructor'], 'r.source_id'],
])('of %s, the fields %j select nothing else', (kind, fields, columns) => {
  expect(project(kindOf(kind), context(...fields)).columns).toBe(columns);
});

test('every field of every kind has a column or is known to need none', () => {
  for (const kind of recordKinds()) {
    for (const { name, hidden } of kind.fields.filter((field) => !field.hidden)) {
      expect([
        kind.kind,
        name,
        hidden,
        project(kind, context(name)).columns.split(', r.').length > 1 ||
          project(kind, context(name)).columns.includes('('),
      ]).toEqual([kind.kind, name, undefined, true]);
    }
  }
});

test('a row becomes a record; keys become persons, and an absent one stays absent', () => {
  const { record } = project(kindOf('claim'), context('person', 'accountOwner', 'status'));
  expect(record(['JS1', 'aa', null, 'PAID'])).toEqual({
    validAsOf: '2026-06-30T00:00:00Z',
    knownAt: null,
    sourceId: 'JS1',
    person: { id: 'aa' },
    accountOwner: null,
    status: 'PAID',
  });
  expect(record(['x', 'JS1', 'aa', 'bb', 'PAID'], 1)).toMatchObject({ sourceId: 'JS1', accountOwner: { id: 'bb' } });
});
