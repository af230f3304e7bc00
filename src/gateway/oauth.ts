/**
 * The token address `POST /oauth/token`: client credentials (RFC 6749, 4.4) by secret (2.3.1) or by a key of the client's own
 * (`private_key_jwt`: RFC 7523, 2.2). Everything else that `oidc-provider` can do is off, and no other of its addresses is reachable.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientMetadata, Configuration, JWKS, KoaContextWithOIDC } from 'oidc-provider';
import type { Pool } from 'pg';
import { countAttempts } from './attempts';
import { OFFICER_LENGTH_MAX } from './authenticate';
import { CLIENT_ID, type Client, findClient, hashSecret, isSecretOf } from './client';
import { AUDIENCE, claimsOf, ISSUER, type Issuer } from './issuer';
import { ALGORITHMS } from './key-set';
import { isText } from './token';

export const TOKEN_PATH = '/oauth/token';

/** An hour: a client fetches the next one by itself. */
const TOKEN_SECONDS = 3_600;
/** A client signs its assertion for the moment; until it ends, it is kept in mind so that nobody uses it again. */
const ASSERTION_SECONDS_MAX = 600;
const RESOURCE = 'urn:heyan:graph';

export type AnswerTokenRequest = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface TokenAddress {
  /**
   * Loads what answers the token address, half a second of work that only servers need, and only once a token is asked for.
   * @param url where it is reached; assertions may name it, or `heyan`, as their audience
   */
  open(url: string): Promise<AnswerTokenRequest>;
}

export interface TokenMeans {
  pool: Pool;
  issuer: Issuer;
  /** Whether the hub's own issuer speaks for an agency. */
  speaksFor(agency: string): boolean;
  now(): Date;
  elapsed(): number;
  report(error: unknown): void;
}

type Library = typeof import('oidc-provider');

/** The token address over the clients of the database. */
export function tokenAddress(means: TokenMeans): TokenAddress {
  return {
    async open(url) {
      const library = await load();
      const provider = new library.Provider(new URL(url).origin, await settings(library, means));
      provider.Client.prototype.compareClientSecret = function (this: { clientSecret: string }, secret: string) {
        return isSecretOf(this.clientSecret, secret);
      } as never;
      // The library would accept an assertion for whatever host the request claims to be addressed to.
      const context = (provider as unknown as { OIDCContext: { prototype: object } }).OIDCContext;
      Object.assign(context.prototype, { clientJwtAuthExpectedAudience: () => new Set([ISSUER, url]) });
      provider.on('server_error', (_context, error) => means.report(error));
      // Koa's own event, which it would otherwise print.
      (provider as NodeJS.EventEmitter).on('error', means.report);
      return provider.callback() as AnswerTokenRequest;
    },
  };
}

/**
 * `oidc-provider` is an ES module and written for Node 22. Of that, `URL.parse` is all that it needs here and Node 20 lacks; its warning
 * about Node 20 is not for whoever runs the hub.
 */
async function load(): Promise<Library> {
  const urls = URL as { parse?: (text: string, base?: string) => URL | null };
  urls.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);
  const { warn } = console;
  console.warn = (...words: unknown[]) => (/Unsupported runtime/.test(String(words[0])) ? undefined : warn(...words));
  try {
    return (await import('oidc-provider')) as Library;
  } finally {
    console.warn = warn;
  }
}

