/**
 * Whether a token that is good in itself still stands: its agency is registered and not suspended, and neither the token, nor the client it
 * was given to, nor everything of its agency of that time has been revoked.
 */
import type { Pool } from 'pg';
import { notRegistered } from '../sharing/agency';

/** Who a token names, as far as it can be revoked. */
export interface Named {
  agency: string;
  /** The token's own id. */
  jti: string;
  /** The client of ours that it was given to. */
  client: string | null;
}

/** From when on the agency's tokens are taken, in seconds of the Unix epoch; null when this token is not taken at all. */
export type ReadStanding = (named: Named) => Promise<number | null>;

/** A revocation takes effect within one second; half of it leaves room for the query itself. */
const REMEMBERED_MILLISECONDS = 500;
const TOKENS_MAX = 10_000;

/** How long the revocation of a token is kept: no token of any issuer is taken longer. */
const KEPT_MILLISECONDS = 31 * 86_400_000;

const STANDING = `
  select coalesce(extract(epoch from a.tokens_from), 0)::float8 as "from" from sharing.agency a
  where a.code = $1 and a.suspended_at is null
    and not exists (select from sharing.revoked_token where jti = $2)
    and not exists (select from sharing.client where id = $3 and disabled_at is not null)`;

export interface Standings {
  /** Each token's is remembered for half a second. Rejects when it cannot be read. */
  read: ReadStanding;
  /** How often it could not be read by now: then nobody knows who asks, and they are refused without a record. */
  failures(): number;
}

/** Standings from the database, by a clock that nobody sets back. */
export function standingIn(pool: Pool, elapsed: () => number = () => performance.now()): Standings {
  const remembered = new Map<string, { until: number; standing: Promise<number | null> }>();
  let failures = 0;
  const read: ReadStanding = ({ agency, jti, client }) => {
    const key = JSON.stringify([agency, jti, client]);
    const known = remembered.get(key);
    if (known && known.until > elapsed()) return known.standing;
    if (remembered.size >= TOKENS_MAX) remembered.clear();
    const standing = pool
      .query<{ from: number }>(STANDING, [agency, jti, client])
      .then(({ rows }) => (rows[0] ? Number(rows[0].from) : null));
    remembered.set(key, { until: elapsed() + REMEMBERED_MILLISECONDS, standing });
    standing.catch(() => {
      failures += 1;
      remembered.delete(key);
    });
    return standing;
  };
  return { read, failures: () => failures };
}

/**
 * Revokes one token, whoever issued it, for as long as any token holds. A second revocation changes nothing.
 * @param jti the token's own id
 * @param by who revokes, for the record
 */
export async function revokeToken(pool: Pool, jti: string, by: string, now: Date): Promise<void> {
  await pool.query('delete from sharing.revoked_token where until < $1', [now]);
  await pool.query(
    'insert into sharing.revoked_token (jti, until, at, by) values ($1, $2, $3, $4) on conflict do nothing',
    [jti, new Date(now.getTime() + KEPT_MILLISECONDS), now, by],
  );
}

/**
 * Revokes every token of an agency that was issued up to now. The hub's own tokens tell their time to the millisecond; those of issuers that
 * tell the second are revoked with their second.
 * @returns the instant from which on tokens hold, as ISO text
 * @throws AgencyRefused when the agency is not registered
 */
export async function revokeAllOf(pool: Pool, agency: string, now: Date): Promise<string> {
  const from = new Date(now.getTime() + 1).toISOString();
  const { rowCount } = await pool.query(
    'update sharing.agency set tokens_from = greatest(tokens_from, $2::timestamptz) where code = $1',
    [agency, from],
  );
  if (rowCount === 0) throw notRegistered(agency);
  return from;
}
