import type { Command } from 'commander';
import { runCheck } from '../hub/nightly';
import { dayOption } from './options';
import { printJson, printLine } from './print';
import { checkText } from './reports';
import { inSession } from './session';

export function addTo(program: Command): void {
  program
    .command('check')
    .description('run the rules over what the cross-check has followed so far')
    .option('--as-of <day>', 'day for which they are run, YYYY-MM-DD (default: today)', dayOption)
    .option('--rule <codes...>', 'only these rules')
    .option('--full', 'every person, not only those of whom something changed since the last run')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan check --as-of 2026-06-30 --rule D1 D3')
    .action((options: { asOf?: string; rule?: string[]; full?: boolean; json?: boolean }) =>
      inSession(async ({ database, hub, today }) => {
        const report = await runCheck(database, await hub(), {
          asOf: options.asOf ?? today,
          rules: options.rule,
          touchedOnly: !options.full,
        });
        if (options.json) printJson(report);
        else printLine(checkText(report));
      }),
    );
}
