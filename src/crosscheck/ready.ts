/**
 * Which rules can run, with which values: a rule that may not read a field, or reads a kind that was never delivered or not followed to its
 * end, cannot, and says what is missing.
 */
import type { ClientBase } from 'pg';
import type { RunningRule } from './judge';
import { type Parameters, type RecordKindName, type Rule, recordKindNames } from './rule';
import { allRules, kindsRead } from './rulebook';

/** What is known, granted and asked for. */
export interface Conditions {
  /** Codes; all rules unless given. */
  rules?: readonly string[];
  /** The fields a rule reads that are not granted, none unless given. */
  granted?: (rule: Rule) => readonly string[];
  /** The last complete delivery of each kind (ISO 8601), null or absent where there was none. */
  freshness: Partial<Record<RecordKindName, string | null>>;
  /** Kinds whose bureau is late, and since when (ISO 8601). Rules run on what is known, and their report says so. */
  late?: Readonly<Record<string, string>>;
  /** Under which agreement each field of a rule is read, by field. */
  agreements?: (rule: Rule) => Readonly<Record<string, string>>;
  /** Other values for a rule's parameters, by code. */
  parameters?: Readonly<Record<string, Parameters>>;
}

/** What keeps a rule from running, as sentences; none when it can run. */
export async function missingByRule(
  client: ClientBase,
  { granted, freshness }: Conditions,
): Promise<(rule: Rule) => string[]> {
  const { rows } = await client.query<{ kind: string }>(
    `select kind from matching.progress where not behind and not unsettled`,
  );
  const followed = new Set(rows.map(({ kind }) => kind));
  const missingKind = (kind: RecordKindName): string[] => {
    if (!freshness[kind]) return [`${kind} has never had a complete delivery`];
    return followed.has(kind) ? [] : [`the change feed of ${kind} has not been followed to its end`];
  };
  return (rule) => [
    ...(granted?.(rule) ?? []).map((field) => `${field} is not granted`),
    ...recordKindNames.filter((kind) => kindsRead(rule).includes(kind)).flatMap(missingKind),
  ];
}

/** The kinds a rule reads whose bureau is late. */
export function lateKinds(rule: Rule, { late = {} }: Conditions): RecordKindName[] {
  return recordKindNames.filter((kind) => kind in late && kindsRead(rule).includes(kind));
}

/**
 * A rule with the values it runs with.
 * @throws when a value is given for a parameter that the rule has not, or is no whole number from 0 on
 */
export function running(rule: Rule, { parameters, agreements }: Conditions): RunningRule {
  const values = { ...rule.parameters, ...parameters?.[rule.code] };
  for (const [name, value] of Object.entries(values)) {
    if (!(name in rule.parameters)) throw new Error(`Rule ${rule.code} has no parameter ${name}.`);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new Error(`Parameter ${name} of rule ${rule.code} must be a whole number, not ${value}.`);
  }
  return { rule, parameters: values, agreements: agreements?.(rule) ?? {} };
}

/** Rules that were not asked for but tell the same wrong better: they are evaluated, and their findings left alone. */
export function supersedersOf(ready: readonly RunningRule[], missing: (rule: Rule) => string[]): Rule[] {
  const codes = new Set(ready.flatMap(({ rule }) => rule.supersededBy ?? []));
  for (const { rule } of ready) codes.delete(rule.code);
  return allRules().filter((rule) => codes.has(rule.code) && missing(rule).length === 0);
}
