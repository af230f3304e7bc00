/** Who uses a field: the agreements that share it, and the rules of the cross-check that read it. */
import type { DataSource } from 'typeorm';
import { allRules } from '../crosscheck/rulebook';
import { Agreement, stateOn } from '../sharing/agreement';

export interface UsersOfField {
  /** Agreements in force or on their way to it that name the field, and the agencies that use it by them. */
  agreements: { id: string; agency: string }[];
  /** Codes of rules. */
  rules: string[];
}

/** The users of a field, given as `kind.field`, on a day. */
export async function usersOf(
  dataSource: DataSource,
  fields: readonly string[],
  day: string,
): Promise<Map<string, UsersOfField>> {
  const all = await dataSource.getRepository(Agreement).find({ order: { id: 'ASC' } });
  const counting = all.filter((agreement) => ['APPROVED', 'PROPOSED'].includes(stateOn(agreement, day)));
  return new Map(
    fields.map((name) => {
      const [kind, field] = name.split('.') as [string, string];
      const agreements = counting
        .filter(({ clauses }) => clauses.some((clause) => clause.recordKind === kind && clause.fields.includes(field)))
        .map(({ id, agency }) => ({ id, agency }));
      const rules = allRules().filter((rule) => rule.reads.some((read) => read === name));
      return [name, { agreements, rules: rules.map(({ code }) => code) }];
    }),
  );
}
