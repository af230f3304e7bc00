import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { authenticator } from '../../src/gateway/authenticate';
import { openIssuer, openJobsIssuer } from '../../src/gateway/issuer';
import { configuredIssuer, type IssuerSetting, issuerFor, ownIssuer } from '../../src/gateway/issuers';
import { standingIn } from '../../src/gateway/revocation';
import { testDatabase } from '../support/database';
import { type Served, serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { compact, type TestKey, testKey } from '../support/tokens';

// A hub takes seconds to open, or its many clients to be made, on a machine that does other things too.
jest.setTimeout(30_000);

const NOW = new Date('2026-06-30T02:00:00Z');
const seconds = NOW.getTime() / 1_000;
const ALL = ['RS256', 'ES256', 'EdDSA'] as const;
const tokenOf = (key: TestKey, claims: object = {}) =>
  compact(
    { alg: key.algorithm, typ: 'at+jwt', kid: key.kid },
    { iss: 'https://id.tax', sub: 'tax', aud: 'hub', iat: seconds, exp: seconds + 600, jti: 'one', ...claims },
    key.signs,
  );

describe('issuers', () => {
  let directory: string;
  let file: string;
  let database: Database;
  let server: Server;
  let address: string;
  let served: string;
  let elapsed = 0;
  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    file = path.join(directory, 'keys.json');
    database = await testDatabase();
    await database.pool.query("insert into sharing.agency values ('tax', 'T', '税'), ('civil-affairs', 'C', '民')");
    server = createServer((_request, response) => response.end(served));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });
  afterAll(async () => {
    server.close();
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const setting = (changes: Partial<IssuerSetting> = {}): IssuerSetting => ({
    issuer: 'https://id.tax',
    jwks: file,
    audience: 'hub',
    agencies: ['tax'],
    ...changes,
  });
  /** A hub's trust in these issuers: the agency of a token, or null. */
  async function trusting(...settings: IssuerSetting[]) {
    const now = () => NOW;
    const own = await openIssuer(directory, now);
    const jobs = await openJobsIssuer(now);
    const authenticate = authenticator({
      issuers: [
        ownIssuer(own, (agency) => issuerFor(settings, agency) === undefined),
        ownIssuer(jobs, (agency) => agency === 'tax'),
        ...settings.map((one) => configuredIssuer(one, () => elapsed)),
      ],
      standing: standingIn(database.pool).read,
      now,
    });
    const agencyOf = async (token: string) =>
      (await authenticate({ authorization: `Bearer ${token}`, purpose: 'P' }).catch(() => null))?.agency ?? null;
    return { own, jobs, agencyOf };
  }
  const holding = (...keys: TestKey[]) => JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });

  test.each(ALL)('a key set in a file: %s is taken, and follows the file', async (algorithm) => {
    const [old, next] = [testKey(algorithm, '2025'), testKey(algorithm, '2026')];
    writeFileSync(file, holding(old));
    const { agencyOf } = await trusting(setting());
    expect([await agencyOf(tokenOf(old)), await agencyOf(tokenOf(next))]).toEqual(['tax', null]);
    writeFileSync(file, holding(old, next));
    expect([await agencyOf(tokenOf(old)), await agencyOf(tokenOf(next))]).toEqual(['tax', 'tax']);
    writeFileSync(file, holding(next));
    expect([await agencyOf(tokenOf(old)), await agencyOf(tokenOf(next))]).toEqual([null, 'tax']);
  });

  test.each(ALL)('a key set at an address: %s is taken, and keys rotate', async (algorithm) => {
    const [old, next] = [testKey(algorithm, '2025'), testKey(algorithm, '2026')];
    served = holding(old);
    const { agencyOf } = await trusting(setting({ jwks: address }));
    expect([await agencyOf(tokenOf(old)), await agencyOf(tokenOf(next))]).toEqual(['tax', null]);
    served = holding(old, next);
    elapsed += 30_000;
    expect([await agencyOf(tokenOf(next)), await agencyOf(tokenOf(old))]).toEqual(['tax', 'tax']);
    served = holding(next);
    elapsed += 600_000;
    expect([await agencyOf(tokenOf(old)), await agencyOf(tokenOf(next))]).toEqual([null, 'tax']);
  });

  test('each speaks for its own agencies, and for those listed nobody else does', async () => {
    const key = testKey('ES256', 'k');
    writeFileSync(file, holding(key));
    const { own, jobs, agencyOf } = await trusting(setting());
    expect(await agencyOf(tokenOf(key))).toBe('tax');
    expect(await agencyOf(tokenOf(key, { sub: 'civil-affairs' }))).toBeNull();
    expect(await agencyOf(await own.issue('civil-affairs'))).toBe('civil-affairs');
    expect(await agencyOf(await own.issue('tax'))).toBeNull();
    expect(await agencyOf(await jobs.issue('tax'))).toBe('tax');
    expect(await agencyOf(await jobs.issue('civil-affairs'))).toBeNull();
    expect(await agencyOf(tokenOf(key, { iss: 'heyan', aud: 'heyan' }))).toBeNull();
    expect(await agencyOf(tokenOf(key, { iss: 'heyan-jobs', aud: 'heyan' }))).toBeNull();
  });

  test('the hub signs for thirty days at most, others for one', async () => {
    const key = testKey('ES256', 'k');
    writeFileSync(file, holding(key));
    const { own, agencyOf } = await trusting(setting());
    const day = 86_400;
    expect(await agencyOf(await own.issue('civil-affairs', null, 30 * day))).toBe('civil-affairs');
    expect(await agencyOf(await own.issue('civil-affairs', null, 30 * day + 1))).toBeNull();
    expect(await agencyOf(tokenOf(key, { exp: seconds + day }))).toBe('tax');
    expect(await agencyOf(tokenOf(key, { exp: seconds + day + 1 }))).toBeNull();
  });

  test('a token issued before a revocation by a clock that is ahead of ours is revoked too', async () => {
    const key = testKey('ES256', 'k');
    writeFileSync(file, holding(key));
    await database.pool.query("update sharing.agency set tokens_from = $1 where code = 'civil-affairs'", [NOW]);
    const { own, agencyOf } = await trusting(setting({ agencies: ['civil-affairs'] }));
    const issuedAt = (iat: number) => agencyOf(tokenOf(key, { sub: 'civil-affairs', iat, exp: iat + 60 }));
    expect([await issuedAt(seconds), await issuedAt(seconds + 29), await issuedAt(seconds + 30)]).toEqual([
      null,
      null,
      'civil-affairs',
    ]);
    const { agencyOf: alone } = await trusting();
    expect(await alone(await own.issue('civil-affairs'))).toBe('civil-affairs');
  });

  test('a client id of another issuer is not taken for one of ours', async () => {
    const key = testKey('ES256', 'k');
    writeFileSync(file, holding(key));
    await database.pool.query(
      "insert into sharing.client (id, agency, secret_hash, disabled_at) values ('tax', 'tax', 'x', now())",
    );
    const { agencyOf } = await trusting(setting());
    expect(await agencyOf(tokenOf(key, { client_id: 'tax' }))).toBe('tax');
  });
});

