/** Worker FILES writes this file: replace it whole. */
export interface Manifest {
  check(file: string): Promise<string | undefined>;
  rows(file: string): number | undefined;
  missing(stems: readonly string[]): string[];
}

export async function readManifest(_directory: string): Promise<Manifest | null> {
  return null;
}
