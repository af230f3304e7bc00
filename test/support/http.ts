import { type Listening, listen } from '../../src/gateway/listen';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import type { TestHub } from './hub';

export interface Answer {
  status: number;
  text: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  body: any;
}

export interface Served extends Listening {
  /** Sends a body as it is. Headers that are empty text are left out. */
  send(body: string, headers?: Record<string, string>): Promise<Answer>;
  /** One operation of a reviewer with a case. */
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
}

/** Sends one operation of a reviewer with a case to a graph, by its address. */
export function post(
  graph: string,
  token: string,
  operation: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(graph, {
    method: 'POST',
    headers: { ...headersOf(token), ...headers },
    body: JSON.stringify(operation),
  });
}

function headersOf(token: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'x-purpose': CASE_INVESTIGATION,
    'x-case': 'T-1',
  };
}

/** The hub on a port of its own. */
export async function serve({ hub }: TestHub): Promise<Served> {
  const { gateway, tokens, ready } = hub;
  const listening = await listen(gateway, { host: '127.0.0.1', port: 0, pages: null, tokens, ready });
  const token = await hub.issuer.issue(SUPERVISION, 'tester');
  const own = headersOf(token);
  const send = async (body: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const given = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== '');
    const response = await fetch(`${listening.url}/graphql`, { method: 'POST', body, headers: given });
    const text = await response.text();
    return {
      status: response.status,
      text,
      headers: response.headers,
      body: text.startsWith('{') ? JSON.parse(text) : null,
    };
  };
  return {
    ...listening,
    send,
    ask: (query, variables, headers) => send(JSON.stringify({ query, variables }), headers),
  };
}
