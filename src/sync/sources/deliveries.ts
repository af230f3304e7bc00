/** Worker FILES writes this file: replace it whole. */
export interface WaitingDelivery {
  name: string;
  path: string;
  fingerprint: string;
  ready: boolean;
  says?: string;
}

export async function waitingDeliveries(
  _directory: string,
  _options: {
    isTaken(name: string, fingerprint: string): boolean | Promise<boolean>;
    now(): number;
    settleSeconds?: number;
    kinds: readonly string[];
  },
): Promise<WaitingDelivery[]> {
  return [];
}
