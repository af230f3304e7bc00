import { type Listening, listen } from '../../src/gateway/listen';
import { traceparentOf } from '../../src/gateway/request-log';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEX = 'ab'.repeat(16);
const GIVEN = '0e37df36-f698-41e6-8dd4-cb9ced3df992';

describe('the log of requests', () => {
  let hub: TestHub;
  let at: Listening;
  let known: Record<string, string>;
  const lines: string[] = [];
  let onLine: () => void = () => undefined;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    const log = {
      write(line: string) {
        lines.push(line);
        onLine();
      },
    };
    at = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null, tokens: hub.hub.tokens, log });
    const token = await hub.hub.issuer.issue(SUPERVISION, '王审核');
    known = { authorization: `Bearer ${token}`, 'x-purpose': CASE_INVESTIGATION, 'x-case': 'T-1' };
  });
  afterAll(async () => {
    await at.close();
    await hub.close();
  });

  /** What is answered, and the line that was written of it. */
  async function logged(path: string, init: RequestInit = {}): Promise<{ answer: Response; line: object }> {
    const before = lines.length;
    const written = new Promise<void>((resolve) => {
      onLine = () => lines.length > before && resolve();
    });
    const answer = await fetch(at.url + path, init);
    await answer.text();
    await written;
    expect(lines).toHaveLength(before + 1);
    return { answer, line: JSON.parse(lines[before] as string) };
  }

  const graph = (query: string, variables: object = {}, headers: Record<string, string> = {}) =>
    logged('/graphql', {
      method: 'POST',
      headers: { ...known, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });

  test('an operation: who, what for, how large, how it ended, how long it took', async () => {
    const { answer, line } = await graph(`{ person(id: "${keyOf(JIA.number)}") { name deaths { deathDate } } }`);
    expect(line).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      id: expect.stringMatching(UUID),
      agency: SUPERVISION,
      purpose: CASE_INVESTIGATION,
      operation: expect.stringMatching(/^[0-9a-f]{16}$/),
      uses: expect.any(Number),
      decision: 'GRANTED',
      errors: 0,
      records: 1,
      method: 'POST',
      route: '/graphql',
      status: 200,
      isWhole: true,
      milliseconds: expect.any(Number),
      message: 'request',
    });
    expect((line as { uses: number }).uses).toBeGreaterThan(1);
    expect(answer.headers.get('x-request-id')).toBe((line as { id: string }).id);
  });

  const rows: readonly [string, () => ReturnType<typeof logged>, object][] = [
    ['a stranger', () => graph('{ __typename }', {}, { authorization: '' }), { agency: null, status: 401, records: 0, operation: null }],
    ['no purpose', () => graph('{ __typename }', {}, { 'x-purpose': '' }), { agency: SUPERVISION, purpose: null, status: 400, decision: 'INVALID' }],
    ['what is refused', () => graph('{ deathChanges { endCursor } }'), { status: 200, decision: 'REFUSED', errors: 1 }],
    ['what does not parse', () => graph('{ person('), { status: 400, decision: 'INVALID' }],
    ['a page that is not there', () => logged('/nothing?n=1'), { route: 'none', status: 404, agency: null }],
    ['health', () => logged('/healthz'), { route: '/healthz', status: 200 }],
    ['a token', () => logged('/oauth/token', { method: 'POST' }), { route: '/oauth/token', isWhole: true }],
  ]; // biome-ignore format: a table
  test.each(rows)('%s has its line', async (_, send, expected) => {
    expect((await send()).line).toMatchObject(expected);
  });

  test('a stream has one line, and counts its pages', async () => {
    const { line } = await graph(
      '{ claimChanges(first: 5) { changes { seq } endCursor hasNextPage } }',
      {},
      {
        accept: 'application/x-ndjson',
        'x-purpose': 'FUND_SUPERVISION',
      },
    );
    expect(line).toMatchObject({ status: 200, decision: 'GRANTED', records: 3, isWhole: true });
  });

  test.each([
    ['a UUID', { 'x-request-id': GIVEN }, GIVEN],
    ['a UUID in capitals', { 'x-request-id': GIVEN.toUpperCase() }, GIVEN],
    ['a UUID beside a trace', { 'x-request-id': GIVEN, traceparent: `00-${HEX}-${'1'.repeat(16)}-01` }, GIVEN],
  ])('%s is taken as the request’s id', async (_, headers, id) => {
    const { answer, line } = await logged('/healthz', { headers });
    expect([answer.headers.get('x-request-id'), (line as { id: string }).id]).toEqual([id, id]);
  });

  test.each([
    ['a number of a person', { 'x-request-id': JIA.number }],
    ['a person key', { 'x-request-id': keyOf(JIA.number) }],
    ['a person key as a trace', { traceparent: `00-${keyOf(JIA.number)}-${'1'.repeat(16)}-01` }],
    ['a longer hash', { 'x-request-id': HEX + HEX }],
    ['a UUID of no version', { 'x-request-id': '11010519-4912-0031-0020-000000000000' }],
    ['words', { 'x-request-id': 'wang-5' }],
  ])('%s is not, and is nowhere in the line', async (_, headers) => {
    const { answer, line } = await logged('/healthz', { headers });
    expect(answer.headers.get('x-request-id')).toMatch(UUID);
    for (const given of Object.values(headers))
      expect(JSON.stringify(line)).not.toContain(given.replace(/^00-|-1+-01$/g, ''));
  });

  test.each([
    ['one', `00-${HEX}-${'1'.repeat(16)}-01`, true],
    ['an empty one', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, false],
    ['one without parent', `00-${HEX}-${'0'.repeat(16)}-01`, false],
    ['one of no version', `ff-${HEX}-${'1'.repeat(16)}-01`, false],
  ])('a trace is gone on with: %s', (_, traceparent, isOne) => {
    expect(traceparentOf({ traceparent })).toBe(isOne ? traceparent : undefined);
  });

  test('nothing personal is in any line', async () => {
    await graph('query WangWu($n: String!) { person(idNumber: $n) { name } }', { n: JIA.number });
    await graph(`{ person(idNumber: "${JIA.number.slice(0, 17)}A") { name } }`);
    await logged(`/graphql?query=${encodeURIComponent(`{person(idNumber:"${JIA.number}"){name}}`)}`);
    await logged(`/${JIA.number}`, {
      headers: { 'user-agent': JIA.name.normalize('NFKD').replace(/[^\x20-\x7e]/g, '') },
    });
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.join('')).not.toMatch(
      new RegExp(`金丝雀|王审核|WangWu|${JIA.number.slice(0, 14)}|${JIA.old}|T-1"|Bearer|eyJ`),
    );
  });
});
