import type { Command } from 'commander';
import { delivering, loadDelivery } from '../sync/load';
import { kindsHere } from './kinds-here';
import { printJson, printLine, progress } from './print';
import { deliveryText, loadStep } from './reports';
import { inSession } from './session';

export function addTo(program: Command): void {
  program
    .command('load')
    .description('load one delivery directory now')
    .argument('<dir>', 'directory of exchange files')
    .option('--kind <kinds...>', 'only these kinds of record')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan load ./delivery-2026-06-30 --kind death household')
    .action((directory: string, options: { kind?: string[]; json?: boolean }) =>
      inSession(async ({ config, database, hubKey }) => {
        const bar = progress();
        const report = await loadDelivery(database, {
          directory,
          kinds: kindsHere(config, options.kind),
          hubKey: await hubKey(),
          quarantineLimit: config.quarantineLimit,
          settings: delivering(config.bureaus),
          onProgress: (taken) => bar.show(loadStep(taken)),
        });
        bar.done();
        if (options.json) printJson(report);
        else printLine(deliveryText(report));
        return report.kinds.every((kind) => kind.state === 'COMPLETE') ? 0 : 1;
      }),
    );
}
