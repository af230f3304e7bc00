import { Arg, type ClassType, Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import type { BureauContext } from '../context';
import { Answer, existence, oneBit } from '../one-bit';
import type { PersonReference } from '../read';
import { recordKind, tags } from '../record';
import { DateScalar } from '../scalars';
import { PovertyMonitoring } from './poverty';

type Monitored = readonly [from: string, to: string | null];

/** `Person.monitoredOn`: monitored on `[identifiedOn, riskRemovedOn)`. */
export function monitoredOn(Person: ClassType): ClassType {
  @Resolver(() => Person)
  class MonitoredOn {
    @FieldResolver(() => Answer, {
      nullable: true,
      description: 'Whether monitored against relapse into poverty on a day · 某日是否为防止返贫监测对象',
    })
    @Directive('@requires(fields: "keys knownAt")')
    @tags('kind/poverty', 'verb/VERIFY')
    monitoredOn(
      @Root() person: PersonReference,
      @Arg('date', () => DateScalar, { description: 'The day · 日期' }) date: string,
      @Ctx() context: BureauContext,
    ): Promise<Answer> {
      const columns = 'r.identified_on, r.risk_removed_on';
      return oneBit<Monitored>(recordKind(PovertyMonitoring), columns, person, context, (known) =>
        existence(known, date, ([from, to]) => from <= date && (to === null || date < to)),
      );
    }
  }
  return MonitoredOn;
}
