import { findingById, listFindings, OUTCOMES } from '../../src/crosscheck/finding';
import { historyOf } from '../../src/crosscheck/history';
import {
  type Deciding,
  decide,
  giveBack,
  type Reviewed,
  type ReviewMeans,
  ReviewRefused,
  takeUp,
} from '../../src/crosscheck/review';
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, markFollowed, plant } from './plant';

const FOUND = '2026-06-30T18:00:00.000Z';
const REVIEWED = '2026-07-01T01:00:00.000Z';
const BUREAUS = ['civil-affairs', 'tax'];
const FINDINGS = 620;

let database: Database;
/** Ids of findings that no test has used yet. */
let fresh: string[];

/** People without cover: each claim is a finding of E0. */
beforeAll(async () => {
  database = await testDatabase({ poolSize: 20 });
  await markFollowed(database);
  await plant(database, 'one', { household: [{}], claim: [{}] });
  await database.pool.query(
    `insert into matching.claim (revision, recorded_at, number_birth_date, old_number, person_key, claim_type, benefit_tier, source_id,
       filed_key, institution_code, status, pooled_paid, serious_illness_paid, aid_paid, account_paid, service_date)
     select revision, recorded_at, number_birth_date, old_number, person_key, claim_type, benefit_tier, 'more-' || n, filed_key, institution_code,
       status, pooled_paid, serious_illness_paid, aid_paid, account_paid, service_date
     from matching.claim, generate_series(2, ${FINDINGS}) n`,
  );
  await run();
  fresh = (await listFindings(database, { first: 5_000 })).findings.map(({ id }) => id);
  expect(fresh).toHaveLength(FINDINGS);
});
afterAll(() => database.close());

const run = () => check({ database, asOf: AS_OF, rules: ['E0'], freshness: DELIVERED, now: () => new Date(FOUND) });
const as = (officer: string | null, agency = 'supervision'): ReviewMeans => ({
  database,
  reviewer: { agency, officer },
  now: () => new Date(REVIEWED),
});
const next = () => fresh.pop() as string;
const seen = async (...ids: string[]) =>
  Promise.all(ids.map(async (id) => ({ id, version: (await findingById(database, id))?.version as number })));
const DECISION: Deciding = { outcome: 'RECOVER', reason: '已核实，应予追回' };
const decideOn = (who: ReviewMeans, on: { id: string; version: number }[], more: Partial<Deciding> = {}) =>
  decide(who, on, { ...DECISION, ...more }, BUREAUS);
const refusal = async (act: Promise<unknown>): Promise<ReviewRefused> => {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ReviewRefused);
  return error as ReviewRefused;
};

/** The ways into each state. */
const INTO: Record<string, (id: string) => Promise<unknown>> = {
  OPEN: async () => undefined,
  UNDER_REVIEW: async (id) => takeUp(as('甲'), await seen(id)),
  ...Object.fromEntries(
    OUTCOMES.map((outcome) => [
      outcome,
      async (id: string) => {
        await takeUp(as('甲'), await seen(id));
        await decideOn(as('甲'), await seen(id), { outcome, bureau: outcome === 'SOURCE_ERROR' ? 'tax' : null });
      },
    ]),
  ),
  WITHDRAWN: (id) => lose(id),
  CONTRADICTED: async (id) => {
    await takeUp(as('甲'), await seen(id));
    await decideOn(as('甲'), await seen(id));
    await lose(id);
  },
};

/** As a run does where a claim is gone. */
async function lose(id: string): Promise<void> {
  const finding = await findingById(database, id);
  await database.pool.query(`delete from matching.claim where source_id = $1`, [finding?.subject]);
  await run();
}

const ACTS: Record<string, (id: string) => Promise<Reviewed[]>> = {
  'take up': async (id) => takeUp(as('乙'), await seen(id)),
  'give back': async (id) => giveBack(as('乙'), await seen(id)),
  decide: async (id) => decideOn(as('乙'), await seen(id), { outcome: 'LEGITIMATE' }),
};

