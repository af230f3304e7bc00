import { Arg, type ClassType, Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import type { BureauContext } from '../context';
import { Answer, existence, oneBit } from '../one-bit';
import type { PersonReference } from '../read';
import { recordKind, tags } from '../record';
import { DateScalar } from '../scalars';
import { Retirement } from './retirement';

/** `Person.retiredOn`: retired from the day of retirement on, whether or not the pension is being paid. */
export function retiredOn(Person: ClassType): ClassType {
  @Resolver(() => Person)
  class RetiredOn {
    @FieldResolver(() => Answer, { nullable: true, description: 'Whether retired on a day · 某日是否已退休' })
    @Directive('@requires(fields: "keys knownAt")')
    @tags('kind/retirement', 'verb/VERIFY')
    retiredOn(
      @Root() person: PersonReference,
      @Arg('date', () => DateScalar, { description: 'The day · 日期' }) date: string,
      @Ctx() context: BureauContext,
    ): Promise<Answer> {
      return oneBit<readonly [retiredOn: string]>(recordKind(Retirement), 'r.retired_on', person, context, (known) =>
        existence(known, date, ([since]) => since <= date),
      );
    }
  }
  return RetiredOn;
}
