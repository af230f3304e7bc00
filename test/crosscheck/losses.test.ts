import { type Finding, listFindings } from '../../src/crosscheck/finding';
import { type CheckOptions, check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, key, markFollowed, plant, type Records, type Row, sourceId } from './plant';

let database: Database;
let revisions = 1_000;

beforeAll(async () => {
  database = await testDatabase();
  await markFollowed(database);
});
afterAll(() => database.close());

/** Follows every feed to its end, as far as the planted revisions go, and runs some rules. */
async function run(options: Partial<CheckOptions> = {}): Promise<string> {
  await database.pool.query(`update matching.progress set after = $1`, [String(revisions)]);
  const rules = ['D1', 'D8', 'E0', 'P1'];
  return (await check({ database, asOf: AS_OF, rules, freshness: DELIVERED, ...options })).run;
}
async function standing(subject: string): Promise<Finding[]> {
  const { findings } = await listFindings(database, { first: 5_000 });
  return findings.filter((finding) => finding.subject === subject);
}
const next = () => {
  revisions += 1;
  return revisions;
};
const arrive = (own: string, kind: keyof Records, row: Row, n: number) =>
  plant(database, own, { [kind]: [{ ...row, source_id: sourceId(own, kind, n), revision: next() }] });
const change = (kind: string, sourceId: string, what: string) =>
  database.pool.query(`update matching.${kind} set ${what}, revision = $2 where source_id = $1`, [sourceId, next()]);

const DEAD: Records = { household: [{}], death: [{}], enrollment: [{}], claim: [{}] };
const UNCOVERED: Records = { household: [{}], enrollment: [{ end_date: '2026-01-12' }], claim: [{}] };

const causes: [string, Records, (own: string) => Promise<unknown>, object[]][] = [
  [
    'a certificate was voided',
    DEAD,
    (own) => change('death', `${own}-death-1`, `status = 'VOIDED'`),
    [{ kind: 'death', sourceId: 'death-1', before: '1', after: 'now', became: 'VOIDED' }],
  ],
  [
    'a certificate was deleted',
    DEAD,
    (own) => database.pool.query(`delete from matching.death where source_id = $1`, [`${own}-death-1`]),
    [{ kind: 'death', sourceId: 'death-1', before: '1', after: null, became: 'DELETED' }],
  ],
  [
    'a certificate says another day',
    DEAD,
    (own) => change('death', `${own}-death-1`, `death_date = '2026-05-01'`),
    [{ kind: 'death', sourceId: 'death-1', before: '1', after: 'now', became: 'CHANGED' }],
  ],
  [
    'the claim was recovered',
    DEAD,
    (own) => change('claim', `${own}-claim-1`, `status = 'RECOVERED'`),
    [{ kind: 'claim', sourceId: 'claim-1', before: '1', after: 'now', became: 'CHANGED' }],
  ],
  [
    'the register and the certificate changed',
    DEAD,
    async (own) => {
      await change('death', `${own}-death-1`, `status = 'VOIDED'`);
      await change('household', `${own}-household-1`, `birth_date = '1950-02-01'`);
    },
    [
      { kind: 'death', sourceId: 'death-1', before: '1', after: 'before', became: 'VOIDED' },
      { kind: 'household', sourceId: 'household-1', before: '1', after: 'now', became: 'CHANGED' },
    ],
  ],
  [
    'an enrolment came in',
    UNCOVERED,
    (own) => arrive(own, 'enrollment', { start_date: '2026-01-20' }, 2),
    [{ kind: 'enrollment', sourceId: 'enrollment-2', before: null, after: 'now', became: 'ADDED' }],
  ],
  [
    'lines came in that show it to be the mortuary’s; another claim and its lines are not named',
    UNCOVERED,
    async (own) => {
      await arrive(own, 'claim', { status: 'REVERSED' }, 2);
      await arrive(own, 'claim_line', { claim: 2 }, 2);
      await arrive(own, 'claim_line', { item_group: 'MORTUARY' }, 1);
    },
    [{ kind: 'claim_line', sourceId: 'claim_line-1', before: null, after: 'now', became: 'ADDED' }],
  ],
];

