import { Arg, type ClassType, Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import type { BureauContext } from '../context';
import { Answer, type Knowledge, oneBit } from '../one-bit';
import type { PersonReference } from '../read';
import { recordKind, tags } from '../record';
import { DateScalar } from '../scalars';
import { Death } from './death';

/** What the household register hands on about a person, so that nobody is said to be alive or dead on one bureau's word alone. */
export interface Registration {
  /** Name keys of the person's standing register entries; empty when there is none. */
  registeredNames?: readonly string[] | null;
  /** Whether an entry of theirs is active. */
  registeredActive?: boolean | null;
}

export type Document = readonly [deathDate: string, precision: string | null, status: string, nameKey: string];

/** `Person.aliveOn`, and the part of `Person` it needs. */
export function aliveOn(Person: ClassType): ClassType {
  @Resolver(() => Person)
  class AliveOn {
    @FieldResolver(() => Answer, {
      nullable: true,
      description:
        'Whether alive on a day, by documents of death and the household register together; UNKNOWN where they do not agree · 某日是否在世',
    })
    @Directive('@requires(fields: "keys knownAt registeredNames registeredActive")')
    @tags('kind/death', 'verb/VERIFY', 'also/household.aliveOn')
    aliveOn(
      @Root() person: PersonReference & Registration,
      @Arg('date', () => DateScalar, { description: 'The day · 日期' }) date: string,
      @Ctx() context: BureauContext,
    ): Promise<Answer> {
      const columns = `r.death_date, r.date_precision, r.status, encode(r.name_key, 'hex')`;
      return oneBit<Document>(recordKind(Death), columns, person, context, (known) => judge(known, person, date));
    }
  }
  return AliveOn;
}

/**
 * Dead before a day is who has a valid document of death under their registered name whose latest possible day is earlier; alive is whose
 * documents are all of later days, or who has none and is actively registered. Everything else is not known: a document under another name
 * may be another person's, and who was never registered here cannot be vouched for.
 */
export function judge(
  { rows, completeTo, isPartial }: Knowledge<Document>,
  { registeredNames, registeredActive }: Registration,
  date: string,
): Answer {
  const valid = rows.filter(([, , status]) => status === 'VALID');
  const names = registeredNames ?? [];
  if (valid.some(([, , , name]) => names.length > 0 && !names.includes(name))) return Answer.UNKNOWN;
  if (valid.length > 0) {
    const windows = valid.map(([day, precision]) => windowOf(day, precision));
    if (windows.every(({ latest }) => latest < date)) return Answer.NO;
    if (windows.every(({ earliest }) => date < earliest)) return Answer.YES;
    return Answer.UNKNOWN;
  }
  if (isPartial || date > completeTo || names.length === 0) return Answer.UNKNOWN;
  return registeredActive ? Answer.YES : Answer.UNKNOWN;
}

function windowOf(day: string, precision: string | null): { earliest: string; latest: string } {
  if (precision === 'YEAR') return { earliest: `${day.slice(0, 4)}-01-01`, latest: `${day.slice(0, 4)}-12-31` };
  if (precision === 'MONTH') return { earliest: `${day.slice(0, 7)}-01`, latest: `${day.slice(0, 7)}-31` };
  return { earliest: day, latest: day };
}
