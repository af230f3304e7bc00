/**
 * One-bit answers: a bureau says yes or no to one question about one person and day, and discloses nothing else. They are granted by the
 * verb VERIFY, under the name of their field, and never need a right to read the records they rest on.
 *
 * `UNKNOWN` is never `NO`: it is said when the bureau has no record of the person, when its last complete delivery is older than the day
 * asked about, and where an agreement on some districts may hide records. How fresh an answer is stands in `extensions.freshness`.
 */
import DataLoader from 'dataloader';
import { registerEnumType } from 'type-graphql';
import { shanghaiDay } from './calendar';
import { type BureauContext, loaderOf } from './context';
import { known } from './known';
import { KEYS_MAX, RECORDS_PER_PERSON_MAX } from './limits';
import { validAt } from './projection';
import { bytes, keysOf, type PersonReference, tooMany } from './read';
import type { RecordKind } from './record';
import { within } from './within';

export enum Answer {
  YES = 'YES',
  NO = 'NO',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(Answer, {
  name: 'Answer',
  description: 'The answer to a question about a person · 核验结果',
  valuesConfig: {
    YES: { description: 'yes · 是' },
    NO: { description: 'no · 否' },
    UNKNOWN: { description: 'not known: this is never no · 未知（不等于否）' },
  },
});

/** What a bureau knows when it is asked. */
export interface Knowledge<Row> {
  /** The standing records of the person, under all their numbers. */
  rows: readonly Row[];
  /** The civil day up to which the records are complete, `YYYY-MM-DD`. */
  completeTo: string;
  /** Whether records may exist that the agreement does not show. */
  isPartial: boolean;
}

/** Asks the records of a person: `columns` is SQL over `r`, and each row comes with them as text. `judge` answers from what is known. */
export async function oneBit<Row extends readonly unknown[]>(
  kind: RecordKind,
  columns: string,
  person: PersonReference,
  context: BureauContext,
  judge: (knowledge: Knowledge<Row>) => Answer,
): Promise<Answer> {
  const rows = await factsOf<Row>(kind, columns, person, context);
  const validAsOf = validAt(context.validAsOf(kind.kind), person.knownAt);
  const { districts } = context.scope(kind.kind);
  if (validAsOf === null) return Answer.UNKNOWN;
  return judge({ rows, completeTo: shanghaiDay(new Date(validAsOf)), isPartial: districts !== null });
}

/** The columns of every standing record of a person: one statement per kind, however many persons and questions. */
export async function factsOf<Row extends readonly unknown[]>(
  kind: RecordKind,
  columns: string,
  person: PersonReference,
  context: BureauContext,
): Promise<Row[]> {
  const loader = loaderOf<string, Row[]>(
    context,
    `${kind.kind}:verify:${person.knownAt ?? ''}`,
    () =>
      new DataLoader((keys) => facts<Row>(kind, columns, { keys, knownAt: person.knownAt }, context), {
        maxBatchSize: KEYS_MAX,
      }),
  );
  return (await Promise.all(keysOf(person).map((key) => loader.load(key)))).flat();
}

async function facts<Row extends readonly unknown[]>(
  kind: RecordKind,
  columns: string,
  { keys, knownAt }: { keys: readonly string[]; knownAt: string | null | undefined },
  context: BureauContext,
): Promise<Row[][]> {
  context.reachPersons(keys);
  const values: unknown[] = [keys.map(bytes), RECORDS_PER_PERSON_MAX + 1];
  const inside = within(kind, context, values);
  const rows = await context.lookup<[place: number, ...row: unknown[]]>(
    `select (owner.place - 1)::int, found.* from unnest($1::bytea[]) with ordinality owner(key, place)
     cross join lateral (
       select ${columns} from ${known(kind, knownAt, values)} r
       where r.person_key = owner.key ${inside} limit $2) found`,
    values,
  );
  const lists: Row[][] = keys.map(() => []);
  for (const [place, ...row] of rows) (lists[place] as Row[]).push(row as unknown as Row);
  // An answer from some of them could be a wrong no.
  if (lists.some(({ length }) => length > RECORDS_PER_PERSON_MAX)) throw tooMany(kind);
  return lists;
}

/**
 * The answer where one fitting record is a yes, and a no needs to be known: records of the person, none of which fits, all of them seen,
 * and complete to the day asked about.
 */
export function existence<Row>(
  { rows, completeTo, isPartial }: Knowledge<Row>,
  day: string,
  fits: (row: Row) => boolean,
): Answer {
  if (day > completeTo) return Answer.UNKNOWN;
  if (rows.some(fits)) return Answer.YES;
  return rows.length === 0 || isPartial ? Answer.UNKNOWN : Answer.NO;
}
