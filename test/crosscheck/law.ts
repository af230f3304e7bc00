/**
 * The law once more, as plainly as it reads, over the rows of a city held in memory: what the cross-check must find, computed by nothing of
 * the program. Fit for small cities only. Whom a row belongs to and who has died is here; the rules are in `law-rules.ts`.
 */

/** A row of an exchange file: what is empty is `''` or absent. */
export type Row = Readonly<Record<string, string | undefined>>;
export type City = Readonly<Record<Kind, readonly Row[]>>;
export const KINDS = [
  'household',
  'death',
  'enrollment',
  'retirement',
  'contribution',
  'poverty',
  'claim',
  'claim_line',
] as const;
export type Kind = (typeof KINDS)[number];

/** What is known of one person, under the number that is theirs today. */
export interface Person {
  number: string;
  records: Record<Kind, Row[]>;
  /** The household row that speaks. */
  register: Row | undefined;
  isShared: boolean;
  documents: Document[];
  death: Death | undefined;
}

export interface Document {
  row: Row;
  match: 'EXACT' | 'PARTIAL' | 'CONFLICT';
  isImpossible: boolean;
}

export interface Death {
  tier: 'PROVEN' | 'SUSPECTED' | 'CONTESTED';
  /** The first and last possible day; absent when no piece of evidence is dated. */
  window?: { earliest: number; latest: number };
}

/** Days since 1970-01-01, of a day or of the beginning of a timestamp that is already in Shanghai's time. */
export const dayOf = (text: string) => Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 86_400_000;
export const textOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
export const monthOf = (day: number) => textOf(day).slice(0, 7);
const firstOfMonth = (month: string) => dayOf(`${month}-01`);
const daysFrom = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
export const daysOfMonth = (month: string) =>
  daysFrom(firstOfMonth(month), firstOfMonth(monthOf(firstOfMonth(month) + 31)) - 1);

const plain = (name: string | undefined) =>
  (name ?? '')
    .normalize('NFKC')
    .replace(/\s/g, '')
    .replace(/[.·•‧∙⋅・]/g, '·');
const identity = (row: Row) => `${plain(row.name)} ${row.birth_date}`;
const previousOf = (row: Row) => (row.previous_id_numbers ?? '').split(';').filter((number) => number !== '');

/** Which number stands for a number today. */
export function canonicalNumbers(households: readonly Row[]): (number: string) => string {
  const next = new Map<string, Set<string>>();
  for (const row of households) {
    for (const previous of previousOf(row)) {
      const isAnothers = households.some((other) => other.id_number === previous && identity(other) !== identity(row));
      if (previous === row.id_number || isAnothers) continue;
      next.set(previous, (next.get(previous) ?? new Set()).add(row.id_number as string));
    }
  }
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(next.get(from) ?? [])].some((number) => {
      if (number === to) return true;
      if (seen.has(number)) return false;
      return leadsTo(number, to, seen.add(number));
    });
  const canonical = (number: string): string => {
    if (leadsTo(number, number)) return number;
    const finals = new Set([...(next.get(number) ?? [])].map(canonical));
    return finals.size === 1 ? ([...finals][0] as string) : number;
  };
  return canonical;
}

/** Everyone of whom there is a record, by today's number. */
export function personsOf(city: City, asOf: number): Map<string, Person> {
  const canonical = canonicalNumbers(city.household);
  const persons = new Map<string, Person>();
  const lines = new Map<string, Row[]>();
  for (const line of city.claim_line)
    lines.set(line.claim_source_id as string, [...(lines.get(line.claim_source_id as string) ?? []), line]);
  for (const kind of KINDS) {
    if (kind === 'claim_line') continue;
    for (const row of city[kind]) personOf(persons, canonical(row.id_number as string)).records[kind].push(row);
  }
  for (const person of persons.values()) {
    for (const claim of person.records.claim)
      person.records.claim_line.push(...(lines.get(claim.source_id as string) ?? []));
    settle(person, asOf);
  }
  return persons;
}

function personOf(persons: Map<string, Person>, number: string): Person {
  const person = persons.get(number) ?? {
    number,
    records: Object.fromEntries(KINDS.map((kind) => [kind, []])) as unknown as Person['records'],
    register: undefined,
    isShared: false,
    documents: [],
    death: undefined,
  };
  persons.set(number, person);
  return person;
}

