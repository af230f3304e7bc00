import { listFindings } from '../../src/crosscheck/finding';
import type { SubjectKind } from '../../src/crosscheck/rule';
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, markFollowed, plant, type Records, sourceId } from './plant';

/** What must not fire, and what must: the case in words, its records, and for those flagged what the finding says. */
export interface RuleTable {
  clean: Record<string, Records>;
  flagged: Record<string, Records & { finds?: Found }>;
}

interface Found {
  /** Which of the case's records is the subject, from 1. */
  nth?: number;
  amount?: string;
  tier?: string | null;
}

/** Plants every case as persons of its own, checks once, and looks at each case's findings of the rule. */
export function testRule(rule: string, subjectKind: SubjectKind, usual: Found, { clean, flagged }: RuleTable): void {
  let database: Database;
  let found: Map<string, { amount: string; tier: string | null }>;

  beforeAll(async () => {
    database = await testDatabase();
    await markFollowed(database);
    for (const [own, records] of Object.entries(clean)) await plant(database, own, records);
    for (const [own, { finds: _, ...records }] of Object.entries(flagged)) await plant(database, own, records);
    await check({ database, asOf: AS_OF, freshness: DELIVERED });
    const { findings } = await listFindings(database, { rule, first: 5_000 });
    found = new Map(findings.map(({ subject, amount, tier }) => [subject, { amount, tier }]));
  });

  afterAll(() => database.close());

  const foundIn = (own: string) => [...found].filter(([subject]) => subject.startsWith(`${own}-`));

  test.each(Object.keys(clean))('clean: %s', (own) => {
    expect(foundIn(own)).toEqual([]);
  });

  test.each(Object.entries(flagged))('flagged: %s', (own, { finds }) => {
    const { nth = 1, amount, tier } = { ...usual, ...finds };
    expect(foundIn(own)).toEqual([[sourceId(own, subjectKind, nth), { amount, tier }]]);
  });
}
