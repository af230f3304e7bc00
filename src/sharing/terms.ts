/**
 * The terms of an agreement, and what may be wrong with them. Every mistake is named at once, with its place, so that whoever writes a file
 * of terms corrects it once.
 */
import { type Agreement, type Clause, MASKS, type Mask, VERBS } from './agreement';

/** What a provider writes; the rest of an agreement is what becomes of it. */
export type Terms = Pick<
  Agreement,
  | 'id'
  | 'provider'
  | 'agency'
  | 'purposes'
  | 'caseRequired'
  | 'covertDays'
  | 'clauses'
  | 'validFrom'
  | 'validTo'
  | 'personsPerDay'
>;

/** A field that can be granted. */
export interface GrantableField {
  name: string;
  /** The masks that its form knows; `PLAIN` always. */
  masks: readonly Mask[];
  /** A one-bit answer, granted by VERIFY alone. */
  isAnswer: boolean;
}

/** A kind of record, as far as terms are checked against it. */
export interface GrantableKind {
  kind: string;
  provider: string;
  fields: readonly GrantableField[];
  /** Whether its records belong to districts. */
  hasDistricts: boolean;
}

/** What terms are checked against. */
export interface Catalogue {
  kinds: readonly GrantableKind[];
  isDay(text: string): boolean;
  /** Whether GB/T 2260 has a province of this two-digit number. */
  isProvince(prefix: string): boolean;
}

/** Something wrong: where, as the path of keys and places from 0, and what. The message says the place in words too. */
export interface Mistake {
  path: readonly (string | number)[];
  message: string;
}

/** Mistakes that one answer names. */
const MISTAKES_MAX = 200;

/** How much one agreement may say. */
export const TERMS_MAX = {
  purposes: 20,
  clauses: 50,
  fields: 300,
  districts: 500,
  covertDays: 3_650,
  personsPerDay: 100_000_000,
  years: 5,
} as const;

const PURPOSE = /^[A-Z][A-Z0-9_]{0,63}$/;
const ID_REST = /^[\p{L}\p{N}][\p{L}\p{N}._/〔〕-]{0,127}$/u;
const DISTRICT = /^\d{2}(\d{2}){0,2}$/;

/** Every mistake of the terms, 200 at most, in the order of their parts; none when they can be proposed. */
export function mistakesOf(terms: Terms, catalogue: Catalogue): Mistake[] {
  const mistakes = [
    ...mistakesOfId(terms),
    ...mistakesOfPurposes(terms),
    ...mistakesOfTime(terms, catalogue),
    ...mistakesOfQuota(terms),
    ...list(terms.clauses, ['clauses'], 'clauses', TERMS_MAX.clauses),
    ...terms.clauses.flatMap((clause, place) => mistakesOfClause(clause, place, terms.provider, catalogue)),
  ];
  return mistakes.slice(0, MISTAKES_MAX);
}

/** The id of an agreement begins with its provider: no agency can take another's, or find out which there are. */
function mistakesOfId({ id, provider }: Terms): Mistake[] {
  if (id.startsWith(`${provider}/`) && ID_REST.test(id.slice(provider.length + 1))) return [];
  const message = `id must begin with ${provider}/ and go on with up to 128 letters, digits and ._/-`;
  return [{ path: ['id'], message }];
}

function mistakesOfPurposes({ purposes, covertDays }: Terms): Mistake[] {
  return [
    ...list(purposes, ['purposes'], 'purposes', TERMS_MAX.purposes),
    ...purposes.flatMap((purpose, place) =>
      PURPOSE.test(purpose)
        ? []
        : [
            {
              path: ['purposes', place],
              message: `purpose ${place + 1} is no code: write up to 64 capital letters, digits and _, beginning with a letter`,
            },
          ],
    ),
    ...Object.entries(covertDays).flatMap(([purpose, days]) => {
      const path = ['covertDays', purpose];
      if (!purposes.includes(purpose))
        return [{ path, message: `covertDays names ${purpose}, which is not among the purposes` }];
      if (Number.isInteger(days) && days >= 1 && days <= TERMS_MAX.covertDays) return [];
      return [{ path, message: `covertDays of ${purpose} must be from 1 to ${TERMS_MAX.covertDays} days` }];
    }),
  ];
}

function mistakesOfTime({ validFrom, validTo }: Terms, { isDay }: Catalogue): Mistake[] {
  const unreal = Object.entries({ validFrom, validTo })
    .filter(([, day]) => !isDay(day))
    .map(([name]) => ({ path: [name], message: `${name} is not a day: write one that exists, as YYYY-MM-DD` }));
  if (unreal.length > 0) return unreal;
  if (validTo < validFrom) return [{ path: ['validTo'], message: 'validTo is before validFrom' }];
  // As text: the 29th of February of a year without one still divides the days before from those after it.
  const end = `${Number(validFrom.slice(0, 4)) + TERMS_MAX.years}${validFrom.slice(4)}`;
  if (validTo < end) return [];
  return [{ path: ['validTo'], message: `validTo is more than ${TERMS_MAX.years} years after validFrom` }];
}

