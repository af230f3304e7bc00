import type { Command } from 'commander';
import { isComplete, type NightlyReport, runNightly } from '../hub/nightly';
import { kindsHere } from './kinds-here';
import { dayOption } from './options';
import { printJson, printLine, progress } from './print';
import { loadStep, nightlyText } from './reports';
import { inSession, type Session } from './session';

/** The chain with its progress shown. */
export async function nightly(session: Session, options: { from?: string; asOf?: string }): Promise<NightlyReport> {
  const bar = progress();
  const report = await runNightly(session.database, await session.hub(), {
    from: options.from,
    kinds: options.from === undefined ? undefined : kindsHere(session.config),
    settings: session.config.bureaus,
    signal: session.signal,
    asOf: options.asOf ?? session.today,
    hubKey: await session.hubKey(),
    quarantineLimit: session.config.quarantineLimit,
    onLoad: (taken) => bar.show(loadStep(taken)),
    onFollow: ({ kind, changes }) => bar.show({ what: kind, doing: 'following', count: changes, unit: 'changes' }),
  });
  bar.done();
  return report;
}

export function addTo(program: Command): void {
  program
    .command('nightly')
    .description('take in what bureaus deliver, follow the change feeds, run the rules')
    .option('--from <dir>', 'directory of exchange files to load, instead of the sources of heyan.yaml')
    .option('--as-of <day>', 'day for which the rules are run, YYYY-MM-DD (default: today)', dayOption)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan nightly\n  heyan nightly --from ./delivery --as-of 2026-06-30')
    .action((options: { from?: string; asOf?: string; json?: boolean }) =>
      inSession(async (session) => {
        const report = await nightly(session, options);
        if (options.json) printJson(report);
        else printLine(nightlyText(report));
        return isComplete(report) ? 0 : 1;
      }),
    );
}
