/** What the files of a delivery are called. */

/** The control totals of a delivery (manifest.ts). */
export const MANIFEST = 'manifest.csv';

const ENDINGS = ['.csv', '.csv.gz', '.xlsx'];
/** As programs name what they are still writing, and what is none of a delivery's business. */
const UNFINISHED_ENDINGS = ['.part', '.tmp'];

/** What stands before the ending of an exchange file; nothing when the name has no such ending. */
export function stemOf(name: string): string | undefined {
  const ending = ENDINGS.find((one) => name.endsWith(one));
  return ending === undefined ? undefined : name.slice(0, -ending.length);
}

export function isUnfinished(name: string): boolean {
  return name.startsWith('.') || UNFINISHED_ENDINGS.some((ending) => name.endsWith(ending));
}
