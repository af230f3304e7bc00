import type { Command } from 'commander';
import { shanghaiDay } from '../bureaus/calendar';
import { writeDemoCity } from '../demo/city';
import { dayOption, wholeNumber } from './options';
import { printJson, printLine, table } from './print';
import { complain } from './session';

export function addTo(program: Command): void {
  program
    .command('demo')
    .description('write a demo city as a delivery: invented people, with planted doubtful claims')
    .requiredOption('--out <dir>', 'directory of the delivery')
    .option('--persons <number>', 'how many people', wholeNumber(1, 10_000_000), 5_000)
    .option('--seed <number>', 'the same seed gives the same city', wholeNumber(0, 2 ** 31), 1)
    .option('--as-of <day>', 'the day for which the city stands, YYYY-MM-DD (default: today)', dayOption)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan demo --persons 5000 --seed 1 --out ./demo-city')
    .action(async (options: { out: string; persons: number; seed: number; asOf?: string; json?: boolean }) => {
      try {
        const city = await writeDemoCity({ ...options, asOf: options.asOf ?? shanghaiDay(new Date()) });
        if (options.json) printJson(city);
        else
          printLine(
            `${table(['file', 'rows'], Object.entries(city.files))}\n${city.planted.length} planted findings, ${city.traps.length} traps`,
          );
      } catch (error) {
        complain(error);
        process.exitCode = 1;
      }
    });
}
