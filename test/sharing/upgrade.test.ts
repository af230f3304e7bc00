/** A hub that approved agreements before approvals were signed. */
import { AgreementLife1764000000042 } from '../../migrations/1764000000042-agreement-life';
import { makeKey, signerOf } from '../../src/audit/signing';
import type { Database } from '../../src/db/database';
import { Agency } from '../../src/sharing/agency';
import { Agreement, agreementsIn } from '../../src/sharing/agreement';
import { approve, historyOf } from '../../src/sharing/life';
import { testDatabase } from '../support/database';

const CLAUSES = [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'] }];
const signer = signerOf(makeKey('ed25519'));

describe('agreements of before', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase({ entities: [Agency, Agreement] });
    const migration = new AgreementLife1764000000042();
    const runner = database.dataSource.createQueryRunner();
    await migration.down(runner);
    await runner.query(`insert into sharing.agency values ('bureau', 'B', 'B'), ('user', 'U', 'U')`);
    for (const state of ['APPROVED', 'REVOKED'])
      await runner.query(
        `insert into sharing.agreement (id, provider, agency, purposes, clauses, valid_from, valid_to, state, proposed_by, approved_by)
         values ('bureau/' || $1::text, 'bureau', 'user', '{REVIEW}', $2, '2026-01-01', '2026-12-31', $1, 'one', 'another')`,
        [state, JSON.stringify(CLAUSES)],
      );
    await migration.up(runner);
    await runner.release();
  });
  afterAll(() => database.close());

  const read = () => agreementsIn(database.dataSource, { keys: [signer] })('user');

  test('become proposals: they count for nothing until an officer approves them again, and their history says so', async () => {
    expect((await read()).map(({ id, state, approvedBy }) => [id, state, approvedBy])).toEqual([
      ['bureau/APPROVED', 'PROPOSED', null],
      ['bureau/REVOKED', 'REVOKED', 'another'],
    ]);
    const [event] = await historyOf(database.dataSource, 'bureau/APPROVED');
    expect(event).toMatchObject({
      fromState: 'APPROVED',
      toState: 'PROPOSED',
      reason: expect.stringMatching(/approve it again/),
    });
  });

  test('are approved again by another person than who proposed them', async () => {
    const office = {
      dataSource: database.dataSource,
      signer,
      catalogue: () => ({
        kinds: [
          {
            kind: 'death',
            provider: 'bureau',
            hasDistricts: false,
            fields: [{ name: 'deathDate', masks: ['PLAIN' as const], isAnswer: false }],
          },
        ],
        isDay: () => true,
        isProvince: () => true,
      }),
      now: () => new Date('2026-06-30T02:00:00Z'),
      today: () => '2026-06-30',
    };
    const as = (officer: string) => approve(office, { agency: 'bureau', officer }, 'bureau/APPROVED');
    await expect(as('one')).rejects.toThrow(/same officer/);
    await as('two');
    expect((await read()).map(({ state }) => state)).toEqual(['APPROVED', 'REVOKED']);
  });
});
