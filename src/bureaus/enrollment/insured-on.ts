import { Arg, type ClassType, Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import { SCHEME } from '../codes';
import type { BureauContext } from '../context';
import { code, graphqlType } from '../form';
import { Answer, existence, oneBit } from '../one-bit';
import type { PersonReference } from '../read';
import { recordKind, tags } from '../record';
import { DateScalar } from '../scalars';
import { Enrollment } from './enrollment';

const Scheme = graphqlType(code(SCHEME, { name: 'Scheme' }), 'Scheme · 险种') as object;

type Coverage = readonly [scheme: string, from: string, to: string | null, status: string];

/** `Person.insuredOn`: covered on a day is within `[startDate, endDate)` of an enrolment that is not suspended. */
export function insuredOn(Person: ClassType): ClassType {
  @Resolver(() => Person)
  class InsuredOn {
    @FieldResolver(() => Answer, {
      nullable: true,
      description: 'Whether insured on a day · 某日是否参保',
    })
    @Directive('@requires(fields: "keys knownAt")')
    @tags('kind/enrollment', 'verb/VERIFY')
    insuredOn(
      @Root() person: PersonReference,
      @Arg('date', () => DateScalar, { description: 'The day · 日期' }) date: string,
      @Arg('scheme', () => Scheme, { nullable: true, description: 'The scheme; any when not given · 险种' })
      scheme: string | null,
      @Ctx() context: BureauContext,
    ): Promise<Answer> {
      const columns = 'r.scheme, r.start_date, r.end_date, r.status';
      return oneBit<Coverage>(recordKind(Enrollment), columns, person, context, (known) =>
        existence(
          known,
          date,
          ([of, from, to, status]) =>
            (scheme == null || of === scheme) && status !== 'SUSPENDED' && from <= date && (to === null || date < to),
        ),
      );
    }
  }
  return InsuredOn;
}
