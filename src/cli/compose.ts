import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { bureaus } from '../bureaus/bureau';
import { compose } from '../gateway/compose';
import { hubPart } from '../hub/hub';
import { buildSchema } from '../subgraph/subgraph';
import { complain } from './session';

/** The composed graph of every bureau and the hub, as `schema.graphql` keeps it. */
export function composedGraph(): string {
  return `${compose([...bureaus(), hubPart].map((part) => ({ name: part.name, sdl: buildSchema(part).sdl }))).supergraph}\n`;
}

export function addTo(program: Command): void {
  program
    .command('compose')
    .description('write the supergraph: the whole graph, for gateways and routers')
    .option('--out <file>', 'file to write (default: stdout)')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan compose --out schema.graphql')
    .action((options: { out?: string; json?: boolean }) => {
      try {
        const supergraph = composedGraph();
        if (options.out) writeFileSync(options.out, supergraph);
        else process.stdout.write(options.json ? `${JSON.stringify({ supergraph })}\n` : supergraph);
      } catch (error) {
        complain(error);
        process.exitCode = 1;
      }
    });
}
