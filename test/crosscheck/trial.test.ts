import { check } from '../../src/crosscheck/run';
import { type RuleTrial, tryOut } from '../../src/crosscheck/trial';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, markFollowed, plant } from './plant';

let database: Database;

beforeEach(async () => {
  database = await testDatabase();
  await markFollowed(database);
  // Dead on 2026-01-10: claims one, three and five days after the days of grace end.
  const after = ['2026-01-12', '2026-01-14', '2026-01-16'];
  await plant(database, 'dead', {
    household: [{}],
    death: [{}],
    enrollment: [{ end_date: '2026-03-01' }],
    claim: after.map((service_date, place) => ({ service_date, pooled_paid: 100 + place })),
  });
});

afterEach(() => database.close());

const conditions = () => ({ database, asOf: AS_OF, freshness: DELIVERED });
const trialOf = async (options: Partial<Parameters<typeof tryOut>[0]>) => {
  const { rules } = await tryOut({ ...conditions(), ...options });
  return rules as RuleTrial[];
};

/** Everything that a run could leave, and the rows' writers. */
async function everything(): Promise<unknown[]> {
  const tables = ['crosscheck.finding', 'crosscheck.finding_event', 'crosscheck.run', 'crosscheck.standing'];
  const worked = [
    'matching.evidence',
    'matching.death_window',
    'matching.worked_out',
    'matching.touched',
    'matching.generation',
  ];
  const rows = await Promise.all(
    [...tables, ...worked].map((table) =>
      database.pool.query(`select t.xmin::text, t::text from ${table} t order by 2`),
    ),
  );
  return rows.map((result) => result.rows);
}

test('with what stands it finds what stands, and says so', async () => {
  await check(conditions());
  expect(await trialOf({ rules: ['D1'] })).toEqual([
    {
      rule: 'D1',
      version: 1,
      parameters: { graceDays: 1 },
      found: 3,
      amount: '303.00',
      opened: 0,
      changed: 0,
      lost: 0,
      examples: [3, 2, 1].map((n) => ({
        fate: 'FOUND',
        subjectKind: 'claim',
        subject: `dead-claim-${n}`,
        amount: `${99 + n}.00`,
        tier: 'PROVEN',
      })),
    },
  ]);
});

test('other parameters: what would be lost comes first, what would be opened is new', async () => {
  await check(conditions());
  const [stricter] = await trialOf({ rules: ['D1'], parameters: { D1: { graceDays: 4 } } });
  // Two keep their claim, but name another parameter.
  expect(stricter).toMatchObject({
    parameters: { graceDays: 4 },
    found: 1,
    amount: '102.00',
    opened: 0,
    changed: 1,
    lost: 2,
  });
  expect(stricter?.examples.map(({ fate, subject }) => `${fate} ${subject}`)).toEqual([
    'CHANGED dead-claim-3',
    'LOST dead-claim-2',
    'LOST dead-claim-1',
  ]);
  await check({ ...conditions(), parameters: { D1: { graceDays: 4 } } });
  const [laxer] = await trialOf({ rules: ['D1'] });
  expect(laxer).toMatchObject({ found: 3, opened: 2, changed: 1, lost: 0 });
});

test('nothing is kept, neither of a first run nor of one over findings, and the next run changes nothing', async () => {
  const before = await everything();
  await trialOf({ parameters: { D1: { graceDays: 4 } } });
  expect(await everything()).toEqual(before);
  await check(conditions());
  const stands = await everything();
  await trialOf({ parameters: { D1: { graceDays: 4 } }, asOf: '2027-01-01' });
  expect(await everything()).toEqual(stands);
  const report = await check({ ...conditions(), touchedOnly: true });
  expect(report.persons).toBe(0);
  for (const outcome of report.rules) expect(outcome).toMatchObject({ opened: 0, changed: 0, withdrawn: 0 });
});

test('at most ten examples, of each fate some', async () => {
  const dates = Array.from({ length: 20 }, (_, n) => ({ service_date: `2026-02-${String(n + 1).padStart(2, '0')}` }));
  await check(conditions());
  await plant(database, 'late', {
    household: [{}],
    death: [{}],
    enrollment: [{ end_date: '2026-03-01' }],
    claim: dates,
  });
  const [trial] = await trialOf({ rules: ['D1'], parameters: { D1: { graceDays: 4 } } });
  const fates = trial?.examples.map(({ fate }) => fate) ?? [];
  expect(fates).toHaveLength(10);
  expect([...new Set(fates)].sort()).toEqual(['CHANGED', 'LOST', 'OPENED']);
});

test('a rule that cannot run says why and counts nothing', async () => {
  const { rules } = await tryOut({ ...conditions(), rules: ['D1'], freshness: { ...DELIVERED, death: null } });
  expect(rules).toEqual([{ rule: 'D1', version: 1, skipped: ['death has never had a complete delivery'] }]);
});