describe('from each state, by each act', () => {
  const decided = (state: string): [string, string, string][] => [
    [state, 'take up', `is ${state}: decide on it anew`],
    [state, 'give back', `is ${state}: only what is UNDER_REVIEW can be given back`],
    [state, 'decide', 'LEGITIMATE'],
  ];
  test.each<[string, string, string]>([
    ['OPEN', 'take up', 'UNDER_REVIEW'],
    ['OPEN', 'give back', 'is OPEN: only what is UNDER_REVIEW can be given back'],
    ['OPEN', 'decide', 'is OPEN: take it up first'],
    ['UNDER_REVIEW', 'take up', 'is UNDER_REVIEW: another officer has taken it up'],
    ['UNDER_REVIEW', 'give back', 'OPEN'],
    ['UNDER_REVIEW', 'decide', 'LEGITIMATE'],
    ...OUTCOMES.flatMap(decided),
    ...decided('CONTRADICTED'),
    ['WITHDRAWN', 'take up', 'is WITHDRAWN: nothing is left to review'],
    ['WITHDRAWN', 'give back', 'is WITHDRAWN: only what is UNDER_REVIEW can be given back'],
    ['WITHDRAWN', 'decide', 'is WITHDRAWN: nothing is left to decide'],
  ])('%s, %s: %s', async (state, act, expected) => {
    const id = next();
    await INTO[state]?.(id);
    const before = await findingById(database, id);
    expect(before?.state).toBe(state);
    const doing = ACTS[act] as (id: string) => Promise<Reviewed[]>;
    if (!expected.startsWith('is ')) {
      const [done] = await doing(id);
      expect(done).toMatchObject({ id, state: expected, version: (before?.version as number) + 1 });
      expect(await findingById(database, id)).toMatchObject({
        state: expected,
        version: done?.version,
        changedAt: '2026-07-01T01:00:00Z',
      });
      return;
    }
    const { message, refused } = await refusal(doing(id));
    expect(message).toBe(`Finding ${id} ${expected}`);
    expect(refused).toEqual([{ id, because: 'STATE', state, version: before?.version, message }]);
    expect(await findingById(database, id)).toEqual(before);
  });
});

describe('a decision', () => {
  const underReview = async () => {
    const id = next();
    await takeUp(as('甲'), await seen(id));
    return id;
  };

  test('stands with its reason and who made it; another follows it, and both are in the history', async () => {
    const id = await underReview();
    await decideOn(as('甲'), await seen(id), {
      outcome: 'SOURCE_ERROR',
      bureau: 'tax',
      reason: ' 税务局漏报\r\n已电话核实 ',
    });
    expect((await findingById(database, id))?.decision).toEqual({
      outcome: 'SOURCE_ERROR',
      bureau: 'tax',
      reason: '税务局漏报\n已电话核实',
      decidedBy: '甲',
      agency: 'supervision',
      decidedAt: '2026-07-01T01:00:00Z',
    });
    await decideOn(as('乙'), await seen(id));
    expect(await findingById(database, id)).toMatchObject({
      state: 'RECOVER',
      version: 4,
      changedSinceDecision: false,
      decision: { outcome: 'RECOVER', bureau: null, decidedBy: '乙' },
    });
    const events = (await historyOf(database, [id], { first: 10 })).get(id) ?? [];
    expect(events.map((event) => [event.version, event.act, event.fromState, event.toState, event.officer, event.outcome, event.bureau, event.run])).toEqual([
      [1, 'FOUND', null, 'OPEN', null, null, null, expect.any(String)],
      [2, 'TAKEN_UP', 'OPEN', 'UNDER_REVIEW', '甲', null, null, null],
      [3, 'DECIDED', 'UNDER_REVIEW', 'SOURCE_ERROR', '甲', 'SOURCE_ERROR', 'tax', null],
      [4, 'DECIDED', 'SOURCE_ERROR', 'RECOVER', '乙', 'RECOVER', null, null],
    ]); // biome-ignore format: a table
    expect(events[2]?.reason).toBe('税务局漏报\n已电话核实');
  });

  test.each<[string, Partial<Deciding>, RegExp]>([
    ['no reason', { reason: '' }, /^A reason is required: 1 to 1000 characters/],
    ['a reason of blanks', { reason: ' \n\u200b' }, /^A reason is required/],
    ['a reason too long', { reason: '由'.repeat(1_001) }, /^A reason is required/],
    ['a reason with a NUL', { reason: 'a\0b' }, /^A reason is required/],
    ['a reason that moves the cursor', { reason: 'a\u001b[2Jb' }, /^A reason is required/],
    ['an error of no bureau', { outcome: 'SOURCE_ERROR' }, /one of civil-affairs, tax$/],
    ['an error of a bureau that gives no records', { outcome: 'SOURCE_ERROR', bureau: 'weather' }, /one of civil-affairs, tax$/],
    ['a bureau without an error', { bureau: 'tax' }, /^A bureau is named with SOURCE_ERROR alone/],
  ])('is refused: %s', async (_, more, expected) => {
    const id = await underReview();
    const before = await findingById(database, id);
    expect((await refusal(decideOn(as('甲'), await seen(id), more))).message).toMatch(expected);
    expect(await findingById(database, id)).toEqual(before);
  }); // biome-ignore format: a table

  test.each(['由', '𠮷'.repeat(1_000)])('is taken with a reason from 1 to 1,000 characters', async (reason) => {
    const id = await underReview();
    await decideOn(as('甲'), await seen(id), { reason });
    expect((await findingById(database, id))?.decision?.reason).toBe(reason);
  });
});

