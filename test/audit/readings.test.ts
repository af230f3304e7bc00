import { holds, readingsOf } from '../../src/audit/readings';
import { auditRecord, type LogFixture, logFixture } from './log-fixture';

const WHO = { agency: 'supervision', purpose: 'REVIEW' };
const feed = (from: number, to: number, kind = 'death') => ({
  ...WHO,
  feeds: [{ kind, from: `${from}`, to: `${to}` }],
});

describe('readings of places in change feeds', () => {
  let log: LogFixture;
  let receipts: string[];
  beforeAll(async () => {
    log = await logFixture();
    const said = [
      feed(1, 10), feed(11, 20), feed(1, 30), { ...feed(1, 10), agency: 'tax' }, { ...feed(1, 10), purpose: 'OTHER' },
      { ...feed(1, 10), decision: 'REFUSED' as const }, feed(1, 10, 'claim'), WHO,
    ]; // biome-ignore format: a table
    receipts = await log.append(said.length, (place) => ({ ...said[place], officer: `\u0000${place}` }));
  });
  afterAll(() => log.close());

  test.each<[string, [kind: string, place: string][], number[]]>([
    ['the first of a stretch, and a wider one', [['death', '1']], [0, 2]],
    ['the last of a stretch', [['death', '20']], [1, 2]],
    ['several places, each reading once', [['death', '10'], ['death', '11'], ['claim', '5']], [0, 1, 2, 6]],
    ['a place nobody read', [['death', '31']], []],
    ['a kind nobody read', [['household', '1']], []],
    ['no place', [], []],
  ])('%s', async (_, places, expected) => {
    const asked = places.map(([kind, place]) => ({ kind, place }));
    const found = await readingsOf(log.database.pool, { ...WHO, places: asked });
    expect(found.map(({ receipt }) => receipt)).toEqual(expected.map((place) => receipts[place]));
    for (const reading of found) expect(asked.some((place) => holds(reading, place))).toBe(true);
  }); // biome-ignore format: a table

  test.each([
    ['death', '1', true], ['death', '10', true], ['death', '11', false], ['claim', '5', false],
  ])('a stretch of death 1 to 10 holds %s %s: %s', (kind, place, expected) => {
    const reading = { receipt: '', record: auditRecord(feed(1, 10)) };
    expect(holds(reading, { kind, place })).toBe(expected);
  }); // biome-ignore format: a table
});
