import { createServer } from 'node:net';
import { listen } from '../../src/gateway/listen';
import { type Served, serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const JIA_KEY = keyOf(JIA.number);

/** What a merge into a plain object would reach by a name that every object has. */
const propertiesOfAll = () =>
  [Object, Object.prototype, Object.prototype.toString, Object.prototype.hasOwnProperty].map((one) =>
    Object.getOwnPropertyNames(one),
  );

describe('the graph over HTTP', () => {
  let hub: TestHub;
  let http: Served;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    http = await serve(hub);
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
  });

  async function recorded(): Promise<string[]> {
    const { rows } = await hub.database.pool.query<{ decision: string }>(
      `select leaf::jsonb->>'decision' as decision from audit.record order by seq`,
    );
    return rows.map(({ decision }) => decision);
  }

  test('a good token and purpose are answered, with a receipt', async () => {
    const { status, body } = await http.ask(`{ person(id: "${JIA_KEY}") { name deaths { deathDate } } }`);
    expect([status, body.errors]).toEqual([200, undefined]);
    expect(body.data).toEqual({ person: { name: JIA.name, deaths: [{ deathDate: '2026-03-10' }] } });
    expect(body.extensions.receipt).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(body.extensions.freshness)).toEqual(['death', 'household']);
  });

  test('whoever is not known gets one constant answer, whatever they send, and nothing of it is read or recorded', async () => {
    const before = await recorded();
    const good = await hub.hub.issuer.issue('tax');
    const late = await hub.hub.issuer.issue('tax', null, -60);
    const answers = [];
    for (const authorization of [
      '',
      'Bearer x',
      'Bearer a.b.c',
      'Basic dGF4',
      `Bearer ${good.slice(0, -4)}AAAA`,
      `Bearer ${late}`,
    ]) {
      for (const body of [
        '{"query":"{__typename}"}',
        '{"query": ',
        '{ person(',
        'x'.repeat(1_200_000),
        '{"query":"{ nonsense }"}',
      ]) {
        answers.push(await http.send(body, { authorization }).catch(() => undefined));
      }
      answers.push(await http.send('{"query":"{__typename}"}', { authorization, 'x-purpose': '' }));
      answers.push(await http.send('text', { authorization, 'content-type': 'text/plain' }));
    }
    const told = answers.flatMap((answer) => (answer ? [`${answer.status} ${answer.text}`] : []));
    expect(told.length).toBeGreaterThan(30);
    expect(new Set(told)).toEqual(
      new Set([
        '401 {"errors":[{"message":"A valid access token is required","extensions":{"code":"UNAUTHENTICATED"}}]}',
      ]),
    );
    expect(await recorded()).toEqual(before);
  });

  test.each([
    ['without a purpose', { 'x-purpose': '' }, 'PURPOSE_REQUIRED'],
    ['with a purpose that is none', { 'x-purpose': 'just because' }, 'PURPOSE_REQUIRED'],
    ['with a case number that is none', { 'x-case': '%00' }, 'CASE_MALFORMED'],
  ])('a known caller %s is told so, and that is recorded', async (_, headers, code) => {
    const before = await recorded();
    const { status, body } = await http.ask('{ __typename }', {}, headers);
    expect([status, body.errors[0].extensions.code, body.data]).toEqual([400, code, undefined]);
    expect((await recorded()).slice(before.length)).toEqual(['INVALID']);
  });

  const deep = `{ person(id: "x") ${'{ claims { edges { node { person '.repeat(4)}{ id }${' } } } }'.repeat(4)} }`;
  test.each<[string, string, string]>([
    ['no JSON', '{"query": ', 'BAD_REQUEST'],
    ['nothing', '', 'BAD_REQUEST'],
    ['an object without a query', '{}', 'BAD_REQUEST'],
    ['several operations at once', '[{"query":"{__typename}"}]', 'BAD_REQUEST'],
    ['variables that are no object', '{"query":"{__typename}","variables":[1]}', 'BAD_REQUEST'],
    ['__proto__ in the body', '{"query":"{__typename}","__proto__":{"caller":1}}', 'BAD_REQUEST'],
    [
      'a body of more than a million bytes',
      JSON.stringify({ query: '{__typename}', x: 'x'.repeat(1_000_000) }),
      'BODY_TOO_LARGE',
    ],
    ['what does not parse', JSON.stringify({ query: '{ person(' }), 'GRAPHQL_PARSE_FAILED'],
    ['more than 4,000 tokens', JSON.stringify({ query: `{ ${'__typename '.repeat(4_001)} }` }), 'TOO_MANY_TOKENS'],
    [
      'a field that is not there',
      JSON.stringify({ query: '{ person(id: "x") { nme } }' }),
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '_entities',
      JSON.stringify({ query: '{ _entities(representations: []) { __typename } }' }),
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['_service', JSON.stringify({ query: '{ _service { sdl } }' }), 'GRAPHQL_VALIDATION_FAILED'],
    [
      'the keys that only bureaus hand each other',
      JSON.stringify({ query: '{ person(id: "x") { keys } }' }),
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a day that does not exist',
      JSON.stringify({ query: '{ claims(institutionCode: "H", from: "2026-02-30") { edges { cursor } } }' }),
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a depth of 13', JSON.stringify({ query: deep }), 'TOO_DEEP'],
    [
      '51 aliases',
      JSON.stringify({
        query: `{ person(id: "x") { ${Array.from({ length: 51 }, (_, i) => `a${i}: id`).join(' ')} } }`,
      }),
      'TOO_MANY_ALIASES',
    ],
    [
      '21 root fields',
      JSON.stringify({ query: `{ ${Array.from({ length: 21 }, () => '__typename').join(' ')} }` }),
      'TOO_MANY_ROOT_FIELDS',
    ],
    [
      '21 directives',
      JSON.stringify({ query: `{ person(id: "x") { ${'id @include(if: true) '.repeat(21)} } }` }),
      'TOO_MANY_DIRECTIVES',
    ],
    [
      'fragments that grow',
      JSON.stringify({
        query: `{ person(id: "x") { ...f0 } } ${Array.from({ length: 30 }, (_, i) => `fragment f${i} on Person { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f30 on Person { id }`,
      }),
      'TOO_MANY_FIELDS',
    ],
    [
      'a name that every object has',
      JSON.stringify({ query: '{ constructor: person(id: "x") { id } }' }),
      'RESERVED_NAME',
    ],
    [
      'an operation that the document does not hold',
      JSON.stringify({ query: 'query A { __typename }', operationName: 'B' }),
      'BAD_REQUEST',
    ],
    ['a mutation that there is not', JSON.stringify({ query: 'mutation { x }' }), 'GRAPHQL_VALIDATION_FAILED'],
    // How deep the parser's stack goes depends on how far it has been compiled: with fewer tokens than are allowed, either limit is this one.
    [
      'nesting that no parser bears',
      JSON.stringify({ query: `{ ${'a { '.repeat(1_300)} b ${'}'.repeat(1_300)} }` }),
      'TOO_DEEP',
    ],
    ['a subscription', JSON.stringify({ query: 'subscription { x }' }), 'BAD_REQUEST'],
  ])('of a known caller, %s is refused with 400, told once, and recorded', async (_, sent, code) => {
    const before = await recorded();
    const { status, body } = await http.send(sent);
    expect([status, body.errors.length, body.errors[0].extensions.code]).toEqual([400, 1, code]);
    expect(body.data ?? null).toBeNull();
    expect((await recorded()).slice(before.length)).toEqual(['INVALID']);
  });

  test('no suggestion tells the schema', async () => {
    const { text } = await http.ask('{ person(id: "x") { idNumbr } }');
    expect(text).not.toMatch(/Did you mean|idNumber/);
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'the name %s is refused and harms nothing',
    async (name) => {
      const before = propertiesOfAll();
      for (const query of [
        `{ ${name}: person(id: "${JIA_KEY}") { keys: id call: name hasOwnProperty: name } }`,
        `{ person(id: "${JIA_KEY}") { ${name}: household { call: sourceId } } }`,
      ]) {
        const { status, body } = await http.ask(query);
        expect([status, body.errors[0].extensions.code]).toEqual([400, 'RESERVED_NAME']);
      }
      expect(propertiesOfAll()).toEqual(before);
    },
  );

  test('names that only functions have are ordinary names', async () => {
    const { body } = await http.ask(
      `{ prototype: person(id: "${JIA_KEY}") { call: id length: name apply: household { prototype: sourceId } } }`,
    );
    expect(body.data).toEqual({ prototype: { call: JIA_KEY, length: JIA.name, apply: { prototype: 'HJ1' } } });
  });

  test('a number of a person in a variable or literal that does not fit is not repeated', async () => {
    for (const [query, variables] of [
      ['query($n: String!) { person(idNumber: $n) { id } }', { n: Number(JIA.old) }],
      ['query($n: Int) { claims(institutionCode: "H", first: $n) { edges { cursor } } }', { n: JIA.number }],
      [`{ person(idNumber: ${JIA.old}) { id } }`, {}],
      [`{ person(idNumber: "${JIA.number.slice(0, 17)}A") { id } }`, {}],
      [`{ person(id: "${JIA.number}") { id } }`, {}],
    ] as const) {
      const { body, text } = await http.ask(query, variables);
      expect(body.errors).toHaveLength(1);
      expect(text).not.toContain(JIA.number.slice(0, 12));
    }
  });

  test('GET asks the same door', async () => {
    const token = await hub.hub.issuer.issue('medical-insurance-supervision');
    const get = (headers: Record<string, string>) =>
      fetch(`${http.url}/graphql?query=${encodeURIComponent('{ __typename }')}`, { headers });
    expect((await get({ 'apollo-require-preflight': '1' })).status).toBe(401);
    const known = {
      authorization: `Bearer ${token}`,
      'x-purpose': 'CASE_INVESTIGATION',
      'x-case': 'T-1',
      'apollo-require-preflight': '1',
    };
    const before = await recorded();
    const answer = await get(known);
    expect([answer.status, await answer.json()]).toMatchObject([200, { data: { __typename: 'Query' } }]);
    expect((await recorded()).slice(before.length)).toEqual(['GRANTED']);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await fetch(`${http.url}/graphql`, { method, headers: known })).status).toBe(404);
  });

  test('a case number in Chinese arrives as it was sent, in UTF-8 or percent-encoded', async () => {
    const number = '皖医保〔2026〕12';
    for (const header of [Buffer.from(number, 'utf8').toString('latin1'), encodeURIComponent(number)]) {
      await http.ask('{ __typename }', {}, { 'x-case': header });
      const { rows } = await hub.database.pool.query(
        `select leaf::jsonb->>'case' as number from audit.record order by seq desc limit 1`,
      );
      expect(rows).toEqual([{ number }]);
    }
  });

  test('while the audit log takes no record, nothing is answered, not even a mistake; then service resumes', async () => {
    await hub.database.pool.query('alter table audit.record rename to hidden');
    const sent = [
      `{"query":"{ person(id: \\"${JIA_KEY}\\") { name } }"}`,
      '{"query":"{ person("}',
      '{"query":"{ nme }"}',
      '{"query": ',
      '{}',
      'x'.repeat(1_000_001),
    ];
    const answers = await Promise.all(sent.map((body) => http.send(body)));
    await hub.database.pool.query('alter table audit.hidden rename to record');
    for (const { status, body, text } of answers) {
      expect([status, body.errors.length, body.errors[0].extensions.code, body.data]).toEqual([
        503,
        1,
        'AUDIT_UNAVAILABLE',
        undefined,
      ]);
      expect(text).not.toMatch(/金丝雀|audit\.|relation/);
    }
    const { status, body } = await http.ask(`{ person(id: "${JIA_KEY}") { name } }`);
    expect([status, body.data.person.name]).toEqual([200, JIA.name]);
  });

  test('every answer forbids what a page of others could do with it', async () => {
    for (const path of ['/graphql', '/healthz', '/nothing']) {
      const { headers } = await fetch(http.url + path);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test.each<[string, string, RegExp]>([
    ['a port that is taken', '127.0.0.1', /^Port \d+ is taken: stop what listens there, or set PORT to another$/],
    [
      'an address of another machine',
      '203.0.113.1',
      /^203\.0\.113\.1 is no address of this machine: set HEYAN_HOST to one that is$/,
    ],
  ])('%s is said in one sentence', async (_, host, sentence) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    try {
      await expect(listen(hub.hub.gateway, { host, port, pages: null })).rejects.toThrow(sentence);
    } finally {
      taken.close();
    }
  });
});
