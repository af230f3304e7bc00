import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, type Credentials, type GraphQLAnswer, refusalOf, type Sentence } from './connection';
import { readStartLink, withLinked } from './start-link';

export type SessionState =
  | { kind: 'idle'; missing: 'token' | 'purpose' }
  | { kind: 'connecting' }
  | { kind: 'connected' }
  | { kind: 'refused'; why: Sentence };

export interface Session {
  credentials: Credentials;
  state: SessionState;
  /** The graph as this caller may see it for this purpose; null until the hub has shown it. */
  schema: GraphQLSchema | null;
  /** True once the hub has answered: from then on the workspace stays, whatever becomes of the connection. */
  hasOpened: boolean;
  connect(credentials: Credentials): void;
  /** Forgets token, case, queries and answers. */
  forget(): void;
  send(operation: object): Promise<GraphQLAnswer>;
}

const endpoint = new URL('graphql', document.baseURI).href;
const storageKey = 'heyan:credentials';
const link = readStartLink(location.hash);
const noCredentials: Credentials = { token: '', purpose: '', caseNumber: '' };

function stored(): Credentials {
  try {
    return withLinked({ ...noCredentials, ...JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') }, link);
  } catch {
    return withLinked(noCredentials, link);
  }
}

/** The connection of this browser tab. What it remembers lives in sessionStorage and ends with the tab. */
export function useSession(): Session {
  const [credentials, setCredentials] = useState(stored);
  const [state, setState] = useState<SessionState>({ kind: 'idle', missing: 'token' });
  const [schema, setSchema] = useState<GraphQLSchema | null>(null);
  const [hasOpened, setHasOpened] = useState(false);
  const newestAttempt = useRef(0);

  const connect = useCallback(async (next: Credentials) => {
    const attempt = ++newestAttempt.current;
    sessionStorage.setItem(storageKey, JSON.stringify(next));
    setCredentials(next);
    if (!next.token || !next.purpose) {
      setSchema(null);
      setState({ kind: 'idle', missing: next.token ? 'purpose' : 'token' });
      return;
    }
    setState({ kind: 'connecting' });
    const result = await readSchema(next);
    if (attempt !== newestAttempt.current) return;
    setSchema(result.schema);
    setState(result.why ? { kind: 'refused', why: result.why } : { kind: 'connected' });
    if (result.schema) setHasOpened(true);
  }, []);

  useEffect(() => {
    void connect(stored());
  }, [connect]);

  const send = useCallback(
    async (operation: object): Promise<GraphQLAnswer> => {
      if (!credentials.token || !credentials.purpose) return notConnected;
      const reply = await ask(endpoint, credentials, operation);
      const why = refusalOf(reply, credentials, new Date());
      const isAboutConnection = reply.status === 0 || reply.status === 401 || isUnauthenticated(reply.answer);
      if (why && isAboutConnection) setState({ kind: 'refused', why });
      return reply.answer ?? { errors: [{ message: why ? `${why.en} ${why.zh}` : `HTTP ${reply.status}` }] };
    },
    [credentials],
  );

  return { credentials, state, schema, hasOpened, connect, forget, send };
}

const notConnected: GraphQLAnswer = {
  errors: [
    {
      message:
        'Not connected: enter an access token and a purpose above, then connect. 尚未连接：请先填写访问令牌和用途。',
    },
  ],
};

function isUnauthenticated(answer: GraphQLAnswer | null): boolean {
  return answer?.errors?.[0]?.extensions?.code === 'UNAUTHENTICATED';
}

async function readSchema(credentials: Credentials): Promise<{ schema: GraphQLSchema | null; why: Sentence | null }> {
  const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true });
  const reply = await ask(endpoint, credentials, { query, operationName: 'IntrospectionQuery' });
  const why = refusalOf(reply, credentials, new Date());
  if (why) return { schema: null, why };
  try {
    return { schema: buildClientSchema(reply.answer?.data as IntrospectionQuery), why: null };
  } catch {
    return {
      schema: null,
      why: {
        en: 'The hub answered, but showed no schema for this agency and purpose.',
        zh: '服务已应答，但未向本单位和该用途开放任何数据目录。',
      },
    };
  }
}

/** A fresh page is the one sure way to leave no answer in memory or on the screen. The purpose is no secret and stays. */
function forget(): void {
  const { purpose } = stored();
  const wipe = () => {
    sessionStorage.clear();
    sessionStorage.setItem(storageKey, JSON.stringify({ ...noCredentials, purpose }));
  };
  wipe();
  // GraphiQL stores its tabs half a second late: what it writes while the page goes is wiped as well.
  addEventListener('pagehide', wipe);
  location.reload();
}