describe('who acts', () => {
  test.each([
    ['nobody', null],
    ['an empty name', ''],
    ['a name of a bell', ' \u0007'],
    ['a name without end', '名'.repeat(101)],
  ])('is an officer, not %s', async (_, officer) => {
    const id = next();
    expect((await refusal(takeUp(as(officer), await seen(id)))).message).toBe(
      'An officer is required: use a token that names one',
    );
    expect((await findingById(database, id))?.state).toBe('OPEN');
  });

  test('may give back what another took up, and decide on it: both are told', async () => {
    const id = next();
    await takeUp(as('甲'), await seen(id));
    await giveBack(as('乙'), await seen(id));
    await takeUp(as('丙'), await seen(id));
    await decideOn(as('丁', 'another-agency'), await seen(id));
    const events = (await historyOf(database, [id], { first: 10 })).get(id) ?? [];
    expect(events.map(({ act, officer, agency }) => [act, officer, agency])).toEqual([
      ['FOUND', null, null],
      ['TAKEN_UP', '甲', 'supervision'],
      ['GIVEN_BACK', '乙', 'supervision'],
      ['TAKEN_UP', '丙', 'supervision'],
      ['DECIDED', '丁', 'another-agency'],
    ]);
  });
});

describe('what was looked at', () => {
  test('and has changed since is refused with what stands now', async () => {
    const id = next();
    const old = await seen(id);
    await takeUp(as('甲'), old);
    const { message, refused } = await refusal(decideOn(as('乙'), old));
    expect(message).toBe(
      `Finding ${id} has changed since you looked at it: it is UNDER_REVIEW, version 2. Read it again`,
    );
    expect(refused).toEqual([{ id, because: 'CHANGED', state: 'UNDER_REVIEW', version: 2, message }]);
  });

  test('a version that is not there yet is refused too', async () => {
    const id = next();
    for (const version of [0, -1, 2, 2_147_483_647])
      expect((await refusal(takeUp(as('甲'), [{ id, version }]))).refused[0]?.because).toBe('CHANGED');
  });

  test.each([
    ['nothing', ''],
    ['an id of nobody', 'f'.repeat(32)],
    ['SQL', "' or 1=1 --"],
    ['a NUL', 'a\0b'],
    ['what turns lines around', '\u202e'.repeat(500)],
  ])('%s is no finding', async (_, id) => {
    const { message, refused } = await refusal(takeUp(as('甲'), [{ id, version: 1 }]));
    expect(refused).toEqual([{ id, because: 'UNKNOWN', state: null, version: null, message }]);
    expect(message).toMatch(/^There is no finding [^\p{C}]{1,64}: read the list again$/u);
  });

  test('done again by the same officer: nothing changes, and what stands is told', async () => {
    const id = next();
    const [first] = await seen(id);
    const taken = await takeUp(as('甲'), [first as never]);
    expect(await takeUp(as('甲'), [first as never])).toEqual(taken);
    const decided = await decideOn(as('甲'), [{ id, version: 2 }]);
    expect(await decideOn(as('甲'), [{ id, version: 2 }])).toEqual(decided);
    // Once something else was done, it is no repetition any more.
    expect((await refusal(takeUp(as('甲'), [first as never]))).refused[0]?.because).toBe('CHANGED');
    expect((await historyOf(database, [id], { first: 10 })).get(id)).toHaveLength(3);
  });

  test('another reason, outcome or officer is another act', async () => {
    const id = next();
    await takeUp(as('甲'), await seen(id));
    await decideOn(as('甲'), [{ id, version: 2 }]);
    for (const [who, more] of [
      [as('甲'), { reason: '另一理由' }],
      [as('甲'), { outcome: 'LEGITIMATE' }],
      [as('乙'), {}],
      [as('甲', 'another-agency'), {}],
    ] as const)
      expect((await refusal(decideOn(who, [{ id, version: 2 }], more))).refused[0]?.because).toBe('CHANGED');
  });
});

