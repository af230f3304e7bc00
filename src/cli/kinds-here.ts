/** Which kinds of record this installation takes in: not those of bureaus on their own premises, which take theirs in there. */
import { readFileSync } from 'node:fs';
import { bureaus } from '../bureaus/bureau';
import { recordKind } from '../bureaus/record';
import type { Config } from '../config';
import { remoteOnes } from '../federation/remotes';
import { note } from './print';

/** The kinds to take in when these were asked for: undefined is all. Throws when one that was asked for is taken in elsewhere. */
export function kindsHere(
  { subgraphs, supergraph }: Pick<Config, 'subgraphs' | 'supergraph'>,
  asked?: readonly string[],
): string[] | undefined {
  const elsewhere = remoteOnes(subgraphs, supergraph === null ? undefined : readFileSync(supergraph, 'utf8'));
  const away = bureaus().filter(({ name }) => name in elsewhere);
  const kindsOf = (some: typeof away) =>
    some.flatMap(({ records }) => records.map((record) => recordKind(record).kind));
  const strange = asked?.find((kind) => kindsOf(away).includes(kind));
  if (strange !== undefined)
    throw new Error(
      `${strange} belongs to a bureau that is served on its own premises (heyan.yaml, subgraphs): load it there`,
    );
  if (asked || away.length === 0) return asked && [...asked];
  note(`Passed over, since their bureaus are served on their own premises: ${kindsOf(away).join(', ')}`);
  return kindsOf(bureaus().filter((bureau) => !away.includes(bureau)));
}
