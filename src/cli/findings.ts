import { type Command, Option } from 'commander';
import { FindingState } from '../hub/codes';
import type { Hub } from '../hub/hub';
import { exportedCell } from '../sync/csv-cell';
import { addExport, addVerify } from './finding-file';
import { addReview } from './finding-review';
import { printJson, printLine, table } from './print';
import { inSession } from './session';

const PAGE = `query FindingsForExport($rule: String, $state: FindingState, $first: Int, $after: String) {
  findings(rule: $rule, state: $state, first: $first, after: $after) {
    edges { node { id version rule { code } subjectKind subject amount tier state class advice } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const PAGE_SIZE = 5_000;
const ALL = 'ALL';
/** What scripts parse: the text of it never changes. */
const COLUMNS = ['rule', 'subject_kind', 'subject', 'amount', 'tier', 'state', 'class', 'advice'] as const;

/** People need the id too: an export and a review ask for it. */
const SHOWN = ['id', ...COLUMNS] as const;

type Row = Record<(typeof SHOWN)[number], string> & { version: number };

interface Node {
  id: string;
  version: number;
  rule: { code: string };
  subjectKind: string;
  subject: string;
  amount: string;
  tier: string | null;
  state: string;
  class: string;
  advice: string;
}

/** Findings page by page, through the door like any reader: listing them is an event that the audit log keeps. */
async function* rowsOf(hub: Hub, { rule: ofRule, state }: { rule?: string; state?: string }): AsyncGenerator<Row> {
  let after: string | null = null;
  do {
    const { data } = await hub.ask(PAGE, {
      rule: ofRule,
      state: state === ALL ? null : state,
      first: PAGE_SIZE,
      after,
    });
    for (const { node } of data.findings.edges as { node: Node }[]) {
      // Withdrawn findings are kept, but they accuse nobody: they are listed when asked for.
      if (state === undefined && node.state === 'WITHDRAWN') continue;
      const { rule, subjectKind, tier, ...rest } = node;
      yield { ...rest, rule: rule.code, subject_kind: subjectKind, tier: tier ?? '' };
    }
    after = data.findings.pageInfo.hasNextPage ? data.findings.pageInfo.endCursor : null;
  } while (after);
}

export function addTo(program: Command): void {
  const findings = program
    .command('findings')
    .description('list findings; withdrawn ones only when asked for')
    .option('--rule <code>', 'only of this rule')
    .addOption(
      new Option('--state <state>', 'only in this state; ALL lists withdrawn findings too').choices([
        ...Object.keys(FindingState),
        ALL,
      ]),
    )
    .addOption(new Option('--format <format>', 'how to print them').choices(['table', 'csv', 'json']).default('table'))
    .option('--json', 'the same as --format json')
    .addHelpText('after', '\nExample:\n  heyan findings --state OPEN --format csv > findings.csv')
    .action((options: { rule?: string; state?: string; format: string; json?: boolean }) =>
      inSession(async (session) => {
        const rows = rowsOf(await session.hub(), { rule: options.rule, state: options.state });
        if (!options.json && options.format === 'csv') {
          printLine(COLUMNS.join(','));
          for await (const row of rows) printLine(COLUMNS.map((column) => exportedCell(row[column])).join(','));
          return;
        }
        const all: Row[] = [];
        for await (const row of rows) all.push(row);
        if (options.json || options.format === 'json') printJson(all);
        else if (all.length === 0) printLine('No findings.');
        else
          printLine(
            table(
              SHOWN,
              all.map((row) => SHOWN.map((column) => row[column])),
            ),
          );
      }),
    );
  addReview(findings);
  addExport(findings);
  addVerify(findings);
}