async function settings(library: Library, means: TokenMeans): Promise<Configuration> {
  const attempts = countAttempts(means.elapsed);
  const nobody = await hashSecret('');
  const admit = (id: string) => {
    const context = library.Provider.ctx;
    const seconds = context ? attempts.begin(id, context.ip) : 0;
    if (seconds === 0) return;
    context?.set('retry-after', String(seconds));
    throw Object.assign(new library.errors.OIDCProviderError(429, 'temporarily_unavailable'), {
      error_description: `too many attempts; try again in ${seconds} seconds`,
    });
  };
  return {
    adapter: (kind: string) =>
      (kind === 'Client'
        ? clientsOf(means, nobody, admit)
        : kind === 'ReplayDetection'
          ? usedOnce(means, library)
          : {}) as never,
    jwks: { keys: [{ ...means.issuer.privateJwk, alg: 'EdDSA', use: 'sig' }] } as JWKS,
    routes: { token: TOKEN_PATH },
    scopes: [],
    claims: {},
    responseTypes: [],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...ALGORITHMS], idTokenSigningAlgValues: ['EdDSA'] },
    clientDefaults: { grant_types: ['client_credentials'], response_types: [], id_token_signed_response_alg: 'EdDSA' },
    extraClientMetadata: { properties: ['agency'] },
    ttl: { ClientCredentials: TOKEN_SECONDS },
    clientBasedCORS: () => false,
    renderError: (context, out) => {
      context.type = 'json';
      context.body = out;
    },
    assertJwtClientAuthClaimsAndHeader: async (_context, claims) => {
      // The library checks assertions by the machine's clock.
      if (Number(claims.exp) - Date.now() / 1_000 > ASSERTION_SECONDS_MAX)
        throw new library.errors.InvalidClientAuth(`an assertion holds at most ${ASSERTION_SECONDS_MAX} seconds`);
    },
    formats: {
      customizers: {
        jwt: async (context, token, jwt) => {
          const client = context.oidc.client as { agency?: string } | undefined;
          const claims = claimsOf(
            ISSUER,
            client?.agency ?? '',
            officerOf(library, context),
            TOKEN_SECONDS,
            means.now(),
          );
          jwt.payload = { ...claims, client_id: token.clientId };
          if (token.clientId) attempts.succeeded(token.clientId, context.ip);
        },
      },
    },
    features: featuresOf(library),
  };
}

function featuresOf(library: Library): Configuration['features'] {
  const off = { enabled: false };
  return {
    clientCredentials: { enabled: true },
    devInteractions: off,
    userinfo: off,
    rpInitiatedLogout: off,
    dPoP: off,
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => false,
      getResourceServerInfo: (_context, resource) => {
        if (resource !== RESOURCE) throw new library.errors.InvalidTarget('the hub is the only resource: leave it out');
        return {
          scope: '',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_SECONDS,
          jwt: { sign: { alg: 'EdDSA' } },
        };
      },
    },
  };
}

/** The officer that the request names, if it does: parameter `officer`. */
function officerOf(library: Library, context: KoaContextWithOIDC): string | null {
  const { officer } = (context.oidc.body ?? {}) as { officer?: unknown };
  if (officer === undefined || officer === '') return null;
  if (isText(officer) && officer.length <= OFFICER_LENGTH_MAX) return officer;
  throw new library.errors.InvalidRequest(`officer must be given once, in up to ${OFFICER_LENGTH_MAX} characters`);
}

/** The library's view of the clients. One that does not exist has a hash that no secret fits, so refusing it takes as long. */
function clientsOf({ pool, speaksFor }: TokenMeans, nobody: string, admit: (id: string) => void) {
  return {
    async find(id: string): Promise<ClientMetadata | undefined> {
      admit(id);
      if (!CLIENT_ID.test(id)) return undefined;
      const client = await findClient(pool, id);
      if (!client || !speaksFor(client.agency)) return metadataOf({ id, agency: '', secretHash: nobody, jwks: null });
      return metadataOf(client);
    },
  };
}

function metadataOf({ id, agency, secretHash, jwks }: Client): ClientMetadata {
  const proof = secretHash
    ? { token_endpoint_auth_method: 'client_secret_basic' as const, client_secret: secretHash }
    : { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: (jwks ?? { keys: [] }) as JWKS };
  return { client_id: id, agency, redirect_uris: [], ...proof };
}

/** Assertions that were used, in the database, so that one is used once whichever process it is shown to. */
function usedOnce({ pool, now }: TokenMeans, library: Library) {
  return {
    find: async () => undefined,
    async upsert(id: string, _payload: unknown, seconds: number) {
      const until = new Date(now().getTime() + seconds * 1_000);
      await pool.query('delete from sharing.used_assertion where until < $1', [now()]);
      const { rowCount } = await pool.query(
        'insert into sharing.used_assertion (id, until) values ($1, $2) on conflict do nothing',
        [id, until],
      );
      if (rowCount === 0) throw new library.errors.InvalidClientAuth('an assertion is used once');
    },
  };
}
