import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Gateway } from '../../src/gateway/gateway';
import { type Listening, type ListenOptions, listen } from '../../src/gateway/listen';
import { revokeAllOf } from '../../src/gateway/revocation';
import { tamper } from '../support/agreement';
import { agree, everything, PURPOSE } from '../support/callers';
import { type TestHub, testHub } from '../support/hub';
import { claim, deliver, household, JIA, smallCity, YI } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
type Line = any;

const AGENCY = 'follower';
const FEED =
  'query($after: String, $first: Int) { claimChanges(after: $after, first: $first) { changes { seq op record { sourceId status } } } }';

interface Asked {
  query?: string;
  variables?: object;
  operationName?: string;
}

/** What came back: lines of a stream, or one answer. */
interface Heard {
  status: number;
  headers: IncomingMessage['headers'];
  lines: Line[];
}

describe('a feed as a stream of lines', () => {
  let hub: TestHub;
  let token: string;
  const open: Listening[] = [];
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    await agree(
      hub,
      new Map([AGENCY, 'suspended', 'revoked', 'metered'].map((agency) => [agency, (kind) => [everything(kind)]])),
    );
    token = await hub.hub.issuer.issue(AGENCY, 'officer');
  });
  afterAll(async () => {
    for (const one of open) await one.close();
    await hub.close();
  });

  /** A server of its own. `before` is called before a token is looked at, with how many times it was before. */
  async function server(
    streams: ListenOptions['streams'] = {},
    before: (times: number) => Promise<unknown> = async () => undefined,
  ): Promise<Listening> {
    let times = 0;
    const gateway: Gateway = {
      ...hub.hub.gateway,
      async authenticate(credentials) {
        await before(times++);
        return hub.hub.gateway.authenticate(credentials);
      },
    };
    const listening = await listen(gateway, { host: '127.0.0.1', port: 0, pages: null, streams });
    open.push(listening);
    return listening;
  }

  function send(
    { url }: Listening,
    asked: Asked | string,
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sending = request(`${url}/graphql`, {
        method: 'POST',
        headers: {
          accept: 'application/x-ndjson',
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'x-purpose': PURPOSE,
          ...headers,
        },
      });
      sending.on('response', resolve).on('error', reject);
      sending.end(typeof asked === 'string' ? asked : JSON.stringify({ query: FEED, ...asked }));
    });
  }

  async function hear(from: Listening, asked: Asked | string = {}, headers?: Record<string, string>): Promise<Heard> {
    const answer = await send(from, asked, headers);
    const lines: Line[] = [];
    for await (const line of createInterface(answer)) lines.push(JSON.parse(line));
    return { status: answer.statusCode as number, headers: answer.headers, lines };
  }

  async function recorded(): Promise<{ decision: string; receipt: string; feeds: unknown[]; hash: string }[]> {
    const { rows } = await hub.database.pool.query(
      `select leaf::jsonb->>'decision' as decision, leaf::jsonb->'feeds' as feeds, encode(leaf_hash, 'hex') as receipt,
              leaf::jsonb->'operation'->>'hash' as hash from audit.record order by seq`,
    );
    return rows;
  }

  const changesOf = ({ lines }: Heard) => lines.filter((line) => 'seq' in line);
  const endsOf = ({ lines }: Heard) => lines.filter((line) => 'endCursor' in line);

  test('has a line per change as it was selected and one behind each page, each page on record', async () => {
    const before = await recorded();
    const here = await server();
    const heard = await hear(here, { variables: { first: 4 } });
    expect([heard.status, heard.headers]).toMatchObject([
      200,
      {
        'content-type': 'application/x-ndjson; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'transfer-encoding': 'chunked',
      },
    ]);
    expect(heard.lines.map((line) => ('seq' in line ? 'change' : line.hasNextPage))).toEqual(
      [4, 4, 3].flatMap((count, page) => [...Array(count).fill('change'), page < 2]),
    );
    const { data } = await hub.as({ agency: AGENCY, purpose: PURPOSE })(FEED, { first: 5_000 });
    expect(changesOf(heard)).toEqual((data as Line).claimChanges.changes);
    expect(endsOf(heard).map(({ endCursor }) => endCursor)).toEqual([3, 7, 10].map((at) => changesOf(heard)[at].seq));
    expect(endsOf(heard).every(({ freshness }) => typeof freshness.claim === 'string')).toBe(true);
    const records = (await recorded()).slice(before.length, -1);
    expect(records.map(({ decision, receipt }) => [decision, receipt])).toEqual(
      endsOf(heard).map(({ receipt }) => ['GRANTED', receipt]),
    );
    expect(records.map(({ feeds }) => feeds)).toEqual(
      [[0, 3], [4, 7], [8, 10]].map(([from, to]) => [
        { kind: 'claim', from: changesOf(heard)[from as number].seq, to: changesOf(heard)[to as number].seq },
      ]),
    ); // biome-ignore format: a table
    expect(new Set(records.map(({ hash }) => hash)).size).toBe(1);
  });

  test.each<[string, Asked, string]>([
    ['no argument', { query: '{ claimChanges { changes { seq } } }' }, '1-11'],
    ['literals', { query: '{ claimChanges(after: "7", first: 2) { changes { seq } } }' }, '8-11'],
    ['a block text', { query: '{ claimChanges(after: """7""", first: 2) { changes { seq } } }' }, '8-11'],
    ['null', { query: '{ claimChanges(after: null, first: 3) { changes { seq } } }' }, '1-11'],
    ['variables', { query: FEED, variables: { after: '9', first: 1 } }, '10-11'],
    ['variables that are null', { query: FEED, variables: { after: null, first: null } }, '1-11'],
    [
      'a default',
      { query: 'query($a: String = "6") { claimChanges(after: $a, first: 2) { changes { seq } } }' },
      '7-11',
    ],
    [
      'a default that is overruled',
      { query: 'query($a: String = "6") { claimChanges(after: $a) { changes { seq } } }', variables: { a: '10' } },
      '11-11',
    ],
    [
      'one of several operations',
      {
        query:
          'query A { __typename } query B { claimChanges(after: "10") { ...P } } fragment P on ClaimChanges { changes { seq } }',
        operationName: 'B',
      },
      '11-11',
    ],
    [
      'a fragment within the page',
      {
        query:
          '{ claimChanges(first: 4) { ... on ClaimChanges { changes { ...C } } } } fragment C on ClaimChange { seq }',
      },
      '1-11',
    ],
    [
      'names that ours could be',
      {
        query:
          'query pageEnd($nextPage: String, $nextPage_: Int) { pageGoesOn: claimChanges(after: $nextPage, first: $nextPage_) { pageEnd: hasNextPage changes { pageGoesOn: op seq } } }',
        variables: { nextPage: '5', nextPage_: 2, nextPage__: 'x' },
      },
      '6-11',
    ],
    ['behind the end', { query: FEED, variables: { after: '11' } }, ''],
  ])('reads the whole feed, whatever its arguments: %s', async (_, asked, expected) => {
    const heard = await hear(await server(), asked);
    const seqs = changesOf(heard).map(({ seq }) => Number(seq));
    expect([heard.status, heard.lines.at(-1)]).toMatchObject([200, { endCursor: '11', hasNextPage: false }]);
    expect(seqs.length > 0 ? `${seqs[0]}-${seqs.at(-1)}` : '').toBe(expected);
    expect(seqs).toEqual(seqs.map((_seq, place) => (seqs[0] as number) + place));
  });

  test('a change is told under the names that were asked for', async () => {
    const query =
      '{ c: claimChanges(after: "10") { all: changes { a: sourceId op b: record { status s: sourceId } } endCursor } }';
    const { lines } = await hear(await server(), { query });
    const [change, end, ...others] = lines;
    expect([change, others]).toEqual([{ a: change.a, op: 'UPSERT', b: { status: 'PAID', s: change.a } }, []]);
    expect(Object.keys(end)).toEqual(['endCursor', 'hasNextPage', 'receipt', 'freshness']);
  });

  const NOT_STREAMABLE = [406, 'NOT_STREAMABLE'] as const;
  test.each<[string, Asked | string, readonly [number, string], string?]>([
    ['a question', { query: '{ person(id: "00") { id } }' }, NOT_STREAMABLE],
    ['a list', { query: '{ claims(institutionCode: "H") { edges { cursor } } }' }, NOT_STREAMABLE],
    ['two feeds', { query: '{ claimChanges { changes { seq } } deathChanges { changes { seq } } }' }, NOT_STREAMABLE],
    ['a feed and more', { query: '{ __typename claimChanges { changes { seq } } }' }, NOT_STREAMABLE],
    ['a feed in a fragment', { query: '{ ... { claimChanges { changes { seq } } } }' }, NOT_STREAMABLE],
    ['a feed on a condition', { query: '{ claimChanges @skip(if: false) { changes { seq } } }' }, NOT_STREAMABLE],
    ['a feed without changes', { query: '{ claimChanges { endCursor } }' }, NOT_STREAMABLE],
    ['changes under two names', { query: '{ claimChanges { a: changes { seq } b: changes { op } } }' }, NOT_STREAMABLE],
    ['the schema', { query: '{ __schema { queryType { name } } }' }, NOT_STREAMABLE],
    ['a mutation', { query: 'mutation { revokeAgreement(id: "x", reason: "y") { id } }' }, NOT_STREAMABLE],
    ['no JSON', '{"query": ', [400, 'BAD_REQUEST']],
    ['nothing to parse', { query: '{ claimChanges(' }, [400, 'GRAPHQL_PARSE_FAILED']],
    ['a field that is not there', { query: '{ claimChanges { changes { sq } } }' }, [400, 'GRAPHQL_VALIDATION_FAILED']],
    [
      'several operations and no name',
      { query: 'query A { claimChanges { changes { seq } } } query B { __typename }' },
      [400, 'BAD_REQUEST'],
    ],
    ['a cursor that is none', { variables: { after: 'x' } }, [200, 'BAD_USER_INPUT'], 'GRANTED'],
    ['a cursor that is no text', { variables: { after: 7 } }, [400, 'BAD_USER_INPUT'], 'FAILED'],
    ['a page of nothing', { variables: { first: 0 } }, [200, 'BAD_USER_INPUT'], 'GRANTED'],
  ])(
    '%s is answered as without a stream, told once, and recorded',
    async (_, asked, [status, code], decision = 'INVALID') => {
      const before = await recorded();
      const here = await server();
      const heard = await hear(here, asked);
      const [{ errors, data = null }] = heard.lines;
      expect([heard.status, heard.lines.length, errors.length, errors[0].extensions.code]).toEqual([
        status,
        1,
        1,
        code,
      ]);
      expect(heard.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(data === null || data.claimChanges === null).toBe(true);
      expect((await recorded()).slice(before.length).map((record) => record.decision)).toEqual([decision]);
      if (code === 'NOT_STREAMABLE') return;
      const plain = await hear(here, asked, { accept: 'application/json' });
      const comparable = ({ lines }: Heard) => lines.map(({ extensions: _receipt, ...line }) => line);
      expect([plain.status, comparable(plain)]).toEqual([heard.status, comparable(heard)]);
    },
  );

  test.each<[string, Record<string, string>, number, string]>([
    ['a stranger', { authorization: 'Bearer x' }, 401, 'UNAUTHENTICATED'],
    ['who gives no purpose', { 'x-purpose': '' }, 400, 'PURPOSE_REQUIRED'],
    ['who has no agreement for the purpose', { 'x-purpose': 'OTHER' }, 200, 'NOT_SHARED'],
  ])('%s gets no line of it', async (_, headers, status, code) => {
    const { lines, ...heard } = await hear(await server(), {}, headers);
    expect([heard.status, lines.map(({ data = null, errors }) => [data, errors[0].extensions.code])]).toEqual([
      status,
      [[null, code]],
    ]);
  });

  test.each(['application/json, application/x-ndjson; q=0.9', 'APPLICATION/X-NDJSON;charset=utf-8'])(
    'is what accept: %s asks for',
    async (accept) => {
      expect((await hear(await server(), {}, { accept })).headers['content-type']).toMatch(/^application\/x-ndjson/);
    },
  );

  describe('what is taken back meanwhile ends it at the next page', () => {
    const one = { variables: { first: 1 } };
    const last = ({ lines }: Heard) => lines.at(-1);

    test('a token', async () => {
      const mine = await hub.hub.issuer.issue('suspended', 'officer');
      const before = await recorded();
      const here = await server(
        {},
        async (times) =>
          times === 3 && revokeAllOf(hub.database.pool, 'suspended', new Date('2026-06-30T10:00:01+08:00')),
      );
      const heard = await hear(here, one, { authorization: `Bearer ${mine}` });
      expect(changesOf(heard)).toHaveLength(3);
      expect(last(heard)).toEqual({
        errors: [{ message: 'A valid access token is required', extensions: { code: 'UNAUTHENTICATED' } }],
      });
      // A stranger's request leaves no record.
      expect((await recorded()).slice(before.length).map(({ decision }) => decision)).toEqual(Array(3).fill('GRANTED'));
    });

    test('an agreement', async () => {
      const mine = await hub.hub.issuer.issue('revoked', 'officer');
      const here = await server(
        {},
        async (times) =>
          times === 2 &&
          tamper(hub.database, `update sharing.agreement set state = 'REVOKED' where agency = 'revoked'`),
      );
      const heard = await hear(here, one, { authorization: `Bearer ${mine}` });
      expect(changesOf(heard)).toHaveLength(2);
      const { errors, receipt } = last(heard);
      expect(new Set(errors.map((error: Line) => `${error.extensions.code} ${error.extensions.reason}`))).toEqual(
        new Set(['NOT_SHARED REVOKED']),
      );
      expect((await recorded()).at(-1)).toMatchObject({ decision: 'REFUSED', receipt });
    });

    test('the audit log', async () => {
      const here = await server(
        {},
        async (times) => times === 2 && hub.database.pool.query('alter table audit.record rename to hidden'),
      );
      const heard = await hear(here, one);
      await hub.database.pool.query('alter table audit.hidden rename to record');
      expect(changesOf(heard)).toHaveLength(2);
      expect(last(heard)).toMatchObject({ errors: [{ extensions: { code: 'AUDIT_UNAVAILABLE' } }] });
      expect(await recorded()).toEqual(
        expect.arrayContaining(endsOf(heard).map(({ receipt }) => expect.objectContaining({ receipt }))),
      );
    });

    test('the bureau', async () => {
      const here = await server(
        {},
        async (times) => times === 2 && hub.keeping('claim').pool.query('alter table claim.revision rename to hidden'),
      );
      const heard = await hear(here, one);
      await hub.keeping('claim').pool.query('alter table claim.hidden rename to revision');
      expect(changesOf(heard)).toHaveLength(2);
      expect(last(heard)).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
      expect(JSON.stringify(last(heard))).not.toMatch(/relation|revision|http/);
    });
  });

  test('tells a record that leaves the districts as deleted, and shows what is masked masked', async () => {
    const clause = {
      recordKind: 'household',
      fields: ['sourceId', 'name', 'districtCode'],
      verbs: ['FEED'] as const,
      masks: { name: 'PARTIAL' } as const,
      districts: ['340303'],
    };
    await agree(hub, new Map([['district', ({ kind }) => (kind === 'household' ? [clause] : [])]]));
    await deliver(hub.database, {
      household: [
        household(YI, 'HJ2', { district_code: '340304', updated_at: '2026-06-10' }),
        household(YI, 'HJ9', { district_code: '340304', updated_at: '2026-06-10' }),
      ],
    });
    const mine = await hub.hub.issuer.issue('district', 'officer');
    const query = '{ householdChanges(first: 2) { changes { op sourceId record { name } } } }';
    const { lines } = await hear(await server(), { query }, { authorization: `Bearer ${mine}` });
    const told = lines.filter(({ op }) => op).map(({ op, sourceId, record }) => [sourceId, op, record?.name ?? null]);
    expect(told.toSorted()).toEqual([
      ...['HJ0', 'HJ1', 'HJ2', 'HJ3', 'HJ4', 'HJ5'].flatMap((id) => [
        ...(id === 'HJ2' ? [[id, 'DELETE', null]] : []),
        [id, 'UPSERT', '金*'],
      ]),
    ]);
    expect(told.at(-1)).toEqual(['HJ2', 'DELETE', null]);
    expect(JSON.stringify(lines)).not.toMatch(/HJ9|金丝雀/);
  });

  describe('of many megabytes', () => {
    /** What one page of it holds is more than all the buffers of a connection. */
    const BIG = `{ claimChanges(first: 400) { changes { seq record { ${Array.from({ length: 45 }, (_, i) => `n${i}: institutionName`).join(' ')} } } } }`;
    const PAGES = 5;
    beforeAll(async () => {
      const more = { institution_name: '金'.repeat(490), updated_at: '2026-06-20' };
      await deliver(hub.database, {
        claim: Array.from({ length: 2_000 }, (_, i) => claim(JIA, `G${i}`, '2026-01-05', more)),
      });
    });
    const big = { query: BIG.replace('first: 400', 'first: 400, after: "11"') };

    const closed = (answer: IncomingMessage) =>
      new Promise((resolve) => answer.on('error', () => undefined).on('close', resolve));

    /** One stream as soon as there is a place for it; asks until then. */
    const whenThereIsRoom = async (here: Listening): Promise<Heard> => {
      for (;;) {
        const heard = await hear(here, { variables: { after: '2011' } });
        if (heard.status !== 429) return heard;
      }
    };
    const grantedSince = async (before: unknown[]) =>
      (await recorded()).slice(before.length).filter(({ decision }) => decision === 'GRANTED').length;

    test('a client that takes nothing is given up, and no page more is asked for than it had room for', async () => {
      const before = await recorded();
      const here = await server({ streamsPerAgency: 1, streamIdleMilliseconds: 300 });
      const answer = (await send(here, big)).pause();
      await whenThereIsRoom(here);
      await closed(answer.resume());
      expect(answer.complete).toBe(false);
      expect(await grantedSince(before)).toBe(2);
    });

    test('a client that is gone is not read for any longer, and leaves its place', async () => {
      const before = await recorded();
      const here = await server({ streamsPerAgency: 1, streamIdleMilliseconds: 60_000 });
      const answer = await send(here, big);
      expect((await hear(here)).status).toBe(429);
      answer.destroy();
      await whenThereIsRoom(here);
      expect(await grantedSince(before)).toBe(2);
    });

    test('a client that takes its time gets all of it', async () => {
      const before = await recorded();
      const answer = await send(await server(), big);
      let bytes = 0;
      for await (const chunk of answer) {
        bytes += chunk.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(bytes).toBeGreaterThan(2_000 * 45 * 490 * 3);
      expect(await grantedSince(before)).toBe(PAGES);
    });

    test('a server that stops waits for no client', async () => {
      const here = await server({ streamIdleMilliseconds: 60_000 });
      const answer = await send(here, big);
      const end = closed(answer.pause());
      await here.close();
      answer.destroy();
      await end;
      expect(answer.complete).toBe(false);
    });
  });

  describe('has its limits', () => {
    test('of what a page may hold, which is less than without a stream', async () => {
      const query = `{ claimChanges(first: 5000) { changes { seq record { ${Array(48).fill('status').join(' ')} } } } }`;
      const here = await server();
      const { status, lines } = await hear(here, { query });
      expect([status, lines[0].errors[0].message]).toEqual([
        400,
        'A page of the stream may fetch 255001 values, at most 250000: ask for shorter pages',
      ]);
      expect((await hear(here, { query: query.replace('5000', '4000') })).status).toBe(200);
      expect((await hear(here, { query }, { accept: 'application/json' })).status).toBe(200);
    });

    test('of pages: the client goes on from where it ended', async () => {
      const here = await server({ streamPages: 2 });
      const seqs: string[] = [];
      let after = '0';
      for (let streams = 0; streams < 6; streams++) {
        const heard = await hear(here, { query: FEED, variables: { first: 1, after } });
        seqs.push(...changesOf(heard).map(({ seq }) => seq));
        expect([heard.status, changesOf(heard).length, heard.lines.at(-1).hasNextPage]).toEqual([200, 2, true]);
        after = heard.lines.at(-1).endCursor;
      }
      expect(seqs).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 1)));
    });

    test('of time', async () => {
      const heard = await hear(await server({ streamMilliseconds: 0 }), { variables: { first: 3 } });
      expect([changesOf(heard).length, heard.lines.at(-1).hasNextPage]).toEqual([3, true]);
    });

    test.each([{ streamsPerAgency: 0 }, { streams: 0 }])('of how many there are at once: %j', async (limits) => {
      const before = await recorded();
      const here = await server(limits);
      const { status, headers, lines } = await hear(here);
      expect([status, headers['retry-after'], lines.map(({ errors }) => errors[0].extensions.code)]).toEqual([
        429,
        '5',
        ['TOO_MANY_STREAMS'],
      ]);
      expect((await recorded()).slice(before.length).map(({ decision }) => decision)).toEqual(['INVALID']);
      expect((await hear(here, {}, { accept: 'application/json' })).status).toBe(200);
    });

    test('of what an agency may ask for in a minute, each page counted', async () => {
      const query = `query($after: String, $first: Int) { claimChanges(after: $after, first: $first) { changes { seq record { ${Array(396).fill('status').join(' ')} } } } }`;
      const mine = { authorization: `Bearer ${await hub.hub.issuer.issue('metered', 'officer')}` };
      const here = await server();
      // Of 200,000,000 values a minute these leave 499,900, which is two pages of 600 changes with 399 values each.
      for (let times = 0; times < 100; times++) {
        const { lines } = await hear(
          here,
          { query, variables: { after: '2011', first: 5_000 } },
          { ...mine, accept: 'application/json' },
        );
        expect(lines[0].errors).toBeUndefined();
      }
      const heard = await hear(here, { query, variables: { after: '11', first: 600 } }, mine);
      const { errors, receipt } = heard.lines.at(-1);
      expect([changesOf(heard).length, errors[0].extensions]).toEqual([1_200, { code: 'TOO_MUCH_PER_MINUTE' }]);
      expect((await recorded()).at(-1)).toMatchObject({ decision: 'INVALID', receipt });
    });
  });
});
