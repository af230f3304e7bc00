/** Four clients as partners use them, each as it comes, get the same data for the same twenty operations. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { GraphQLClient } from 'graphql-request';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { OPERATIONS, type Operation } from '../support/client-operations';
import { type Served, serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { deliver, smallCity } from '../support/small-city';

type Headers = Record<string, string>;
type Data = Record<string, unknown>;
/** What asks one operation with headers of its own, and gives the data or throws. */
type Ask = (operation: Operation, headers: Headers) => Promise<Data>;

function clients(url: string): Record<string, Ask> {
  const apollo = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });
  const urql = new Client({ url, exchanges: [cacheExchange, fetchExchange], preferGetMethod: false });
  const request = new GraphQLClient(url);
  return {
    async fetch({ query, variables }, headers) {
      const body = JSON.stringify({ query, variables });
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
    async '@apollo/client'({ query, variables }, headers) {
      const { data, error } = await apollo.query<Data>({ query: gql(query), variables, context: { headers } });
      if (error) throw error;
      return data as Data;
    },
    async '@urql/core'({ query, variables }, headers) {
      const { data, error } = await urql.query(query, variables ?? {}, { fetchOptions: { headers } }).toPromise();
      if (error) throw error;
      return data as Data;
    },
    'graphql-request': ({ query, variables }, headers) => request.request<Data>(query, variables, headers),
  };
}

/** Clients that keep what they read ask for `__typename` beside it; it is not what was asked for. */
function withoutTypenames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTypenames);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).filter(([name]) => name !== '__typename');
  return Object.fromEntries(fields.map(([name, below]) => [name, withoutTypenames(below)]));
}

describe('clients', () => {
  let hub: TestHub;
  let http: Served;
  let ask: Record<string, Ask>;
  let token: string;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    await hub.nightly();
    http = await serve(hub);
    ask = clients(`${http.url}/graphql`);
    token = await hub.hub.issuer.issue(SUPERVISION, 'tester');
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
  });

  const headersFor = ({ purpose = CASE_INVESTIGATION }: Operation): Headers => ({
    authorization: `Bearer ${token}`,
    'x-purpose': purpose,
    'x-case': 'T-1',
  });

  test('the operations are twenty', () => {
    expect(new Set(OPERATIONS.map(({ query }) => query)).size).toBe(20);
  });

  test.each(OPERATIONS.map((operation) => [operation.name, operation] as const))('%s', async (_, operation) => {
    const answers: Record<string, unknown> = {};
    for (const [name, one] of Object.entries(ask)) answers[name] = await one(operation, headersFor(operation));
    const { fetch: plain, ...others } = answers;
    // An answer of nothing would be the same for everybody.
    const isEmpty = /^\{"\w+":(null|\{"(edges|changes)":\[\])/.test(JSON.stringify(plain));
    expect(isEmpty).toBe(operation.name === 'no such claim');
    for (const other of Object.values(others)) expect(withoutTypenames(other)).toEqual(withoutTypenames(plain));
  });

  test('each of them hears of a refusal', async () => {
    const refused = { name: 'refused', query: '{ deathChanges(first: 1) { endCursor } }' };
    for (const one of Object.values(ask))
      await expect(one(refused, headersFor(refused))).rejects.toThrow(/deathChanges|death/);
  });
});
