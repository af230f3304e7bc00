#!/usr/bin/env node
/** `heyan <command>`. Each command is a file of `cli/`. */
import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { addCheck } from './cli/check';
import { addCompose } from './cli/compose';
import { addDemo } from './cli/demo';
import { addFindings } from './cli/findings';
import { addLoad } from './cli/load';
import { addNightly } from './cli/nightly';
import { addServe } from './cli/serve';
import { addStart } from './cli/start';
import { addToken } from './cli/token';

const WRONG_USAGE = 2;

const program = new Command('heyan')
  .description(
    'Heyan (核验): bureaus share records under agreements; claims are cross-checked against deaths and lost eligibility',
  )
  .showHelpAfterError()
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

for (const add of [addStart, addServe, addLoad, addNightly, addCheck, addFindings, addToken, addCompose, addDemo])
  add(program);
for (const command of program.commands) command.exitOverride().showHelpAfterError();

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed what it had to say; help that was asked for is no mistake.
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
});
