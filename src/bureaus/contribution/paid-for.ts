import { Arg, type ClassType, Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import { badInput } from '../bad-input';
import { SCHEME } from '../codes';
import type { BureauContext } from '../context';
import { code, graphqlType } from '../form';
import { Answer, existence, oneBit } from '../one-bit';
import type { PersonReference } from '../read';
import { recordKind, tags } from '../record';
import { Contribution } from './contribution';

const Scheme = graphqlType(code(SCHEME, { name: 'Scheme' }), 'Scheme · 险种') as object;

type Paid = readonly [scheme: string, period: string, status: string];

/** `Person.paidFor`: a contribution for the period is paid and was not refunded. */
export function paidFor(Person: ClassType): ClassType {
  @Resolver(() => Person)
  class PaidFor {
    @FieldResolver(() => Answer, {
      nullable: true,
      description: 'Whether a contribution was paid for a period · 某费款所属期是否已缴费',
    })
    @Directive('@requires(fields: "keys knownAt")')
    @tags('kind/contribution', 'verb/VERIFY')
    paidFor(
      @Root() person: PersonReference,
      @Arg('period', () => String, { description: 'YYYY-MM for employees, YYYY for residents · 费款所属期' })
      period: string,
      @Arg('scheme', () => Scheme, { description: 'The scheme · 险种' }) scheme: string,
      @Ctx() context: BureauContext,
    ): Promise<Answer> {
      const shape = scheme === 'EMPLOYEE' ? /^\d{4}-(0[1-9]|1[0-2])$/ : /^\d{4}$/;
      if (!shape.test(period))
        throw badInput(`period of ${scheme} must be ${scheme === 'EMPLOYEE' ? 'YYYY-MM' : 'YYYY'}`);
      const fits = ([of, when, status]: Paid) => of === scheme && when === period && status === 'PAID';
      return oneBit<Paid>(recordKind(Contribution), 'r.scheme, r.period, r.status', person, context, (known) =>
        // What is paid stays known; what is not may still be paid until the period is over.
        known.rows.some(fits) ? Answer.YES : existence(known, lastDay(period), fits),
      );
    }
  }
  return PaidFor;
}

/** The last day of a period; of months the 31st, which is on or after it. */
function lastDay(period: string): string {
  return period.length === 4 ? `${period}-12-31` : `${period}-31`;
}