function settle(person: Person, asOf: number): void {
  const own = person.records.household.filter((row) => row.id_number === person.number);
  const speaksBefore = (a: Row, b: Row) => {
    if (a.status !== b.status) return a.status === 'ACTIVE';
    const [one, other] = [Date.parse(a.updated_at as string), Date.parse(b.updated_at as string)];
    return one === other ? (a.source_id as string) > (b.source_id as string) : one > other;
  };
  for (const row of own) if (!person.register || speaksBefore(row, person.register)) person.register = row;
  const active = own.filter((row) => row.status === 'ACTIVE');
  person.isShared = new Set(active.map(identity)).size > 1;
  person.documents = person.records.death
    .filter((row) => row.status === 'VALID')
    .map((row) => ({ row, match: matchOf(row, person.register), isImpossible: isImpossible(row, person, asOf) }));
  person.death = deathOf(person, asOf);
}

export const birthOf = (register: Row | undefined, number: string): number => {
  if (register) return dayOf(register.birth_date as string);
  const digits = number.length === 15 ? `19${number.slice(6, 12)}` : number.slice(6, 14);
  return dayOf(`${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`);
};

function matchOf(document: Row, register: Row | undefined): Document['match'] {
  if (!register) return 'PARTIAL';
  const name = plain(document.name) === plain(register.name);
  if (!document.birth_date) return name ? 'EXACT' : 'CONFLICT';
  const birth = document.birth_date === register.birth_date;
  if (name && birth) return 'EXACT';
  return name || birth ? 'PARTIAL' : 'CONFLICT';
}

function possibleDays({ death_date, date_precision }: Row): number[] {
  const text = death_date as string;
  if (date_precision === 'MONTH') return daysOfMonth(text.slice(0, 7));
  if (date_precision === 'YEAR')
    return daysFrom(dayOf(`${text.slice(0, 4)}-01-01`), dayOf(`${text.slice(0, 4)}-12-31`));
  return [dayOf(text)];
}

/** Day by day: before birth, more than 130 years after it, after the document's own registration, or after the day of the check. */
function isImpossible(row: Row, person: Person, asOf: number): boolean {
  const birth = birthOf(person.register, row.id_number as string);
  const oldest = dayOf(`${Number(textOf(birth).slice(0, 4)) + 130}${textOf(birth).slice(4)}`);
  const registered = row.registered_at ? dayOf(row.registered_at) : Number.POSITIVE_INFINITY;
  return possibleDays(row).every((day) => day < birth || day > oldest || day > registered || day > asOf);
}

function deathOf(person: Person, asOf: number): Death | undefined {
  const { register, isShared, documents } = person;
  if (isShared) return undefined;
  const pieces = documents
    .filter(({ match, isImpossible }) => match !== 'CONFLICT' && !isImpossible)
    .map(({ row, match }) => ({ source: row.source as string, match, row, days: possibleDays(row) }));
  if (register?.status === 'CANCELLED' && register.cancel_reason === 'DEATH') {
    const isDated = register.death_date && !isImpossible(register, person, asOf);
    const days = isDated ? [dayOf(register.death_date as string)] : [];
    pieces.push({ source: 'POLICE', match: 'EXACT', row: register, days });
  }
  if (pieces.length === 0) return undefined;
  const all = pieces.flatMap(({ days }) => [days[0], days.at(-1)]).filter((day): day is number => day !== undefined);
  const exact = pieces
    .filter(({ row, days }) => days.length > 0 && !['MONTH', 'YEAR'].includes(row.date_precision ?? ''))
    .map(({ days }) => days[0] as number);
  const latest = all.length > 0 ? Math.max(...all) : undefined;
  const isContested = Math.max(...exact) - Math.min(...exact) > 30 || hasLifeSign(person, latest);
  const isProven =
    new Set(pieces.map(({ source }) => source)).size >= 2 ||
    pieces.some(({ source, match }) => source === 'DEATH_CERTIFICATE' && match === 'EXACT');
  return {
    tier: isContested ? 'CONTESTED' : isProven ? 'PROVEN' : 'SUSPECTED',
    ...(latest !== undefined && { window: { earliest: Math.min(...all), latest } }),
  };
}

function hasLifeSign({ records }: Person, latest: number | undefined): boolean {
  return (
    latest !== undefined &&
    records.contribution.some(
      (row) =>
        row.status === 'PAID' &&
        row.scheme === 'EMPLOYEE' &&
        row.payer === 'EMPLOYER' &&
        firstOfMonth(row.period as string) > latest + 60,
    )
  );
}
