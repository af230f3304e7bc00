import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { PER_CLIENT_AND_MINUTE } from '../../src/gateway/attempts';
import { disableClient, makeClient } from '../../src/gateway/client';
import { listen } from '../../src/gateway/listen';
import { addAgency, suspendAgency } from '../../src/sharing/agency';
import { type Served, serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { compact, type TestKey, testKey } from '../support/tokens';

// A hub takes seconds to open, or its many clients to be made, on a machine that does other things too.
jest.setTimeout(30_000);

const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const NOT_A_CLIENT = [401, { error: 'invalid_client', error_description: 'client authentication failed' }];
const SUPERVISION = 'medical-insurance-supervision';

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  body: any;
}

describe('the token address', () => {
  let hub: TestHub;
  let http: Served;
  let secret: string;
  let id = 0;
  beforeAll(async () => {
    hub = await testHub();
    http = await serve(hub);
    secret = (await client(SUPERVISION, null)).secret;
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
  });

  const client = async (agency: string, name: string | null | undefined, jwks: object[] | null = null) => {
    const named = name === undefined ? `c${++id}` : name;
    const made = await makeClient(hub.database.pool, {
      agency,
      name: named,
      jwks: jwks && { keys: jwks as never },
    });
    return { id: made.id, secret: made.secret as string };
  };
  const post = async (form: Record<string, string> | string, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${http.url}/oauth/token`, {
      method: 'POST',
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text || 'null') };
  };
  const basic = (client: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`,
  });
  const fetchToken = (client: string, secret: string, form: Record<string, string> = {}) =>
    post({ grant_type: 'client_credentials', ...form }, basic(client, secret));
  const told = ({ status, body }: Answer) => [status, body];
  /** Whether a token opens the graph. */
  const opens = async (token: string, purpose = 'CASE_INVESTIGATION') => {
    const answer = await http.ask('{ __typename }', {}, { authorization: `Bearer ${token}`, 'x-purpose': purpose });
    return answer.status === 200;
  };
  const assertion = (key: TestKey, client: string, claims: object = {}, header: object = {}) => {
    const seconds = Math.floor(Date.now() / 1_000);
    const standard = { iss: client, sub: client, aud: 'heyan', iat: seconds, exp: seconds + 60, jti: randomUUID() };
    return compact({ alg: key.algorithm, kid: key.kid, ...header }, { ...standard, ...claims }, key.signs);
  };
  const fetchByKey = (text: string, form: Record<string, string> = {}) =>
    post({ grant_type: 'client_credentials', client_assertion_type: BEARER, client_assertion: text, ...form });

  test.each<[string, () => Promise<Answer>]>([
    ['client_secret_basic', () => fetchToken(SUPERVISION, secret)],
    [
      'client_secret_post',
      () => post({ grant_type: 'client_credentials', client_id: SUPERVISION, client_secret: secret }),
    ],
  ])('%s: a token for an hour, with which a query is answered', async (_, ask) => {
    const { status, headers, body } = await ask();
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), expires_in: 3_600, token_type: 'Bearer' },
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(decodeProtectedHeader(body.access_token)).toEqual({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: hub.hub.issuer.keyId,
    });
    const claims = decodeJwt(body.access_token);
    expect(claims).toEqual({
      iss: 'heyan',
      sub: SUPERVISION,
      aud: 'heyan',
      client_id: SUPERVISION,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: Date.parse('2026-06-30T10:00:00+08:00') / 1_000,
      exp: Date.parse('2026-06-30T11:00:00+08:00') / 1_000,
    });
    const answer = await http.ask(
      '{ findings(first: 1) { edges { cursor } } }',
      {},
      {
        authorization: `Bearer ${body.access_token}`,
      },
    );
    expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
  });

  test.each(['RS256', 'ES256', 'EdDSA'] as const)('private_key_jwt by %s', async (algorithm) => {
    const key = testKey(algorithm, 'mine');
    const { id, secret } = await client('tax', undefined, [key.jwk]);
    expect(secret).toBeNull();
    for (const aud of ['heyan', `${http.url}/oauth/token`, ['heyan']]) {
      const { status, body } = await fetchByKey(assertion(key, id, { aud }), { officer: '王五' });
      expect([status, decodeJwt(body.access_token)]).toMatchObject([
        200,
        { sub: 'tax', client_id: id, act: { sub: '王五' } },
      ]);
      expect(await opens(body.access_token)).toBe(true);
    }
  });

  test.each<[string, (key: TestKey, client: string) => string]>([
    ["another's key", (key, client) => assertion(testKey(key.algorithm, key.kid), client)],
    ['another audience', (key, client) => assertion(key, client, { aud: 'elsewhere' })],
    [
      'the audience of the host that the request claims',
      (key, client) => assertion(key, client, { aud: 'http://evil.example/oauth/token' }),
    ],
    ['the origin alone as audience', (key, client) => assertion(key, client, { aud: new URL(http.url).origin })],
    ['no audience', (key, client) => assertion(key, client, { aud: undefined })],
    ['another issuer', (key, client) => assertion(key, client, { iss: 'tax' })],
    ['no id', (key, client) => assertion(key, client, { jti: undefined })],
    ['ended', (key, client) => assertion(key, client, { exp: Math.floor(Date.now() / 1_000) - 20 })],
    ['no end', (key, client) => assertion(key, client, { exp: undefined })],
    ['an end that is far', (key, client) => assertion(key, client, { exp: Math.floor(Date.now() / 1_000) + 700 })],
    ['not yet', (key, client) => assertion(key, client, { nbf: Math.floor(Date.now() / 1_000) + 60 })],
    [
      'no signature',
      (key, client) => compact({ alg: 'none' }, decodeJwt(assertion(key, client)), () => Buffer.alloc(0)),
    ],
    ['an algorithm that is not offered', (key, client) => assertion(key, client, {}, { alg: 'HS256' })],
    ['a client that has a secret', (key) => assertion(key, SUPERVISION)],
    ['a client that does not exist', (key) => assertion(key, 'tax/nobody')],
  ])('an assertion is refused: %s', async (_, make) => {
    const key = testKey('ES256', 'mine');
    const { id } = await client('tax', undefined, [key.jwk]);
    const form = { grant_type: 'client_credentials', client_assertion_type: BEARER, client_assertion: make(key, id) };
    expect(told(await post(form, { host: 'evil.example' }))).toEqual(NOT_A_CLIENT);
    expect((await fetchByKey(assertion(key, id))).status).toBe(200);
  });

  test('an assertion is used once, also by many at a time', async () => {
    const key = testKey('EdDSA', 'mine');
    const { id } = await client('tax', undefined, [key.jwk]);
    const text = assertion(key, id);
    const answers = await Promise.all(Array.from({ length: 8 }, () => fetchByKey(text)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
    expect(told(await fetchByKey(text))).toEqual(NOT_A_CLIENT);
  });

  test.each<[string, () => Promise<Answer>]>([
    ['a wrong secret', () => fetchToken(SUPERVISION, `${secret}x`)],
    ['a secret cut short', () => fetchToken(SUPERVISION, secret.slice(0, -1))],
    ['a very long secret', () => fetchToken(SUPERVISION, secret + 'x'.repeat(5_000))],
    ['the stored hash as secret', async () => fetchToken(SUPERVISION, await storedHash(SUPERVISION))],
    ["another client's secret", async () => fetchToken((await client('tax', undefined)).id, secret)],
    ['a client nobody made', () => fetchToken('tax/nobody', secret)],
    ['a client of odd name', () => fetchToken("x' or 1=1 --", secret)],
    ['no proof', () => post({ grant_type: 'client_credentials', client_id: SUPERVISION })],
    [
      'a client with a key, by secret',
      async () => fetchToken((await client('tax', undefined, [testKey('ES256', 'k').jwk])).id, secret),
    ],
    ['another grant', () => post({ grant_type: 'password', username: 'a', password: 'b' }, basic('tax/nobody', 'x'))],
  ])('whoever is not a client is told nothing more: %s', async (_, ask) => {
    const answer = await ask();
    expect(told(answer)).toEqual(NOT_A_CLIENT);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  const storedHash = async (client: string): Promise<string> => {
    const { rows } = await hub.database.pool.query('select secret_hash from sharing.client where id = $1', [client]);
    expect(rows[0].secret_hash).toMatch(/^scrypt\$16384\$/);
    return rows[0].secret_hash;
  };

  test('the database holds no secret', async () => {
    const { rows } = await hub.database.pool.query('select c::text as text from sharing.client c');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ text }) => text.includes(secret))).toEqual([]);
  });

  test.each<[string, Record<string, string> | string, Record<string, string>, [number, string]]>([
    ['no grant', {}, {}, [400, 'invalid_request']],
    ['authorization code', { grant_type: 'authorization_code', code: 'x' }, {}, [400, 'unsupported_grant_type']],
    ['password', { grant_type: 'password', username: 'a', password: 'b' }, {}, [400, 'unsupported_grant_type']],
    ['refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, {}, [400, 'unsupported_grant_type']],
    ['implicit', { grant_type: 'implicit' }, {}, [400, 'unsupported_grant_type']],
    ['device', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }, {}, [400, 'unsupported_grant_type']],
    [
      'another resource',
      { grant_type: 'client_credentials', resource: 'https://elsewhere' },
      {},
      [400, 'invalid_target'],
    ],
    ['two secrets', { grant_type: 'client_credentials', client_secret: 'x' }, {}, [400, 'invalid_request']],
    ['another client id', { grant_type: 'client_credentials', client_id: 'tax' }, {}, [400, 'invalid_request']],
    ['a long officer', { grant_type: 'client_credentials', officer: 'x'.repeat(101) }, {}, [400, 'invalid_request']],
    ['two officers', 'grant_type=client_credentials&officer=a&officer=b', {}, [400, 'invalid_request']],
    ['an officer of two lines', { grant_type: 'client_credentials', officer: 'a\nb' }, {}, [400, 'invalid_request']],
    ['JSON', '{"grant_type":"client_credentials"}', { 'content-type': 'application/json' }, [400, 'invalid_request']],
    [
      'a page of another origin',
      { grant_type: 'client_credentials' },
      { origin: 'https://evil.example' },
      [400, 'invalid_request'],
    ],
    ['a browser', { grant_type: 'password' }, { accept: 'text/html' }, [400, 'unsupported_grant_type']],
    ['too long a body', `grant_type=client_credentials&x=${'x'.repeat(60_000)}`, {}, [400, 'invalid_request']],
  ])('a request that is none is told as RFC 6749 says: %s', async (_, form, headers, expected) => {
    const { status, body } = await post(form, { ...basic(SUPERVISION, secret), ...headers });
    expect([status, body.error]).toEqual(expected);
    expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
  });

  test('too many attempts at one client are put off, also by its right secret, and others are not', async () => {
    const [one, other] = [await client('tax', undefined), await client('tax', undefined)];
    const burst = await Promise.all(Array.from({ length: 30 }, () => fetchToken(one.id, 'wrong')));
    expect(burst.filter(({ status }) => status === 401).length).toBe(PER_CLIENT_AND_MINUTE);
    expect(burst.filter(({ status }) => status === 429).length).toBe(30 - PER_CLIENT_AND_MINUTE);
    const { status, headers, body } = await fetchToken(one.id, one.secret);
    expect([status, body.error]).toEqual([429, 'temporarily_unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetchToken(other.id, other.secret)).status).toBe(200);
  });

  test('a client that proves to be one may come as often as it likes', async () => {
    const one = await client('tax', undefined);
    for (let i = 0; i <= PER_CLIENT_AND_MINUTE; i += 1) expect((await fetchToken(one.id, one.secret)).status).toBe(200);
  });

  test('a disabled client gets no token, and those it has are refused', async () => {
    const { id, secret } = await client('tax', undefined);
    const other = await client('tax', undefined);
    const [token, ofOther] = [
      (await fetchToken(id, secret)).body.access_token,
      (await fetchToken(other.id, other.secret)).body.access_token,
    ];
    expect([await opens(token), await opens(ofOther)]).toEqual([true, true]);
    await disableClient(hub.database.pool, id);
    expect([await opens(token), await opens(ofOther)]).toEqual([false, true]);
    expect(told(await fetchToken(id, secret))).toEqual(NOT_A_CLIENT);
  });

  test('a suspended agency gets no token, and gets them again when it resumes', async () => {
    await addAgency(hub.database.dataSource, { code: 'housing-fund', nameEn: 'Housing fund', nameZh: '公积金' });
    const { id, secret } = await client('housing-fund', null);
    expect(id).toBe('housing-fund');
    const token = (await fetchToken(id, secret)).body.access_token;
    expect(await opens(token)).toBe(true);
    await suspendAgency(hub.database.dataSource, 'housing-fund', true);
    expect([await opens(token), told(await fetchToken(id, secret))]).toEqual([false, NOT_A_CLIENT]);
    await suspendAgency(hub.database.dataSource, 'housing-fund', false);
    expect([await opens(token), (await fetchToken(id, secret)).status]).toEqual([true, 200]);
  });

  test.each([
    ['GET', '/oauth/token'],
    ['OPTIONS', '/oauth/token'],
    ['POST', '/oauth/token/'],
    ['POST', '/OAUTH/TOKEN'],
    ['GET', '/oauth/auth'],
    ['GET', '/auth'],
    ['POST', '/reg'],
    ['POST', '/token/introspection'],
    ['POST', '/token/revocation'],
    ['GET', '/session/end'],
    ['POST', '/session/end/confirm'],
    ['GET', '/me'],
    ['GET', '/jwks'],
    ['GET', '/.well-known/openid-configuration'],
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/interaction/x'],
  ])('%s %s is not there', async (method, path) => {
    const response = await fetch(`${http.url}${path}`, { method });
    expect(response.status).toBe(404);
  });

  test('nothing of all this was an error of ours', () => {
    expect(hub.reported).toEqual([]);
  });
});

