import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readConfig } from '../config';
import { openCallSigner } from '../federation/signed-caller';
import { complain } from './session';

export function addTo(program: Command): void {
  program
    .command('hub-keys')
    .description('write the public keys by which bureaus on their own premises know this hub; made at first use')
    .option('--out <file>', 'file to write (default: stdout)')
    .option('--json', 'one JSON document on stdout, as without --out')
    .addHelpText('after', '\nExample:\n  heyan hub-keys --out hub-keys.json')
    .action(async ({ out }: { out?: string }) => {
      try {
        const { keys } = await openCallSigner(readConfig().dataDirectory);
        const text = `${JSON.stringify(keys, null, 2)}\n`;
        if (out === undefined) process.stdout.write(text);
        else writeFileSync(out, text);
      } catch (error) {
        complain(error);
        process.exitCode = 1;
      }
    });
}
