/** The reports of loads, follows and checks, as people read them. */
import path from 'node:path';
import { ruleOf } from '../crosscheck/rulebook';
import type { CheckReport } from '../crosscheck/run';
import type { BackTest } from '../hub/back-test';
import { type NightlyReport, notFollowed } from '../hub/nightly';
import type { Preview } from '../sync/preview';
import { type DeliveryReport, type KindReport, type LoadProgress, OUTCOMES } from '../sync/report';
import type { Run } from '../sync/run';
import type { SyncReport } from '../sync/sync';
import { cut, type Step, table, width } from './print';

const HEAD = ['kind', 'rows in', 'inserted', 'changed', 'unchanged', 'deleted', 'stale', 'quarantined', 'state'];
const TIMED_HEAD = [...HEAD, 'seconds', 'rows/s'];

/** Rows in and what became of them, by kind: each line adds up, and so does the last, which is all of them together. */
export function deliveryText({ kinds, warnings }: Pick<DeliveryReport, 'kinds' | 'warnings'>): string {
  return [table(TIMED_HEAD, timedRows(kinds)), ...warnings, ...saidOf(kinds)].join('\n');
}

/** The same of sources, each with where it is and the chunks it came in. */
export function syncText({ kinds, waiting }: SyncReport): string {
  const nothing = 'Nothing to take in: no delivery is ready.';
  if (kinds.length === 0) return [nothing, ...waiting.map((delivery) => `waits  ${delivery}`)].join('\n');
  const sources = kinds.map(({ kind, source, file, chunks }) => {
    const isRegister = source === file;
    return [kind, isRegister || file === '' ? source : path.join(source, file), isRegister ? chunks : ''];
  });
  return [
    table(TIMED_HEAD, timedRows(kinds)),
    '',
    table(['kind', 'source', 'chunks'], sources),
    ...waiting.map((delivery) => `waits  ${delivery}`),
    ...saidOf(kinds),
  ].join('\n');
}

function timedRows(kinds: readonly KindReport[]): (string | number)[][] {
  const timed = (name: string, state: string, of: readonly KindReport[]) => {
    const seconds = of.reduce((sum, one) => sum + one.seconds, 0);
    const counts = OUTCOMES.map((outcome) => of.reduce((sum, one) => sum + one[outcome], 0));
    const rate = seconds > 0 ? Math.round((counts[0] as number) / seconds) : 0;
    return [name, ...counts, state, Math.round(seconds * 10) / 10, rate];
  };
  const rows = kinds.map((one) => timed(one.kind, one.state, [one]));
  return kinds.length > 1 ? [...rows, timed('all', '', kinds)] : rows;
}

function saidOf(kinds: readonly KindReport[]): string[] {
  return kinds.flatMap(({ kind, file, state, reason, commonestFault, quarantined, warnings }) => {
    // A reason says it itself.
    const kept = commonestFault && state !== 'REJECTED' ? [`${quarantined} in quarantine (${commonestFault})`] : [];
    return [...(reason ? [reason] : []), ...kept, ...warnings].map((says) => `${file || kind}: ${says}`);
  });
}

/** How far taking in has come. A writing transaction tells nothing until it ends. */
export function loadStep({ file, phase, rows, bytesRead, bytesTotal }: LoadProgress): Step {
  return {
    what: file,
    doing: phase.toLowerCase(),
    count: rows,
    ...(bytesTotal > 0 && { share: bytesRead / bytesTotal }),
  };
}

/** What would come of a source: its exchange columns from top to bottom, its first rows from left to right as far as the terminal is wide. */
export function previewText(preview: Preview, quarantineLimit: number, columns = 160): string {
  const { kind, source, fault, rowsRead, more, warnings, quarantined } = preview;
  const head = `${kind} from ${source}`;
  if (fault) return [`${head}: nothing could be taken`, `${source} ${fault}`, ...warnings].join('\n');
  const bad = quarantined.reduce((sum, { rows }) => sum + rows, 0);
  const share = rowsRead > 0 ? bad / rowsRead : 0;
  const beyond =
    share > quarantineLimit
      ? `, more than the limit of ${Math.round(quarantineLimit * 100)} %: nothing would be taken`
      : '';
  return [
    head,
    '',
    previewTable(preview, columns),
    '',
    `${rowsRead} rows were read${more ? ', more follow' : ''}; ${bad} would be quarantined${beyond}`,
    ...(bad > 0
      ? [
          table(
            ['rows', 'reason', 'lines'],
            quarantined.map(({ rows, reason, lines }) => [
              rows,
              reason,
              `${lines.join(', ')}${rows > lines.length ? ', …' : ''}`,
            ]),
          ),
        ]
      : []),
    ...warnings,
    'Nothing was written.',
  ].join('\n');
}

