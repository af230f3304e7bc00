import { type AccessesOptions, accessesOf } from '../../src/audit/accesses';
import type { AuditRecord } from '../../src/audit/record';
import { type LogFixture, logFixture } from './log-fixture';

const KEY = 'a'.repeat(32);
const OLD_KEY = 'b'.repeat(32);
const OTHER = 'c'.repeat(32);
const NOW = new Date('2026-06-30T00:00:00.000Z');

describe('who looked at a person', () => {
  let log: LogFixture;
  beforeAll(async () => {
    log = await logFixture();
    const records: Partial<AuditRecord>[] = [
      { agency: 'by key', persons: [OTHER, KEY], footprint: ['claim.status:LOOKUP', 'claim.amount:LOOKUP', 'death.name:VERIFY'], officer: '王\u0000', case: 'C-1' },
      { agency: 'by an old key', persons: [OLD_KEY] },
      { agency: 'by both', persons: [KEY, OLD_KEY] },
      { agency: 'somebody else', persons: [OTHER] },
      { agency: 'feed over the place', feeds: [{ kind: 'claim', from: '1', to: '10' }] },
      { agency: 'feed to the place', feeds: [{ kind: 'death', from: '1', to: '2' }, { kind: 'claim', from: '3', to: '7' }] },
      { agency: 'feed from the place', feeds: [{ kind: 'claim', from: '7', to: '7' }] },
      { agency: 'feed before the place', feeds: [{ kind: 'claim', from: '1', to: '6' }] },
      { agency: 'feed after the place', feeds: [{ kind: 'claim', from: '8', to: '9' }] },
      { agency: 'feed of another kind', feeds: [{ kind: 'death', from: '1', to: '10' }] },
      { agency: 'refused', persons: [KEY], decision: 'REFUSED' },
      { agency: 'failed', persons: [KEY], decision: 'FAILED' },
      { agency: 'covert, ten days ago', persons: [KEY], purpose: 'COVERT', at: '2026-06-20T00:00:00.000Z' },
      { agency: 'covert, just less', persons: [KEY], purpose: 'COVERT', at: '2026-06-20T00:00:00.001Z' },
    ]; // biome-ignore format: a table
    for (const more of records) await log.append(1, () => more);
  });
  afterAll(() => log.close());

  const page = (more: Partial<AccessesOptions> = {}) =>
    accessesOf(log.database.pool, {
      keys: [KEY, OLD_KEY],
      feedPlaces: [{ kind: 'claim', seqs: ['7', '70'] }, { kind: 'death', seqs: [] }],
      covert: new Map([['COVERT', 10]]),
      now: NOW,
      first: 100,
      after: null,
      ...more,
    }); // biome-ignore format: one page
  const agencies = async (more?: Partial<AccessesOptions>) => (await page(more)).accesses.map(({ agency }) => agency);

  test('the newest first: by any of their keys and by feeds over their places; covert ones after their delay', async () => {
    expect(await agencies()).toEqual([
      'covert, ten days ago', 'feed from the place', 'feed to the place', 'feed over the place', 'by both', 'by an old key', 'by key',
    ]); // biome-ignore format: one list
  });

  test('each says who, why and what', async () => {
    const { accesses } = await page({ after: '2' });
    expect(accesses).toEqual([
      { seq: '1', at: '2026-06-30T00:00:00.000Z', agency: 'by key', officer: '王\ufffd', purpose: 'P', case: 'C-1', kinds: ['claim', 'death'], verbs: ['LOOKUP', 'VERIFY'], receipt: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]); // biome-ignore format: one access
  });

  test.each<[string, Partial<AccessesOptions>, string[]]>([
    ['without feeds', { feedPlaces: [], covert: new Map([['COVERT', 100]]) }, ['by both', 'by an old key', 'by key']],
    ['of another key', { keys: [OTHER], feedPlaces: [] }, ['somebody else', 'by key']],
    ['of nobody', { keys: [], feedPlaces: [] }, []],
    [
      'when nothing is covert any more',
      { keys: [KEY], feedPlaces: [], covert: new Map() },
      ['covert, just less', 'covert, ten days ago', 'by both', 'by key'],
    ],
  ])('%s', async (_, more, expected) => {
    expect(await agencies(more)).toEqual(expected);
  });

  test('page by page they are the same', async () => {
    const all = await agencies();
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages <= all.length; pages++) {
      const { accesses, hasNextPage } = await page({ first: 2, after });
      seen.push(...accesses.map(({ agency }) => agency));
      after = accesses.at(-1)?.seq ?? null;
      if (!hasNextPage) break;
    }
    expect(seen).toEqual(all);
  });
});