test.each(causes)('%s', async (what, records, happen, expected) => {
  const own = `case-${causes.findIndex(([one]) => one === what)}`;
  await plant(database, own, records);
  await run();
  const [finding] = await standing(`${own}-claim-1`);
  expect(finding?.withdrawnBecause).toBeNull();
  await happen(own);
  const night = await run();
  const after = (await standing(`${own}-claim-1`)).find(({ id }) => id === finding?.id);
  const revisionsNamed: Record<string, string> = { now: String(revisions), before: String(revisions - 1) };
  expect(after?.withdrawnBecause).toEqual({
    records: expected.map((one) => {
      const { sourceId: named, after: revision } = one as { sourceId: string; after: string | null };
      return { ...one, sourceId: `${own}-${named}`, after: revision && (revisionsNamed[revision] ?? revision) };
    }),
    supersededBy: null,
    ruleChanged: false,
    run: night,
    asOf: AS_OF,
    at: expect.stringMatching(/Z$/),
  });
});

test('a stronger rule tells it now: that rule, and the certificate that came in', async () => {
  await plant(database, 'told', { household: [{}], claim: [{}] });
  await run();
  await arrive('told', 'death', {}, 1);
  await run();
  const [stronger, weaker] = await standing('told-claim-1');
  expect([stronger?.rule, stronger?.state]).toEqual(['D1', 'OPEN']);
  expect(weaker).toMatchObject({
    rule: 'E0',
    state: 'WITHDRAWN',
    withdrawnBecause: { supersededBy: 'D1', records: [expect.objectContaining({ kind: 'death', became: 'ADDED' })] },
  });
});

test('the rule runs with other parameters', async () => {
  await plant(database, 'grace', DEAD);
  await run();
  await run({ parameters: { D1: { graceDays: 40 } } });
  expect((await standing('grace-claim-1'))[0]?.withdrawnBecause).toMatchObject({ records: [], ruleChanged: true });
});

test('the day of the check is another: no record, and the day says it', async () => {
  await plant(database, 'day', { household: [{}], death: [{}], enrollment: [{}] });
  await run();
  await run({ asOf: '2026-04-10' });
  expect((await standing('day-enrollment-1'))[0]?.withdrawnBecause).toMatchObject({
    records: [],
    ruleChanged: false,
    asOf: '2026-04-10',
  });
});

test('what came in before the rule last ran, or while it was skipped, is told as far as it is new to it', async () => {
  await plant(database, 'late', UNCOVERED);
  await run();
  // Known to the run before, and no cause of anything.
  await arrive('late', 'enrollment', { status: 'SUSPENDED', start_date: '2026-01-20' }, 2);
  await arrive('late', 'contribution', {}, 1);
  await run();
  await arrive('late', 'enrollment', { start_date: '2026-01-20' }, 3);
  await run({ freshness: { ...DELIVERED, enrollment: null } });
  expect((await standing('late-claim-1'))[0]?.state).toBe('OPEN');
  await run();
  expect((await standing('late-claim-1'))[0]?.withdrawnBecause?.records).toEqual([
    { kind: 'enrollment', sourceId: 'late-enrollment-3', before: null, after: String(revisions), became: 'ADDED' },
  ]);
});

test('of a person with thousands of new records a hundred are named', async () => {
  await plant(database, 'many', UNCOVERED);
  await run();
  const first = revisions + 1;
  revisions += 300;
  await database.pool.query(
    `insert into matching.enrollment (source_id, revision, recorded_at, filed_key, person_key, old_number, scheme, pooling_district, start_date, status)
     select 'many-new-' || n, $2::bigint + n, now(), $1, $1, false, 'EMPLOYEE', '340302', '2026-01-20', 'ACTIVE' from generate_series(0, 299) n`,
    [key('many/own'), first],
  );
  await run();
  expect((await standing('many-claim-1'))[0]?.withdrawnBecause?.records).toHaveLength(100);
});
