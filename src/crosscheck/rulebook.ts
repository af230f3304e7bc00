/** The rules in force, found by reading `rules/`: a new rule is one file and its test, and nothing else is edited. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Rule, recordKindNames } from './rule';

const FOLDER = path.join(__dirname, 'rules');

let found: readonly Rule[] | undefined;

/**
 * Every rule, in the order of their codes.
 * @throws when a file exports no rule, is not called by its code, or two rules have one code
 */
export function allRules(): readonly Rule[] {
  found ??= readdirSync(FOLDER)
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'))
    .map(ruleIn)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
  return found;
}

/** The rule of a code. @throws when there is none, naming those there are */
export function ruleOf(code: string): Rule {
  const rule = allRules().find((each) => each.code === code);
  if (rule) return rule;
  throw new Error(
    `There is no rule ${code}: the rules are ${allRules()
      .map((each) => each.code)
      .join(', ')}.`,
  );
}

/** The kinds of record a rule reads. */
export function kindsRead(rule: Rule): string[] {
  return recordKindNames.filter((kind) => rule.reads.some((field) => field.startsWith(`${kind}.`)));
}

function ruleIn(file: string): Rule {
  const { rule } = require(path.join(FOLDER, file)) as { rule?: Rule };
  if (!rule) throw new Error(`crosscheck/rules/${file} must export a rule.`);
  if (rule.code.toLowerCase() !== path.parse(file).name)
    throw new Error(`crosscheck/rules/${file} must be called by its code, ${rule.code.toLowerCase()}.`);
  return rule;
}
