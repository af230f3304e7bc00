import { readToken } from './token';

/** What the caller states with every operation: who asks, why, and for which case. */
export interface Credentials {
  token: string;
  purpose: string;
  caseNumber: string;
}

/** One thing said in both languages. */
export interface Sentence {
  en: string;
  zh: string;
}

export interface GraphQLAnswer {
  data?: unknown;
  errors?: { message: string; extensions?: Record<string, unknown> }[];
  extensions?: Record<string, unknown>;
}

/** `status` is the HTTP status, 0 when nothing came back; `answer` is null when what came back was not GraphQL. */
export interface Reply {
  status: number;
  answer: GraphQLAnswer | null;
}

/** The hub gives an operation 10 s; the rest is for a slow line. */
const replyLimitMs = 60_000;

/**
 * The headers of one operation. Header values are ASCII, but case numbers such as 〔2026〕12号 are not,
 * so a value with any other character is percent-encoded (RFC 3986); the hub decodes it.
 */
export function headersOf({ token, purpose, caseNumber }: Credentials): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    authorization: `Bearer ${headerText(token)}`,
    'x-purpose': headerText(purpose),
  };
  if (caseNumber) headers['x-case'] = headerText(caseNumber);
  return headers;
}

function headerText(value: string): string {
  return /^[\x21-\x24\x26-\x7e]+$/.test(value) ? value : encodeURIComponent(value);
}

/** Sends one operation to the hub. Never throws: a failed connection is a reply with status 0. */
export async function ask(url: string, credentials: Credentials, operation: object): Promise<Reply> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: headersOf(credentials),
      body: JSON.stringify(operation),
      signal: AbortSignal.timeout(replyLimitMs),
    });
    text = await response.text();
  } catch {
    return { status: 0, answer: null };
  }
  try {
    const answer: unknown = JSON.parse(text);
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
    return { status: response.status, answer: isAnswer ? (answer as GraphQLAnswer) : null };
  } catch {
    return { status: response.status, answer: null };
  }
}

/** Why a reply holds no data, in words a person can act on; null when it is an answer. */
export function refusalOf({ status, answer }: Reply, { token, purpose }: Credentials, now: Date): Sentence | null {
  if (status === 0) {
    return {
      en: 'The hub cannot be reached. Check that it is running, then connect again.',
      zh: '无法连接核验服务，请确认服务已启动后重新连接。',
    };
  }
  const error = answer?.errors?.[0];
  const code = error?.extensions?.code;
  if (status === 401 || code === 'UNAUTHENTICATED') return rejectedToken(token, now);
  if (answer?.data) return null;
  if (code === 'NOT_SHARED') {
    return {
      en: `No sharing agreement lets this agency ask for the purpose ${purpose}.`,
      zh: `没有共享协议允许本单位以“${purpose}”为用途查询。`,
    };
  }
  if (code === 'AUDIT_UNAVAILABLE') {
    return {
      en: 'The audit record cannot be written now, so nothing is answered. Try again in a minute.',
      zh: '暂时无法写入审计记录，因此不提供查询。请稍后再试。',
    };
  }
  const said = error?.message ?? `HTTP ${status}`;
  return { en: `The hub refused: ${said}`, zh: `核验服务未予受理：${said}` };
}

function rejectedToken(token: string, now: Date): Sentence {
  const { expiresAt } = readToken(token);
  if (expiresAt && expiresAt <= now) {
    return {
      en: `The token was not accepted: it expired at ${timeText(expiresAt)}. Get a new one.`,
      zh: `令牌未被接受：已于 ${timeText(expiresAt)} 失效，请重新获取。`,
    };
  }
  return {
    en: 'The token was not accepted. Check that all of it was pasted, or get a new one.',
    zh: '令牌未被接受。请检查是否完整粘贴，或重新获取。',
  };
}

/** A moment on the clock of the reader, to the minute: `2026-06-30 09:05`. */
export function timeText(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