test('a token address that cannot be opened says so in the words of RFC 6749, and is tried again', async () => {
  const hub = await testHub();
  let tries = 0;
  const tokens = {
    open: async () => {
      tries += 1;
      throw new Error('secret inside');
    },
  };
  const { url, close } = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null, tokens });
  try {
    for (const _ of [1, 2]) {
      const response = await fetch(`${url}/oauth/token`, { method: 'POST' });
      expect([response.status, await response.json()]).toEqual([
        500,
        { error: 'server_error', error_description: 'no token could be given; try again later' },
      ]);
    }
    expect(tries).toBe(2);
  } finally {
    await close();
    await hub.close();
  }
});

describe('the token address of a hub whose agencies bring their own issuers', () => {
  test('gives no token for them', async () => {
    const hub = await testHub({
      issuers: [{ issuer: 'bureau', jwks: '/dev/null', audience: 'hub', agencies: ['tax'] }],
    });
    const http = await serve(hub);
    try {
      const statuses = [];
      for (const agency of ['tax', 'civil-affairs']) {
        const { id, secret } = await makeClient(hub.database.pool, { agency, name: null, jwks: null });
        const response = await fetch(`${http.url}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: id,
            client_secret: secret as string,
          }),
        });
        statuses.push(response.status);
      }
      expect(statuses).toEqual([401, 200]);
    } finally {
      await http.close();
      await hub.close();
    }
  });
});
