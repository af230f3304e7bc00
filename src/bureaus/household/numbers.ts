/**
 * Which number stands for which person: the numbers of the household register brought to the one each person holds today.
 *
 * A row that holds K and lists P says "P is K now". This is followed through several rows (P → K → M). It is not believed where it would
 * join two people: a number that a row with another name or birth date holds today is that row's own; a number whose rows lead to two
 * different people stands for itself; and so does every number in a circle, since nothing says which of them is held today.
 *
 *     canonicalNumbers([{ key: 'K', previous: ['P'], … }])  // Map { 'P' → 'K' }
 */

/** One standing row of the register, with keys instead of numbers. */
export interface NumberRow {
  /** Key of the number it holds. */
  key: string;
  /** Keys of the numbers it lists as earlier ones. */
  previous: readonly string[];
  nameKey: string;
  /** YYYY-MM-DD */
  birthDate: string;
}

/**
 * The numbers that stand for another, each with the final one; a number not in the answer stands for itself. Costs one visit per row and
 * listed number, and does not depend on the order of the rows.
 */
export function canonicalNumbers(rows: readonly NumberRow[]): Map<string, string> {
  const successors = successorsOf(rows);
  const standing = new Map<string, string>();
  for (const circleOrOne of componentsOf(successors)) {
    const [number] = circleOrOne as [string];
    const finals = new Set(
      circleOrOne.length > 1 ? [] : [...(successors.get(number) ?? [])].map((next) => standing.get(next) ?? next),
    );
    const [final] = finals;
    if (finals.size === 1 && final !== undefined && final !== number) standing.set(number, final);
  }
  return standing;
}

/** For each listed number the numbers it is said to have become. */
function successorsOf(rows: readonly NumberRow[]): Map<string, Set<string>> {
  const holders = new Map<string, Set<string>>();
  for (const row of rows) setOf(holders, row.key).add(identity(row));
  const successors = new Map<string, Set<string>>();
  for (const row of rows) {
    const self = identity(row);
    for (const number of row.previous) {
      const held = holders.get(number);
      const isAnothers = held !== undefined && (held.size > 1 || !held.has(self));
      if (number !== row.key && !isAnothers) setOf(successors, number).add(row.key);
    }
  }
  return successors;
}

function identity({ nameKey, birthDate }: NumberRow): string {
  return `${nameKey} ${birthDate}`;
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}

interface Visit {
  number: string;
  place: number;
  lowest: number;
  next: Iterator<string>;
}

/**
 * The strongly connected components, each after those it leads to (Tarjan, Depth-first search and linear graph algorithms, 1972): a component of
 * more than one number is a circle. Kept in an array instead of the call stack, which a long chain would overflow.
 */
function* componentsOf(successors: ReadonlyMap<string, ReadonlySet<string>>): Generator<string[]> {
  const visits = new Map<string, Visit>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const path: Visit[] = [];
  const enter = (number: string) => {
    const place = visits.size;
    const visit = { number, place, lowest: place, next: (successors.get(number) ?? new Set<string>()).values() };
    visits.set(number, visit);
    open.push(number);
    isOpen.add(number);
    path.push(visit);
  };
  for (const start of successors.keys()) {
    if (!visits.has(start)) enter(start);
    for (let visit = path.at(-1); visit; visit = path.at(-1)) {
      const { value: next, done } = visit.next.next();
      if (!done) {
        const known = visits.get(next);
        if (!known) enter(next);
        else if (isOpen.has(next)) visit.lowest = Math.min(visit.lowest, known.place);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before) before.lowest = Math.min(before.lowest, visit.lowest);
      if (visit.lowest === visit.place) {
        const component = open.splice(open.lastIndexOf(visit.number));
        for (const number of component) isOpen.delete(number);
        yield component;
      }
    }
  }
}