describe('a hub whose agencies bring their own issuer', () => {
  let hub: TestHub;
  let http: Served;
  const key = testKey('EdDSA', 'k');
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  const jwks = path.join(directory, 'keys.json');
  beforeAll(async () => {
    writeFileSync(jwks, JSON.stringify({ keys: [key.jwk] }));
    const agencies = ['tax', 'medical-insurance-supervision'];
    hub = await testHub({ issuers: [{ issuer: 'https://id.tax', jwks, audience: 'hub', agencies }] });
    http = await serve(hub);
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('takes its tokens over HTTP, and asks for its own jobs itself', async () => {
    const answer = await http.ask('{ __typename }', {}, { authorization: `Bearer ${tokenOf(key)}` });
    expect(answer.status).toBe(200);
    expect((await http.ask('{ __typename }')).status).toBe(401);
    await expect(hub.hub.ask('{ findings(first: 1) { edges { cursor } } }', {})).resolves.toMatchObject({
      data: { findings: { edges: [] } },
    });
  });

  const FORGED = [
    'x-agency', 'x-user', 'x-forwarded-user', 'x-forwarded-email', 'x-remote-user', 'remote-user', 'x-auth-request-user', 'x-subject',
    'x-sub', 'x-caller', 'x-officer', 'x-act', 'x-tenant', 'x-client-id', 'x-authenticated-userid', 'x-consumer-username',
    'x-amzn-oidc-identity', 'x-ms-client-principal-name', 'x-goog-authenticated-user-email', 'x-jwt-payload', 'x-endpoint-api-userinfo',
    'x-original-authorization', 'x-authorization', 'proxy-authorization', 'cookie', 'x-ssl-client-s-dn', 'ssl-client-subject-dn',
    'x-forwarded-client-cert', 'x-heyan-caller', 'x-heyan-passage', 'x-forwarded-for', 'forwarded', 'x-http-method-override',
  ]; // biome-ignore format: a list of words
  test.each(FORGED)('header %s makes nobody somebody, and nobody somebody else', async (name) => {
    for (const value of ['medical-insurance', `Bearer ${tokenOf(key, { sub: 'tax' })}`, 'agency=medical-insurance']) {
      const stranger = await http.ask('{ __typename }', {}, { authorization: '', [name]: value });
      expect([stranger.status, stranger.body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
      await http.ask(
        '{ __typename }',
        {},
        { authorization: `Bearer ${tokenOf(key, { act: { sub: '王五' } })}`, [name]: value },
      );
      const { rows } = await hub.database.pool.query(
        `select leaf::jsonb->>'agency' as agency, leaf::jsonb->>'officer' as officer from audit.record order by seq desc limit 1`,
      );
      expect(rows).toEqual([{ agency: 'tax', officer: '王五' }]);
    }
  });

  test('a token twice, or in the address or the body, is none', async () => {
    const good = `Bearer ${tokenOf(key)}`;
    const statusOf = async (address: string, init: RequestInit) => (await fetch(`${http.url}${address}`, init)).status;
    const headers = { 'content-type': 'application/json', 'x-purpose': 'P' };
    const body = JSON.stringify({ query: '{ __typename }', access_token: tokenOf(key) });
    expect(await statusOf('/graphql', { method: 'POST', headers, body })).toBe(401);
    expect(await statusOf(`/graphql?access_token=${tokenOf(key)}`, { method: 'POST', headers, body })).toBe(401);
    const twice = { ...headers, authorization: `${good}, ${good}` };
    expect(await statusOf('/graphql', { method: 'POST', headers: twice, body })).toBe(401);
    expect(await statusOf('/graphql', { method: 'POST', headers: { ...headers, authorization: good }, body })).toBe(
      200,
    );
  });

  test('while the database cannot say whether a token stands, its bearer may try again, and a stranger is a stranger', async () => {
    await hub.database.pool.query('alter table sharing.revoked_token rename to away');
    try {
      const known = await http.ask('{ __typename }', {}, { authorization: `Bearer ${tokenOf(key)}` });
      expect([known.status, known.body.errors[0].extensions.code]).toEqual([503, 'AUDIT_UNAVAILABLE']);
      expect((await http.ask('{ __typename }', {}, { authorization: 'Bearer a.b.c' })).status).toBe(401);
    } finally {
      await hub.database.pool.query('alter table sharing.away rename to revoked_token');
    }
    expect((await http.ask('{ __typename }', {}, { authorization: `Bearer ${tokenOf(key)}` })).status).toBe(200);
  });
});