describe('many at once', () => {
  test('500 are one act, answered in the order they were named', async () => {
    const ids = fresh.splice(0, 500).reverse();
    const taken = await takeUp(as('甲'), await seen(...ids));
    expect(taken.map(({ id }) => id)).toEqual(ids);
    const done = await decideOn(
      as('甲'),
      taken.map(({ id, version }) => ({ id, version })),
      { outcome: 'UNDETERMINED' },
    );
    expect(new Set(done.map(({ state, version }) => `${state} ${version}`))).toEqual(new Set(['UNDETERMINED 3']));
    const history = await historyOf(database, ids, { first: 10 });
    expect(ids.filter((id) => history.get(id)?.length !== 3)).toEqual([]);
  });

  test('all or none: one in the way is named, and nothing was done', async () => {
    const [a, b, c] = [next(), next(), next()] as [string, string, string];
    await takeUp(as('乙'), await seen(b));
    const asked = [...(await seen(a)), { id: b, version: 1 }, { id: 'none', version: 1 }, ...(await seen(c))];
    const { message, refused } = await refusal(takeUp(as('甲'), asked));
    expect(message).toBe(
      '2 of 4 findings stand in the way, and nothing was done: see which in extensions.refused, read them again, or leave them out',
    );
    expect(refused.map(({ id, because }) => [id, because])).toEqual([
      [b, 'CHANGED'],
      ['none', 'UNKNOWN'],
    ]);
    for (const id of [a, c]) expect(await findingById(database, id)).toMatchObject({ state: 'OPEN', version: 1 });
  });

  test.each<[string, () => { id: string; version: number }[], RegExp]>([
    ['none', () => [], /^Name from 1 to 500 findings/],
    ['501', () => Array.from({ length: 501 }, (_, n) => ({ id: `${n}`, version: 1 })), /^Name from 1 to 500 findings/],
    ['one twice', () => Array(2).fill({ id: fresh[0], version: 1 }), /^A finding stands there twice/],
  ])('%s is refused', async (_, asked, expected) => {
    expect((await refusal(takeUp(as('甲'), asked()))).message).toMatch(expected);
  });

  test('part of them done already by the same officer: the rest is done', async () => {
    const ids = [next(), next()];
    const asked = await seen(...ids);
    await takeUp(as('甲'), asked.slice(0, 1));
    const done = await takeUp(as('甲'), asked);
    expect(done.map(({ state, version }) => [state, version])).toEqual([
      ['UNDER_REVIEW', 2],
      ['UNDER_REVIEW', 2],
    ]);
  });
});

describe('at the same moment', () => {
  test('of ten officers one takes it up, and nine are told', async () => {
    const asked = await seen(next());
    const officers = Array.from({ length: 10 }, (_, n) => `officer ${n}`);
    const results = await Promise.allSettled(officers.map((officer) => takeUp(as(officer), asked)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect((result.reason as ReviewRefused).refused[0]?.because).toBe('CHANGED');
    expect(
      (await historyOf(database, [asked[0]?.id as string], { first: 10 })).get(asked[0]?.id as string),
    ).toHaveLength(2);
  });

  test('the same request ten times is one act', async () => {
    const asked = await seen(next(), next());
    const results = await Promise.all(Array.from({ length: 10 }, () => takeUp(as('甲'), asked)));
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  test('the same findings named in opposite orders: no deadlock', async () => {
    const asked = await seen(...Array.from({ length: 20 }, next));
    const results = await Promise.allSettled([takeUp(as('甲'), asked), takeUp(as('乙'), [...asked].reverse())]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a finding that is being written: told to try again, and nothing is done', async () => {
    const asked = await seen(next());
    const writer = await database.pool.connect();
    try {
      await writer.query('begin');
      await writer.query('select from crosscheck.finding where id = $1 for update', [asked[0]?.id]);
      const hasty = { ...as('甲'), waitMilliseconds: 20 };
      expect((await refusal(takeUp(hasty, asked))).message).toMatch(/try again in a few seconds$/);
    } finally {
      await writer.query('rollback');
      writer.release();
    }
    expect(await seen(asked[0]?.id as string)).toEqual(asked);
  });
});

test('nothing of a life can be taken out or written over', async () => {
  for (const statement of [
    `delete from crosscheck.finding`,
    `delete from crosscheck.finding_event`,
    `update crosscheck.finding_event set reason = 'x'`,
    `delete from crosscheck.finding_before`,
    `truncate crosscheck.finding cascade`,
  ])
    await expect(database.pool.query(statement)).rejects.toThrow(/is history: nothing in it changes/);
});

test.each<[string, string]>([
  ['a state without its decision', `state = 'RECOVER'`],
  ['a decision on an open one', `outcome = 'RECOVER', decided_version = 1, decided_ground = ''`],
  ['a withdrawn one that is supported', `state = 'WITHDRAWN'`],
  ['an open one that is not', `unsupported_since = 1`],
  ['a state that there is not', `state = 'GUILTY'`],
])('no program can write %s', async (_, change) => {
  await expect(
    database.pool.query(`update crosscheck.finding set ${change} where id = $1`, [fresh[0]]),
  ).rejects.toThrow(/violates check constraint/);
});
