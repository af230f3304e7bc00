import { usesOf } from '../../src/audit/report';
import { type LogFixture, logFixture } from './log-fixture';

describe('the report of uses', () => {
  let log: LogFixture;
  beforeAll(async () => {
    log = await logFixture();
    const at = (time: string) => `2026-06-${time}:00.000Z`;
    const records = [
      { at: at('10T08:00'), footprint: ['death.deathDate:LOOKUP', 'claim.status:LOOKUP'] },
      { at: at('11T08:00'), footprint: ['death.deathDate:LOOKUP'] },
      { at: at('11T16:00'), footprint: ['death.deathDate:FEED'] },
      { at: at('12T08:00'), agency: 'civil-affairs', footprint: ['death.name:LIST'] },
      { at: at('12T09:00'), decision: 'REFUSED', footprint: ['death.name:LIST', 'death.deathDate:LIST'], refusals: ['death.name:LIST:VERB'] },
      { at: at('12T10:00'), decision: 'FAILED', footprint: ['death.name:LIST'] },
      { at: at('12T11:00'), decision: 'INVALID' },
    ] as const; // biome-ignore format: a table
    for (const more of records) await log.append(1, () => more);
  });
  afterAll(() => log.close());

  const report = async (options: { kinds?: string[]; from?: string; to?: string } = {}) => {
    const { lines, isComplete } = await usesOf(log.database.pool, { kinds: ['death'], ...options });
    expect(isComplete).toBe(true);
    return lines.map(({ agency, field, verb, refused, operations, last }) =>
      [agency, field, verb, refused ?? '-', operations, last.slice(5, 16)].join(' '),
    );
  };

  test('counts what was used and what was refused, by agency, purpose, field and verb', async () => {
    expect(await report()).toEqual([
      'civil-affairs name LIST - 1 06-12T08:00',
      'tax deathDate FEED - 1 06-11T16:00',
      'tax deathDate LOOKUP - 2 06-11T08:00',
      'tax name LIST VERB 1 06-12T09:00',
    ]);
  });

  test.each([
    ['of other kinds', { kinds: ['claim'] }, ['tax status LOOKUP - 1 06-10T08:00']],
    ['of no kind', { kinds: [] }, []],
    [
      'on one day of Shanghai, which begins at 16:00 the day before',
      { from: '2026-06-11', to: '2026-06-11' },
      ['tax deathDate LOOKUP - 1 06-11T08:00'],
    ],
    ['from a day on', { kinds: ['death'], from: '2026-06-13' }, []],
    ['up to a day', { to: '2026-06-10' }, ['tax deathDate LOOKUP - 1 06-10T08:00']],
  ])('%s', async (_, options, expected) => {
    expect(await report(options)).toEqual(expected);
  });
});
