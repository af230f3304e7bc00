/**
 * A schema as one short text that two sides can compare: SHA-256 of what it says, whatever the order it is written in and how it is described. It goes
 * along with each answer of a bureau, and stands in the supergraph for what the bureau served when the graph was composed.
 */
import { createHash } from 'node:crypto';
import { Kind, parse, print, visit } from 'graphql';

/** 64 hex digits. */
export function schemaHash(sdl: string): string {
  const plain = visit(parse(sdl, { noLocation: true }), {
    enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
    leave: (node) => {
      if (node.kind === Kind.DOCUMENT) return { ...node, definitions: inOrder(node.definitions) };
      return 'fields' in node && Array.isArray(node.fields) ? { ...node, fields: inOrder(node.fields) } : undefined;
    },
  });
  return createHash('sha256').update(print(plain)).digest('hex');
}

function inOrder<T extends Parameters<typeof print>[0]>(nodes: readonly T[]): T[] {
  return [...nodes].sort((a, b) => (print(a) < print(b) ? -1 : 1));
}

const NOTE = /^# The schema of (\w+): ([0-9a-f]{64})$/gm;

/** The supergraph with a note of what these bureaus served, by name, when it was composed. */
export function noteSchemas(supergraph: string, hashes: Readonly<Record<string, string>>): string {
  const notes = Object.entries(hashes).map(([name, hash]) => `# The schema of ${name}: ${hash}\n`);
  return `${supergraph.trimEnd()}\n${notes.join('')}`;
}

/** What bureaus served when the supergraph was composed, as far as it says so. */
export function notedSchemas(supergraph: string): Record<string, string> {
  return Object.fromEntries([...supergraph.matchAll(NOTE)].map(([, name, hash]) => [name as string, hash as string]));
}
