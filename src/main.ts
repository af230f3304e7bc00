#!/usr/bin/env node
/**
 * `heyan <command>`. Each command is a file of `cli/` that adds itself to the program. Only the one that is asked for is loaded: most of what a
 * command needs (the gateway, the planner, the page) takes longer to load than a small command takes to run.
 */
import 'reflect-metadata';
import { Command, CommanderError } from 'commander';

const COMMANDS = [
  'start',
  'serve',
  'load',
  'sync',
  'nightly',
  'check',
  'findings',
  'follow',
  'agreement',
  'audit',
  'token',
  'agency',
  'compose',
  'hub-keys',
  'demo',
] as const;
const WRONG_USAGE = 2;

// graphql-js checks for a second copy of itself at each `instanceof` unless told that this is no development.
process.env.NODE_ENV ??= 'production';

// A log that cannot be written, on a full disk for instance, is no reason to end what is being served.
process.stderr.on('error', () => undefined);

const program = new Command('heyan')
  .description(
    'Heyan (核验): bureaus share records under agreements; claims are cross-checked against deaths and lost eligibility',
  )
  .showHelpAfterError()
  // What follows a subcommand's name is the subcommand's, also where its parent has an option of the same name.
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

const asked = COMMANDS.filter((name) => name === process.argv[2]);
for (const name of asked.length > 0 ? asked : COMMANDS) {
  (require(`./cli/${name}`) as { addTo(program: Command): void }).addTo(program);
}
for (const command of program.commands) command.exitOverride().showHelpAfterError();

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed what it had to say; help that was asked for is no mistake.
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
});
