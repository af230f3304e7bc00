import { recordKinds } from '../../src/bureaus/bureau';
import { columnName, recordKind } from '../../src/bureaus/record';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';

test.each([
  ['idNumber', 'id_number'],
  ['accountOwnerIdNumber', 'account_owner_id_number'],
  ['sex', 'sex'],
])('%s is %s in files and tables', (name, column) => {
  expect(columnName(name)).toBe(column);
});

test('the kinds of record are those that bureaus exchange, once each', () => {
  expect(recordKinds().map(({ kind }) => kind)).toEqual([
    'claim',
    'claim_line',
    'contribution',
    'death',
    'enrollment',
    'household',
    'poverty',
    'retirement',
  ]);
});

test('every field says what it is in both languages, and how much harm it can do', () => {
  for (const { kind, fields } of recordKinds()) {
    for (const { name, en, zh, sensitivity } of fields) {
      expect([kind, name, /[A-Za-z]/.test(en), /[\u4e00-\u9fff]/.test(zh)]).toEqual([kind, name, true, true]);
      expect(['OPEN', 'INTERNAL', 'PERSONAL', 'SENSITIVE']).toContain(sensitivity);
      if (/idNumber$/i.test(name)) expect([name, sensitivity]).toEqual([name, 'SENSITIVE']);
    }
  }
});

test('a class that is no record is said to be none', () => {
  expect(() => recordKind(class Stray {})).toThrow('Stray is not a record: it has no @Kind');
});

describe('the tables', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase({ entities: recordKinds().map((kind) => kind.class) });
  });
  afterAll(() => database.close());

  test.each(recordKinds().map(({ kind, class: of, table, fields }) => [kind, of, table, fields] as const))(
    'of %s has a column for each field, of the type the class says',
    async (_, of, table, fields) => {
      const { rows } = await database.pool.query<{ name: string; type: string }>(
        `select attname as name, format_type(atttypid, null) as type from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
        [table],
      );
      const columns = new Map(rows.map(({ name, type }) => [name, type]));
      expect(fields.filter(({ column }) => !columns.has(column)).map(({ name }) => name)).toEqual([]);
      const types: Record<string, string> = { timestamptz: 'timestamp with time zone' };
      for (const { databaseName, type, isArray } of database.dataSource.getMetadata(of).columns) {
        expect([databaseName, columns.get(databaseName)]).toEqual([
          databaseName,
          `${types[String(type)] ?? String(type)}${isArray ? '[]' : ''}`,
        ]);
      }
    },
  );
});
