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

/** The hub on a port of its own. */
export async function serve({ hub }: TestHub): Promise<Served> {
  const listening = await listen(hub.gateway, { host: '127.0.0.1', port: 0, pages: null, tokens: hub.tokens });
  const token = await hub.issuer.issue(SUPERVISION, 'tester');
  const own = {
    authorization: `Bearer ${token}`,
    'x-purpose': CASE_INVESTIGATION,
    'x-case': 'T-1',
    'content-type': 'application/json',
  };
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
