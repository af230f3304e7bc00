/**
 * Clients: programs of an agency that fetch tokens for it (OAuth 2, RFC 6749, 2). An agency may have several, each with a secret, of which
 * only a hash is kept, or with the public part of a key of its own. A client that is disabled loses the tokens that it was given, too.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import type { Pool } from 'pg';
import { AgencyRefused, notRegistered } from '../sharing/agency';

/** `<agency>` or `<agency>/<name>`. */
export const CLIENT_ID = /^[a-z0-9][a-z0-9-]{0,62}(\/[a-z0-9][a-z0-9-]{0,62})?$/;

export interface Client {
  id: string;
  agency: string;
  /** scrypt (RFC 7914), as `hashSecret` writes it; null when it has keys. */
  secretHash: string | null;
  /** Its public keys; null when it has a secret. */
  jwks: { keys: JWK[] } | null;
}

const SECRET_BYTES = 32;
const SECRET_LENGTH_MAX = 256;
const SCRYPT: ScryptOptions & { N: number } = { N: 16_384, r: 8, p: 1 };

/**
 * Makes a client: with these keys, or else with a new secret.
 * @returns the secret, which is stored nowhere and cannot be told again; null when it has keys
 * @throws AgencyRefused when the agency is not registered, or the client exists
 */
export async function makeClient(
  pool: Pool,
  { agency, name, jwks }: { agency: string; name: string | null; jwks: Client['jwks'] },
): Promise<{ id: string; secret: string | null }> {
  const id = name === null ? agency : `${agency}/${name}`;
  if (!CLIENT_ID.test(id))
    throw new AgencyRefused(
      `${JSON.stringify(name)} is no name of a client: up to 63 lower-case letters, digits and hyphens`,
    );
  const secret = jwks ? null : randomBytes(SECRET_BYTES).toString('base64url');
  const hash = secret && (await hashSecret(secret));
  const { rowCount } = await pool
    .query(
      `insert into sharing.client (id, agency, secret_hash, jwks) values ($1, $2, $3, $4) on conflict (id) do nothing`,
      [id, agency, hash, jwks && JSON.stringify(jwks)],
    )
    .catch((error: { code?: string }) => {
      throw error.code === '23503' ? notRegistered(agency) : error;
    });
  if (rowCount === 0)
    throw new AgencyRefused(`Client ${id} exists, and its secret cannot be told again: give another one a --name`);
  return { id, secret };
}

/** Disables a client for good: it gets no more tokens, and those it has are not taken from the next request on. */
export async function disableClient(pool: Pool, id: string): Promise<void> {
  const { rowCount } = await pool.query(
    'update sharing.client set disabled_at = coalesce(disabled_at, now()) where id = $1',
    [id],
  );
  if (rowCount === 0)
    throw new AgencyRefused(`There is no client ${JSON.stringify(id.slice(0, 128))}: "heyan agency list" shows them`);
}

/** A client that may have tokens: it is not disabled, nor is its agency suspended. */
export async function findClient(pool: Pool, id: string): Promise<Client | null> {
  const { rows } = await pool.query<Client>(
    `select c.id, c.agency, c.secret_hash as "secretHash", c.jwks from sharing.client c
     join sharing.agency a on a.code = c.agency
     where c.id = $1 and c.disabled_at is null and a.suspended_at is null`,
    [id],
  );
  return rows[0] ?? null;
}

/** `scrypt$N$salt$hash`, the last two in base64url. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  return [
    'scrypt',
    SCRYPT.N,
    salt.toString('base64url'),
    (await derive(secret, salt, SCRYPT)).toString('base64url'),
  ].join('$');
}

/** Whether a hash is of this secret. Takes the same time for every secret. */
export async function isSecretOf(hash: string, secret: string): Promise<boolean> {
  const [, cost, salt = '', expected = ''] = hash.split('$');
  const derived = await derive(secret.slice(0, SECRET_LENGTH_MAX), Buffer.from(salt, 'base64url'), {
    ...SCRYPT,
    N: Number(cost),
  });
  return timingSafeEqual(derived, Buffer.from(expected, 'base64url')) && secret.length <= SECRET_LENGTH_MAX;
}

function derive(secret: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(secret, salt, 32, options, (error, derived) => (error ? reject(error) : resolve(derived))),
  );
}
