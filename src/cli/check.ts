import { type Command, InvalidArgumentError } from 'commander';
import { backTest } from '../hub/back-test';
import { runCheck } from '../hub/nightly';
import { dayOption } from './options';
import { printJson, printLine } from './print';
import { backTestText, checkText } from './reports';
import { inSession } from './session';

interface Options {
  asOf?: string;
  knownAt?: string;
  rule?: string[];
  set: Record<string, number>;
  full?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export function addTo(program: Command): void {
  const command = program
    .command('check')
    .description('run the rules over what the cross-check has followed so far')
    .option('--as-of <day>', 'day for which they are run, YYYY-MM-DD (default: today)', dayOption)
    .option('--rule <codes...>', 'only these rules')
    .option('--full', 'every person, not only those of whom something changed since the last run')
    .option('--dry-run', 'say what would change of the findings, with ten examples of each rule, and keep nothing')
    .option('--set <name=number>', 'with --dry-run: another value for a parameter; may be given again', setOption, {})
    .option('--known-at <day>', 'with --dry-run: with what was known by the end of that day', dayOption)
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  heyan check --as-of 2026-06-30 --rule D1 D3' +
        '\n  heyan check --as-of 2026-06-30 --known-at 2026-05-31 --rule D1 --set graceDays=3 --dry-run',
    );
  command.action((options: Options) => {
    const isTrial = options.knownAt !== undefined || Object.keys(options.set).length > 0;
    if (isTrial && !options.dryRun)
      command.error('error: --set and --known-at try rules out: add --dry-run, which keeps nothing', { exitCode: 2 });
    return inSession(async ({ database, hub, today }) => {
      const { rule: rules, knownAt, set, full, json } = options;
      const asOf = options.asOf ?? knownAt ?? today;
      if (options.dryRun) {
        const report = await backTest(database, await hub(), { asOf, knownAt, rules, set });
        if (json) printJson(report);
        else printLine(backTestText(report));
        return;
      }
      const report = await runCheck(database, await hub(), { asOf, rules, touchedOnly: !full });
      if (json) printJson(report);
      else printLine(checkText(report));
    });
  });
}

function setOption(text: string, before: Record<string, number>): Record<string, number> {
  const match = /^([A-Za-z]{1,40})=(\d{1,6})$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write name=number, such as graceDays=3.');
  return { ...before, [match[1] as string]: Number(match[2]) };
}
