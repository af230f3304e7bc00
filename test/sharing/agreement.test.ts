import { makeKey, signerOf } from '../../src/audit/signing';
import type { Database } from '../../src/db/database';
import { Agency } from '../../src/sharing/agency';
import { Agreement, agreementsIn, type ReadAgreements, stateOn } from '../../src/sharing/agreement';
import { approve, tamper } from '../support/agreement';
import { testDatabase } from '../support/database';

const signer = signerOf(makeKey('ed25519'));
const CLAUSES = [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP' as const] }];

test.each([
  ['APPROVED', '2026-06-29', 'APPROVED'],
  ['APPROVED', '2026-06-30', 'APPROVED'],
  ['APPROVED', '2026-07-01', 'EXPIRED'],
  ['REVOKED', '2026-07-01', 'REVOKED'],
  ['PROPOSED', '2026-07-01', 'PROPOSED'],
] as const)('%s until 2026-06-30 is on %s %s', (state, day, expected) => {
  expect(stateOn({ state, validTo: '2026-06-30' }, day)).toBe(expected);
});

describe('agreements from the database', () => {
  let database: Database;
  let now: number;
  let reported: string[];
  let read: ReadAgreements;
  let pensions: Agreement;
  beforeAll(async () => {
    database = await testDatabase({ entities: [Agency, Agreement] });
  });
  beforeEach(async () => {
    await tamper(database, 'delete from sharing.agreement');
    pensions = await approve(database, signer, { agency: 'pensions', clauses: CLAUSES });
    await approve(database, signer, { agency: 'tax', clauses: CLAUSES });
    now = 0;
    reported = [];
    read = agreementsIn(database.dataSource, {
      keys: [signer],
      now: () => now,
      report: ({ message }) => reported.push(message),
    });
  });
  afterAll(() => database.close());

  const states = async () => (await read('pensions')).map(({ state }) => state);

  test("are an agency's own, in every state, and remembered for half a second", async () => {
    expect(await read('nobody')).toEqual([]);
    expect((await read('pensions')).map(({ agency, state }) => [agency, state])).toEqual([['pensions', 'APPROVED']]);
    await database.pool.query(`update sharing.agreement set state = 'REVOKED'`);
    now = 499;
    expect(await states()).toEqual(['APPROVED']);
    now = 501;
    expect(await states()).toEqual(['REVOKED']);
  });

  test('are the same array while nothing changed, and another when something did', async () => {
    const first = await read('pensions');
    now = 10_000;
    expect(await read('pensions')).toBe(first);
    now = 20_000;
    expect((await Promise.all([read('pensions'), read('pensions')])).every((again) => again === first)).toBe(true);
    await database.pool.query(`update sharing.agreement set version = version + 1`);
    now = 30_000;
    const second = await read('pensions');
    expect(second).not.toBe(first);
    now = 40_000;
    expect(await read('pensions')).toBe(second);
    expect(() => (second as Agreement[]).pop()).toThrow();
  });

  test.each<[string, string]>([
    [
      'a clause widened',
      `update sharing.agreement set clauses = jsonb_set(clauses, '{0,fields}', '["deathDate", "name"]')`,
    ],
    ['a term added', `update sharing.agreement set clauses = jsonb_set(clauses, '{0,new}', '1')`],
    ['a longer validity', `update sharing.agreement set valid_to = '2030-01-01'`],
    ['another purpose', `update sharing.agreement set purposes = '{REVIEW,OTHER}'`],
    ['the signature taken away', 'update sharing.agreement set approval = null'],
    ['another user', `update sharing.agreement set agency = 'pensions' where agency = 'tax'`],
  ])('%s in the database: it counts for nothing, and the operator hears of it once', async (_, statement) => {
    await tamper(database, statement);
    const standing = (await read('pensions')).map(({ id }) => id);
    expect(standing).toEqual(statement.includes("'tax'") ? [pensions.id] : []);
    now = 10_000;
    await read('pensions');
    await database.pool.query(`update sharing.agreement set revoked_reason = 'looked at'`);
    now = 20_000;
    await read('pensions');
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatch(
      /^Agreement civil-affairs\/\S+ counts for nothing: it is not what was approved and signed/,
    );
  });

  test('an approval written by hand, without the key, gives nothing; a revocation needs no signature', async () => {
    await tamper(
      database,
      `insert into sharing.agreement
      (id, provider, agency, purposes, clauses, valid_from, valid_to, state, proposed_by, approved_by)
      select 'forged', provider, agency, purposes, clauses, valid_from, valid_to, state, proposed_by, approved_by
      from sharing.agreement where agency = 'pensions'`,
    );
    expect((await read('pensions')).map(({ id }) => id)).toEqual([pensions.id]);
    await tamper(database, `update sharing.agreement set state = 'REVOKED', approval = null`);
    now = 10_000;
    expect(await states()).toEqual(['REVOKED', 'REVOKED']);
  });

  test('are not remembered when they could not be read', async () => {
    await database.pool.query('alter table sharing.agreement rename to hidden');
    await expect(read('pensions')).rejects.toThrow();
    await database.pool.query('alter table sharing.hidden rename to agreement');
    expect(await states()).toEqual(['APPROVED']);
  });
});