/** A timestamp is as long. */
const CELL_PLACES_MAX = 25;

function previewTable({ columns, rows }: Preview, places: number): string {
  const line = (name: string, from: string, cells: readonly string[]) => [
    name,
    from,
    ...cells.map((cell) => cut(cell.replace(/\p{Cc}/gu, ' '), CELL_PLACES_MAX)),
  ];
  const lines = columns.map(({ column, from }, at) =>
    line(
      column,
      from,
      rows.map(({ cells }) => cells[at] ?? ''),
    ),
  );
  const becomes = line(
    '',
    '',
    rows.map(({ isQuarantined }) => (isQuarantined ? 'quarantined' : 'taken')),
  );
  const head = ['column', 'from', ...rows.map((row) => `line ${row.line}`)];
  for (let shown = rows.length; shown > 1; shown--) {
    const text = table(
      head.slice(0, shown + 2),
      [...lines, becomes].map((one) => one.slice(0, shown + 2)),
    );
    if (text.split('\n').every((one) => width(one) <= places)) return text;
  }
  return table(
    head.slice(0, 3),
    [...lines, becomes].map((one) => one.slice(0, 3)),
  );
}

/** The last run of each kind. */
export function runsText(runs: readonly Run[]): string {
  return table(
    HEAD,
    runs.map((run) => [run.kind, ...OUTCOMES.map((name) => run[name]), run.state]),
  );
}

/** Findings by rule; a rule that was skipped says why and shows no number, one that reads a late kind says which. */
export function checkText({ asOf, persons, rules }: CheckReport): string {
  const rows = rules.map((outcome) => {
    const { title } = ruleOf(outcome.rule);
    const name = `${title.en} · ${title.zh}`;
    if ('skipped' in outcome)
      return [outcome.rule, '-', '-', '-', '-', `${name} (skipped: ${outcome.skipped.join('; ')})`];
    const { rule, found, opened, withdrawn, contradicted, late } = outcome;
    const restsOn = late ? ` (rests on what is late: ${late.join(', ')})` : '';
    return [rule, String(found), String(opened), String(withdrawn), String(contradicted), `${name}${restsOn}`];
  });
  const whom =
    persons === null ? 'everyone' : `${persons} ${persons === 1 ? 'person' : 'persons'} of whom something changed`;
  return `Findings as of ${asOf}; checked: ${whom}\n${table(['rule', 'findings', 'new', 'withdrawn', 'contradicted', ''], rows)}`;
}

const COMPARED = {
  STANDING: 'compared with the findings that stand',
  UNCHANGED_RULES: 'compared with the rules as they are',
};

/** What rules tried out would find and change, with examples. */
export function backTestText({ asOf, knownAt, comparedWith, rules }: BackTest): string {
  const rows = rules.map((trial) => {
    if ('skipped' in trial) return [trial.rule, '-', '-', '-', '-', '-', `skipped: ${trial.skipped.join('; ')}`];
    const { rule, found, amount, opened, changed, lost, parameters } = trial;
    const values = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    return [rule, found, amount, ...(comparedWith ? [opened, changed, lost] : ['-', '-', '-']), values.join(' ')].map(
      String,
    );
  });
  const examples = rules.flatMap((trial) =>
    'skipped' in trial
      ? []
      : trial.examples.map(({ fate, subjectKind, subject, amount, tier }) => [
          trial.rule,
          comparedWith ? fate.toLowerCase() : '',
          subjectKind,
          subject,
          amount,
          tier ?? '',
        ]),
  );
  return [
    `Tried out as of ${asOf}, with what ${knownAt ? `was known by the end of ${knownAt}` : 'is known now'}${comparedWith ? `; ${COMPARED[comparedWith]}` : ''}. Nothing was kept.`,
    table(['rule', 'findings', 'amount', 'opened', 'changed', 'lost', 'parameters'], rows),
    ...(examples.length > 0 ? [table(['rule', 'would be', 'kind', 'subject', 'amount', 'tier'], examples)] : []),
  ].join('\n\n');
}

/** The whole chain. */
export function nightlyText({ delivery, sync, follow, check }: NightlyReport): string {
  const followed = Object.entries(follow.changes).filter(([, changes]) => changes > 0);
  return [
    ...(delivery ? [`Delivery ${delivery.directory}\n${deliveryText(delivery)}`] : []),
    ...(sync ? [`Sources\n${syncText(sync)}`] : []),
    followed.length > 0
      ? `Followed ${followed.map(([kind, changes]) => `${changes} ${kind}`).join(', ')} changes`
      : 'Followed: nothing new',
    ...notFollowed(follow),
    checkText(check),
  ].join('\n\n');
}