function mistakesOfQuota({ personsPerDay, clauses }: Terms): Mistake[] {
  if (personsPerDay === null) return [];
  // Persons are counted when they were reached, and a change that was made cannot be kept back.
  if (clauses.some(({ verbs }) => verbs.includes('REVIEW'))) {
    const message = 'personsPerDay cannot be kept for REVIEW: grant REVIEW in an agreement of its own, without it';
    return [{ path: ['personsPerDay'], message }];
  }
  if (Number.isInteger(personsPerDay) && personsPerDay >= 1 && personsPerDay <= TERMS_MAX.personsPerDay) return [];
  const message = `personsPerDay must be a whole number from 1 to ${TERMS_MAX.personsPerDay}, or left out for no limit`;
  return [{ path: ['personsPerDay'], message }];
}

function mistakesOfClause(clause: Clause, place: number, provider: string, catalogue: Catalogue): Mistake[] {
  const path = ['clauses', place];
  const where = `clause ${place + 1}`;
  const kind = catalogue.kinds.find((known) => known.kind === clause.recordKind);
  if (!kind || kind.provider !== provider) {
    const own = catalogue.kinds.filter((known) => known.provider === provider).map((known) => known.kind);
    const message = kind
      ? `${where}: ${clause.recordKind} is ${kind.provider}'s to give, not ${provider}'s`
      : `${where}: there is no record kind ${clause.recordKind}; ${provider} has ${own.join(', ') || 'none'}`;
    return [{ path: [...path, 'recordKind'], message }];
  }
  return [
    ...list(clause.fields, [...path, 'fields'], `${where}: fields`, TERMS_MAX.fields),
    ...list(clause.verbs, [...path, 'verbs'], `${where}: verbs`, VERBS.length),
    ...clause.verbs.flatMap((verb, at) =>
      VERBS.includes(verb)
        ? []
        : [{ path: [...path, 'verbs', at], message: `${where}: ${verb} is no verb: write ${VERBS.join(', ')}` }],
    ),
    ...clause.fields.flatMap((field, at) => mistakesOfField(clause, field, [...path, 'fields', at], where, kind)),
    ...Object.entries(clause.masks ?? {}).flatMap(([field, mask]) =>
      mistakesOfMask(clause, field, mask, [...path, 'masks', field], where, kind),
    ),
    ...mistakesOfDistricts(clause, path, where, kind, catalogue),
  ];
}

function mistakesOfField(
  { verbs }: Clause,
  field: string,
  path: Mistake['path'],
  where: string,
  { kind, fields }: GrantableKind,
): Mistake[] {
  const known = fields.find(({ name }) => name === field);
  if (!known) return [{ path, message: `${where}, field ${field}: ${kind} has no such field` }];
  if (!known.isAnswer || verbs.includes('VERIFY')) return [];
  return [{ path, message: `${where}, field ${field}: a one-bit answer is granted by VERIFY: add it to the verbs` }];
}

function mistakesOfMask(
  { fields }: Clause,
  field: string,
  mask: Mask,
  path: Mistake['path'],
  where: string,
  kind: GrantableKind,
): Mistake[] {
  const at = `${where}, field ${field}`;
  if (!MASKS.includes(mask)) return [{ path, message: `${at}: ${mask} is no mask: write ${MASKS.join(', ')}` }];
  if (!fields.includes(field)) return [{ path, message: `${at}: it is masked, but not among the clause's fields` }];
  const known = kind.fields.find(({ name }) => name === field);
  if (!known || known.masks.includes(mask)) return [];
  const fits = known.masks.join(' or ');
  return [{ path, message: `${at}: mask ${mask} does not fit it: write ${fits}` }];
}

function mistakesOfDistricts(
  { districts = [] }: Clause,
  path: Mistake['path'],
  where: string,
  { kind, hasDistricts }: GrantableKind,
  { isProvince }: Catalogue,
): Mistake[] {
  if (districts.length === 0) return [];
  const own = [...path, 'districts'];
  if (!hasDistricts)
    return [{ path: own, message: `${where}: ${kind} records belong to no district: leave districts out` }];
  return [
    ...list(districts, own, `${where}: districts`, TERMS_MAX.districts),
    ...districts.flatMap((district, at) =>
      DISTRICT.test(district) && isProvince(district.slice(0, 2))
        ? []
        : [
            {
              path: [...own, at],
              message: `${where}: district ${district} is none: write the first 2, 4 or 6 digits of a GB/T 2260 code`,
            },
          ],
    ),
  ];
}

/** A list that is empty, too long, or says something twice. */
function list(items: readonly unknown[], path: Mistake['path'], what: string, max: number): Mistake[] {
  if (items.length === 0) return [{ path, message: `${what} are missing: write at least one` }];
  if (items.length > max) return [{ path, message: `${what} are more than ${max}` }];
  return items.flatMap((item, place) =>
    typeof item === 'string' && items.indexOf(item) < place
      ? [{ path: [...path, place], message: `${what}: ${item} stands there twice` }]
      : [],
  );
}
