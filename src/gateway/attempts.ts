/**
 * How often somebody may try to be a client. Attempts are counted before they are judged, so that many at once gain nothing, and forgiven
 * when they succeed. A client is counted together with the address that claims to be it: nobody can lock a client out from elsewhere.
 */
import { isIPv6 } from 'node:net';

export interface Attempts {
  /** Counts an attempt. Returns 0, or the seconds to wait when there were too many. */
  begin(client: string, address: string): number;
  /** Forgives the attempts of a client that proved to be one. */
  succeeded(client: string, address: string): void;
}

const MINUTE_MILLISECONDS = 60_000;
export const PER_CLIENT_AND_MINUTE = 20;
export const PER_ADDRESS_AND_MINUTE = 300;
/** Counts kept at once; the oldest is forgotten for a new one. */
const COUNTS_MAX = 10_000;

/** Counts by a clock that nobody sets back, in milliseconds. */
export function countAttempts(elapsed: () => number): Attempts {
  const counts = new Map<string, { since: number; attempts: number }>();
  const countOf = (key: string, now: number) => {
    const known = counts.get(key);
    if (known && now < known.since + MINUTE_MILLISECONDS) return known;
    counts.delete(key);
    if (counts.size >= COUNTS_MAX) counts.delete(counts.keys().next().value as string);
    const fresh = { since: now, attempts: 0 };
    counts.set(key, fresh);
    return fresh;
  };
  return {
    begin(client, address) {
      const now = elapsed();
      const place = placeOf(address);
      for (const [key, most] of [
        [place, PER_ADDRESS_AND_MINUTE],
        [`${place} ${client}`, PER_CLIENT_AND_MINUTE],
      ] as const) {
        const count = countOf(key, now);
        if (count.attempts >= most) return Math.ceil((count.since + MINUTE_MILLISECONDS - now) / 1_000);
        count.attempts += 1;
      }
      return 0;
    },
    succeeded(client, address) {
      const place = placeOf(address);
      counts.delete(`${place} ${client}`);
      const ofPlace = counts.get(place);
      if (ofPlace) ofPlace.attempts = Math.max(0, ofPlace.attempts - 1);
    },
  };
}

/** Whoever has one IPv6 address usually has all of its /64. */
function placeOf(address: string): string {
  return isIPv6(address) && !address.includes('.') ? `${address.split(':').slice(0, 4).join(':')}::/64` : address;
}
