import { type Finding, listFindings } from '../../src/crosscheck/finding';
import type { SubjectKind } from '../../src/crosscheck/rule';
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, key, markFollowed, plant, type Records, sourceId } from './plant';

/** What must not fire, and what must: the case in words, its records, and for those flagged what the findings say. */
export interface RuleTable {
  clean: Record<string, Records>;
  flagged: Record<string, Records & { finds?: Found | Found[] }>;
}

interface Found {
  kind?: SubjectKind;
  /** Which of the case's records, institutions or persons is the subject: from 1, or the person's short name. */
  nth?: number | string;
  amount?: string;
  tier?: string | null;
  /** The records of the evidence, each as `kind-nth`; not looked at when left out. */
  records?: string[];
}

/** Plants every case as persons of its own, checks once, and looks at each case's findings of the rule. */
export function testRule(rule: string, subjectKind: SubjectKind, usual: Found, { clean, flagged }: RuleTable): void {
  let database: Database;
  let found: Finding[];

  beforeAll(async () => {
    database = await testDatabase();
    await markFollowed(database);
    for (const [own, records] of Object.entries(clean)) await plant(database, own, records);
    for (const [own, { finds: _, ...records }] of Object.entries(flagged)) await plant(database, own, records);
    await check({ database, asOf: AS_OF, freshness: DELIVERED });
    ({ findings: found } = await listFindings(database, { rule, first: 5_000 }));
  });

  afterAll(() => database.close());

  const foundIn = (own: string, records: Records) => {
    const persons = new Map(personsOf(records).map((name) => [key(`${own}/${name}`).toString('hex'), name]));
    return found.flatMap((finding) => {
      const person = finding.subjectKind === 'person' ? persons.get(finding.subject) : undefined;
      const subject = person === undefined ? finding.subject : sourceId(own, 'person', person);
      return subject.startsWith(`${own}-`) ? [{ ...finding, subject }] : [];
    });
  };

  test.each(Object.entries(clean))('clean: %s', (own, records) => {
    expect(foundIn(own, records).map(({ subject }) => subject)).toEqual([]);
  });

  test.each(Object.entries(flagged))('flagged: %s', (own, { finds = {}, ...records }) => {
    const expected = [finds].flat().map((each) => ({ kind: subjectKind, nth: 1, ...usual, ...each }));
    const actual = foundIn(own, records).map(({ subjectKind: kind, subject, amount, tier, evidence }, i) => ({
      kind,
      subject,
      amount,
      tier,
      ...(expected[i]?.records && { records: evidence.records.map((each) => each.sourceId.slice(own.length + 1)) }),
    }));
    expect(actual).toEqual(
      expected.map(({ kind, nth, ...rest }) => ({
        ...rest,
        kind,
        subject: sourceId(own, kind, kind === 'person' && nth === 1 ? 'own' : nth),
      })),
    );
  });
}

function personsOf(records: Records): string[] {
  return ['own', ...Object.values(records).flatMap((rows) => rows.map(({ person }) => String(person ?? 'own')))];
}
