/**
 * Callers with agreements made for a test: each agency is granted everything that the graph can grant, or what is left of it by the test. They ask
 * over the real HTTP server.
 */
import { Agent, request } from 'node:http';
import { type Listening, listen } from '../../src/gateway/listen';
import { Agreement, type Clause, VERBS } from '../../src/sharing/agreement';
import { signApproval } from '../../src/sharing/approval';
import type { GrantableKind } from '../../src/sharing/terms';
import type { TestHub } from './hub';
import { grantElsewhere } from './shape';

export const PURPOSE = 'REVIEW';

/** Every one-bit answer, of each bureau that it rests on. */
export const ONE_BIT_ANSWERS: readonly (readonly [provider: string, kind: string, name: string])[] = [
  ['civil-affairs', 'death', 'aliveOn'],
  ['public-security', 'household', 'aliveOn'],
  ['medical-insurance', 'enrollment', 'insuredOn'],
  ['social-security', 'retirement', 'retiredOn'],
  ['tax', 'contribution', 'paidFor'],
  ['rural-revitalisation', 'poverty', 'monitoredOn'],
];

/** The clauses of an agreement on one kind. */
export type Terms = (kind: GrantableKind) => readonly Clause[];

/** Every field of the kind by every verb. */
export function everything({ kind, fields }: GrantableKind): Clause {
  return { recordKind: kind, fields: fields.map(({ name }) => name), verbs: VERBS };
}

/** Writes the agreements of agencies, signed and in force, all in one statement. */
export async function agree(
  { database, hub }: TestHub,
  agencies: ReadonlyMap<string, Terms>,
  more: Partial<Agreement> = {},
): Promise<void> {
  const kinds = hub.catalogue().kinds;
  const providers = [...new Set(kinds.map(({ provider }) => provider))];
  const agreements = [...agencies].flatMap(([agency, terms]) =>
    providers.flatMap((provider) => {
      const clauses = kinds.filter((kind) => kind.provider === provider).flatMap(terms);
      return clauses.length === 0 ? [] : [signed(hub.signer, provider, agency, clauses, more)];
    }),
  );
  await database.pool.query(
    'insert into sharing.agency (code, name_en, name_zh) select distinct code, code, code from unnest($1::text[]) code on conflict do nothing',
    [[...providers, ...agencies.keys()]],
  );
  const repository = database.dataSource.getRepository(Agreement);
  for (let at = 0; at < agreements.length; at += 200)
    await repository.insert(agreements.slice(at, at + 200) as object[]);
  await grantElsewhere(database, agreements);
}

function signed(
  signer: TestHub['hub']['signer'],
  provider: string,
  agency: string,
  clauses: Clause[],
  more: Partial<Agreement>,
): Agreement {
  const agreement: Agreement = Object.assign(new Agreement(), {
    id: `${provider}/${agency}/${more.version ?? 1}`,
    provider,
    agency,
    purposes: [PURPOSE],
    caseRequired: false,
    covertDays: {},
    clauses,
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    personsPerDay: null,
    state: 'APPROVED',
    proposedBy: 'one',
    proposedAt: '2026-01-01T00:00:00.000Z',
    approvedBy: 'another',
    approvedAt: '2026-01-02T00:00:00.000Z',
    version: 1,
    ...more,
  });
  agreement.approval = signApproval(agreement, signer);
  return agreement;
}

/** One HTTP request. */
export interface Attempt {
  query: string;
  variables?: Readonly<Record<string, unknown>>;
  operationName?: string;
  /** By GET, with everything in the address. */
  get?: true;
}

export interface Answer {
  status: number;
  text: string;
  headers: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  body: any;
}

/** Asks as an agency. */
export type AskAs = (
  agency: string,
  attempt: Attempt,
  purpose?: string,
  who?: { officer?: string; case?: string },
) => Promise<Answer>;

export interface Counter extends Listening {
  ask: AskAs;
  /** From now on documents are other documents than before, whatever they ask: nothing is known of them yet. */
  renew(): void;
}

/** The hub on a port of its own, with one token per agency. */
export async function openCounter({ hub }: TestHub): Promise<Counter> {
  const listening = await listen(hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const tokens = new Map<string, Promise<string>>();
  let round = 0;
  const tokenOf = (agency: string, officer: string) => {
    const token = tokens.get(`${agency} ${officer}`) ?? hub.issuer.issue(agency, officer);
    tokens.set(`${agency} ${officer}`, token);
    return token;
  };
  return {
    ...listening,
    async ask(agency, attempt, purpose = PURPOSE, { officer = 'officer', case: caseNumber = 'T-1' } = {}) {
      const token = await tokenOf(agency, officer);
      const headers = { authorization: `Bearer ${token}`, 'x-purpose': purpose, 'x-case': caseNumber };
      const query = round === 0 ? attempt.query : `${attempt.query}\n# ${round}`;
      return send(agent, `${listening.url}/graphql`, { ...attempt, query }, headers);
    },
    renew() {
      round += 1;
    },
    async close() {
      agent.destroy();
      await listening.close();
    },
  };
}

function send(agent: Agent, url: string, { get, ...sent }: Attempt, headers: Record<string, string>): Promise<Answer> {
  const address = get ? `${url}?${new URLSearchParams(inAddress(sent))}` : url;
  const form = get ? { 'apollo-require-preflight': '1' } : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sending = request(
      address,
      { agent, method: get ? 'GET' : 'POST', headers: { ...headers, ...form } },
      (got) => {
        const parts: Buffer[] = [];
        got.on('data', (part: Buffer) => parts.push(part));
        got.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const body = text.startsWith('{') ? JSON.parse(text) : null;
          resolve({ status: got.statusCode ?? 0, text, headers: got.rawHeaders.join('\n'), body });
        });
      },
    );
    sending.on('error', reject);
    sending.end(get ? undefined : JSON.stringify(sent));
  });
}

function inAddress({ query, variables, operationName }: Attempt): Record<string, string> {
  return {
    query,
    ...(variables && { variables: JSON.stringify(variables) }),
    ...(operationName && { operationName }),
  };
}

/** Does something with each item, a few at a time, and answers in their order. */
export async function inTurns<T, R>(items: readonly T[], act: (item: T) => Promise<R>, atOnce = 24): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let at = next++; at < items.length; at = next++) results[at] = await act(items[at] as T);
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
}
