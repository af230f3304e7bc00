/** The reports of loads, follows and checks, as people read them. */
import { ruleOf } from '../crosscheck/rulebook';
import type { CheckReport } from '../crosscheck/run';
import type { NightlyReport } from '../hub/nightly';
import type { Run } from '../sync/run';
import type { DeliveryReport, Outcomes } from '../sync/report';
import { table } from './print';

const OUTCOMES = [
  'rowsIn',
  'inserted',
  'changed',
  'unchanged',
  'deleted',
  'stale',
  'quarantined',
] as const satisfies readonly (keyof Outcomes)[];
const HEAD = ['kind', 'rows in', 'inserted', 'changed', 'unchanged', 'deleted', 'stale', 'quarantined', 'state'];

/** Rows in and what became of them, by kind: each line adds up. */
export function deliveryText({ kinds, warnings }: DeliveryReport): string {
  const rows = kinds.map((kind) => [kind.kind, ...OUTCOMES.map((name) => kind[name]), kind.state]);
  const said = kinds.flatMap((kind) => [
    ...(kind.reason ? [`${kind.file}: ${kind.reason}`] : []),
    ...kind.warnings.map((warning) => `${kind.file}: ${warning}`),
  ]);
  return [table(HEAD, rows), ...warnings, ...said].join('\n');
}

/** The last run of each kind. */
export function runsText(runs: readonly Run[]): string {
  return table(
    HEAD,
    runs.map((run) => [run.kind, ...OUTCOMES.map((name) => run[name]), run.state]),
  );
}

/** Findings by rule; a rule that was skipped says why and shows no number. */
export function checkText({ asOf, rules }: CheckReport): string {
  const rows = rules.map((outcome) => {
    const { title } = ruleOf(outcome.rule);
    const name = `${title.en} · ${title.zh}`;
    return 'skipped' in outcome
      ? [outcome.rule, '-', '-', '-', `${name} (skipped: ${outcome.skipped.join('; ')})`]
      : [outcome.rule, String(outcome.found), String(outcome.opened), String(outcome.withdrawn), name];
  });
  return `Findings as of ${asOf}\n${table(['rule', 'findings', 'new', 'withdrawn', ''], rows)}`;
}

/** The whole chain. */
export function nightlyText({ delivery, follow, check }: NightlyReport): string {
  const followed = Object.entries(follow.changes).filter(([, changes]) => changes > 0);
  return [
    ...(delivery ? [`Delivery ${delivery.directory}\n${deliveryText(delivery)}`] : []),
    followed.length > 0
      ? `Followed ${followed.map(([kind, changes]) => `${changes} ${kind}`).join(', ')} changes`
      : 'Followed: nothing new',
    ...follow.failed.map(({ kind, reason }) => `The ${kind} feed could not be followed: ${reason}`),
    checkText(check),
  ].join('\n\n');
}
