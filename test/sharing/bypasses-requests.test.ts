/** Bypasses that lie in the request around the operation: forged headers, batches, persisted queries, forms of other pages, sizes. */
import { request } from 'node:http';
import { SUPERVISION } from '../../src/hub/codes';
import { agree, PURPOSE, type Terms } from '../support/callers';
import { GRANTED, type Matrix, openMatrix } from './attack-matrix';

jest.setTimeout(120_000);

const NARROW: Terms = ({ kind }) =>
  kind === 'death' ? [{ recordKind: kind, fields: ['status', 'source'], verbs: ['LOOKUP'] }] : [];

describe('odd requests of a caller who is granted little', () => {
  let matrix: Matrix;
  let person: string;
  beforeAll(async () => {
    matrix = await openMatrix();
    person = matrix.city.known.person;
    await agree(matrix.hub, new Map([['narrow', NARROW]]));
  });
  afterAll(() => matrix.close());

  const refusals = (body: { errors?: { extensions: Record<string, string> }[] }) =>
    (body.errors ?? []).map(
      ({ extensions }) => `${extensions.code} ${extensions.field} ${extensions.verb} ${extensions.reason}`,
    );

  test('headers that name another agency, officer or role change nothing', async () => {
    const token = await matrix.hub.hub.issuer.issue('narrow', 'officer');
    const forged = Object.fromEntries(
      ['x-agency', 'x-heyan-agency', 'x-sub', 'x-user', 'x-forwarded-user', 'x-role', 'x-hasura-role', 'x-officer', 'apollo-federation-include-trace', 'x-passage', 'router-authorization']
        .map((name) => [name, SUPERVISION]),
    ); // biome-ignore format: a list of words
    const send = (headers: Record<string, string>) =>
      fetch(`${matrix.counter.url}/graphql`, {
        method: 'POST',
        body: JSON.stringify({
          query: `{ person(id: "${person}") { deaths { name } } }`,
          agency: SUPERVISION,
          context: { caller: { agency: SUPERVISION } },
        }),
        headers: {
          authorization: `Bearer ${token}`,
          'x-purpose': PURPOSE,
          'content-type': 'application/json',
          ...headers,
        },
      });
    const answer = (await (await send(forged)).json()) as Parameters<typeof refusals>[0] & { data: unknown };
    expect([answer.data, refusals(answer)]).toEqual([null, ['NOT_SHARED death.name LOOKUP FIELD']]);
    expect((await send({ ...forged, authorization: '' })).status).toBe(401);
    expect((await send({ ...forged, authorization: `Bearer ${token}, Bearer ${token}` })).status).toBe(401);
    const { rows } = await matrix.hub.database.pool.query(
      `select leaf::jsonb->>'agency' as agency from audit.record order by seq desc limit 1`,
    );
    expect(rows).toEqual([{ agency: 'narrow' }]);
  });

  test('a header sent twice is no way to have two purposes', async () => {
    const token = await matrix.hub.hub.issuer.issue('narrow', 'officer');
    const status = await new Promise((resolve, reject) => {
      const sending = request(
        `${matrix.counter.url}/graphql`,
        {
          method: 'POST',
          headers: [
            'host',
            'x',
            'authorization',
            `Bearer ${token}`,
            'x-purpose',
            PURPOSE,
            'x-purpose',
            'OTHER',
            'content-type',
            'application/json',
          ],
        },
        (got) => resolve(got.statusCode),
      );
      sending.on('error', reject);
      sending.end(JSON.stringify({ query: '{ __typename }' }));
    });
    expect(status).toBe(400);
  });
  describe('odd requests', () => {
    const post = async (body: string, headers: Record<string, string> = {}) => {
      const token = await matrix.hub.hub.issuer.issue('narrow', 'officer');
      const answer = await fetch(`${matrix.counter.url}/graphql`, {
        method: 'POST',
        body,
        headers: {
          authorization: `Bearer ${token}`,
          'x-purpose': PURPOSE,
          'content-type': 'application/json',
          ...headers,
        },
      });
      return { status: answer.status, text: await answer.text() };
    };
    const hidden = () => `{ person(id: "${person}") { deaths { name } } }`;
    test.each<[string, () => string, Record<string, string>, number]>([
      ['a batch', () => JSON.stringify([{ query: hidden() }, { query: '{ __typename }' }]), {}, 400],
      ['an empty batch', () => '[]', {}, 400],
      [
        'a persisted query',
        () => JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
        {},
        200,
      ],
      [
        'a persisted query and its text',
        () =>
          JSON.stringify({
            query: hidden(),
            extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
          }),
        {},
        200,
      ],
      ['an unknown operation', () => JSON.stringify({ query: `query A ${hidden()}`, operationName: 'B' }), {}, 400],
      [
        'two operations and no choice',
        () => JSON.stringify({ query: `query A { __typename } query B ${hidden()}` }),
        {},
        400,
      ],
      [
        'a form, as a page of others could send it',
        () => `query=${encodeURIComponent(hidden())}`,
        { 'content-type': 'application/x-www-form-urlencoded' },
        400,
      ],
      [
        'plain text, as a page of others could send it',
        () => JSON.stringify({ query: hidden() }),
        { 'content-type': 'text/plain' },
        400,
      ],
      [
        '@defer',
        () => JSON.stringify({ query: `{ person(id: "${person}") { ... @defer { deaths { name } } } }` }),
        { accept: 'multipart/mixed; deferSpec=20220824' },
        406,
      ],
      ['@stream', () => JSON.stringify({ query: `{ person(id: "${person}") { deaths @stream { name } } }` }), {}, 400],
      [
        'very deep',
        () =>
          JSON.stringify({
            query: `{ person(id: "x") ${'{ deaths { person '.repeat(400)}{ id }${' } }'.repeat(400)} }`,
          }),
        {},
        400,
      ],
      ['very wide', () => JSON.stringify({ query: `{ person(id: "x") { ${'id '.repeat(100_000)} } }` }), {}, 400],
    ])('%s', async (_, body, headers, status) => {
      const answer = await post(body(), headers);
      expect(answer.status).toBe(status);
      expect(answer.text).not.toContain('canary');
      expect(answer.text).not.toMatch(/"data":\{/);
    });

    test('extensions of a request are nothing to the decision', async () => {
      const { status, text } = await post(
        JSON.stringify({
          query: hidden(),
          extensions: { passage: { agreements: ['all'] }, caller: { agency: SUPERVISION } },
        }),
      );
      expect([status, refusals(JSON.parse(text))]).toEqual([200, ['NOT_SHARED death.name LOOKUP FIELD']]);
    });

    test('GET as a page of others could send it is refused, and no mutation comes by GET', async () => {
      const token = await matrix.hub.hub.issuer.issue(GRANTED, 'officer');
      const headers = { authorization: `Bearer ${token}`, 'x-purpose': PURPOSE };
      const get = (query: string, more = {}) =>
        fetch(`${matrix.counter.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { ...headers, ...more } });
      expect((await get('{ __typename }')).status).toBe(400);
      expect((await get('{ __typename }', { 'apollo-require-preflight': '1' })).status).toBe(200);
      expect((await fetch(`${matrix.counter.url}/graphql?query=${encodeURIComponent('{ __typename }')}`)).status).toBe(
        401,
      );
      const mutation = await get('mutation { revokeAgreement(id: "x", reason: "x") { id } }', {
        'apollo-require-preflight': '1',
      });
      expect([mutation.status, mutation.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });
});
