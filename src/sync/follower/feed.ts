/**
 * A hub's change feed read from outside, as any partner reads it: over HTTP, with a token, a purpose and a stream of lines
 * (gateway/stream.ts says how they look).
 *
 * What may pass, a lost connection or a busy hub, is told apart from what will not pass by itself, a refusal. No message repeats the token or
 * anything of a record.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** Which hub, and as whom. */
export interface HubAddress {
  /** Of the hub or of its graph: `https://host` or `https://host/graphql`. */
  url: string;
  token: string;
  purpose: string;
  case?: string;
  /** How long it may say nothing; it answers an operation within 10 s, so a minute unless told. */
  silenceMillisecondsMax?: number;
}

/** One change of a feed as fields.ts asks for it. */
export interface FeedChange {
  seq: string;
  op: 'UPSERT' | 'DELETE';
  sourceId: string;
  time: string;
  record: Readonly<Record<string, unknown>> | null;
}

/** The end of a page. */
export interface FeedPageEnd {
  endCursor: string;
  hasNextPage: boolean;
  receipt: string;
  /** By kind, the bureau's last complete delivery. */
  freshness: Readonly<Record<string, string | null>>;
  /** By kind, since when its bureau is late. */
  late?: Readonly<Record<string, string>>;
}

/** Something that may be gone when the hub is asked again. */
export class HubUnready extends Error {
  constructor(
    message: string,
    /** How long the hub asked to be left alone. */
    readonly waitMilliseconds = 0,
    readonly code?: string,
  ) {
    super(message);
  }
}

/** Something that asking again does not change. */
export class HubRefusal extends Error {
  constructor(
    message: string,
    /** What is not shared, as `kind.field`. */
    readonly notShared: readonly string[] = [],
  ) {
    super(message);
  }
}

export interface Question {
  query: string;
  variables: Readonly<Record<string, unknown>>;
}

const SILENCE_MILLISECONDS_MAX = 60_000;
const LINE_CHARACTERS_MAX = 8_000_000;
const ANSWER_CHARACTERS_MAX = 8_000_000;
const MINUTE_MILLISECONDS = 60_000;

/** Of RFC 9110, section 15, RFC 8470 (425) and RFC 6585 (429): those that speak of the moment, not of the request. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const PASSING_CODES = ['UNAVAILABLE', 'TIMEOUT', 'AUDIT_UNAVAILABLE', 'TOO_MANY_STREAMS', 'TOO_MUCH_PER_MINUTE'];

/** The data of one operation. Throws `HubUnready`, `HubRefusal`, or the signal's reason. */
export async function askHub(hub: HubAddress, question: Question, signal: AbortSignal): Promise<unknown> {
  for await (const text of answered(hub, question, 'application/json', signal)) {
    const { data, errors } = parsed(text) as { data?: unknown; errors?: HubError[] };
    if (errors?.length) throw faultOf(errors);
    return data;
  }
  throw new HubUnready('The hub gave no answer');
}

/** A feed's changes and ends of pages, as they come. Throws `HubUnready`, also when the stream breaks off, `HubRefusal`, or the signal's reason. */
export async function* readFeed(
  hub: HubAddress,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<FeedChange | FeedPageEnd> {
  let isWhole = false;
  for await (const text of answered(hub, question, 'application/x-ndjson', signal)) {
    const line = parsed(text) as FeedChange | FeedPageEnd | { errors: HubError[] };
    if ('errors' in line) throw faultOf(line.errors);
    isWhole = 'endCursor' in line;
    yield line;
  }
  if (!isWhole) throw new HubUnready('The hub broke its answer off');
}

/** The lines of an answer, each within the limits of length and silence. */
async function* answered(
  hub: HubAddress,
  question: Question,
  accept: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), hub.silenceMillisecondsMax ?? SILENCE_MILLISECONDS_MAX);
  const stop = () => silence.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const response = await fetch(addressOf(hub), {
      method: 'POST',
      headers: headersOf(hub, accept),
      body: JSON.stringify(question),
      redirect: 'manual',
      signal: silence.signal,
    });
    const type = response.headers.get('content-type')?.split(';')[0];
    if (response.status !== 200 || type !== accept) throw await faultIn(response);
    yield* linesOf(response, () => timer.refresh());
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HubUnready || error instanceof HubRefusal) throw error;
    throw new HubUnready(
      silence.signal.aborted ? 'The hub says nothing' : `The hub cannot be reached (${codeOf(error)})`,
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // Lets go of what was not read to its end.
    silence.abort();
  }
}

async function* linesOf(response: Response, onBytes: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let held = '';
  for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    onBytes();
    held += decoder.decode(bytes, { stream: true });
    const lines = held.split('\n');
    held = lines.pop() as string;
    if (held.length > LINE_CHARACTERS_MAX)
      throw new HubRefusal(`The hub sends lines of more than ${LINE_CHARACTERS_MAX} characters: is --url a hub's?`);
    yield* lines;
  }
  held += decoder.decode();
  if (held !== '') yield held;
}

interface HubError {
  message: string;
  extensions?: { code?: string; field?: string; apply?: string; reason?: string };
}

/** What an answer that is none says. */
async function faultIn(response: Response): Promise<Error> {
  const { status } = response;
  const wait = Number(response.headers.get('retry-after')) * 1_000 || 0;
  let text = '';
  for await (const line of linesOf(response, () => undefined)) {
    text += line;
    if (text.length > ANSWER_CHARACTERS_MAX) break;
  }
  const errors = errorsIn(text);
  if (errors) return faultOf(errors, wait);
  if (PASSING_STATUS.has(status)) return new HubUnready(`The hub answers ${status}`, wait);
  return new HubRefusal(
    `What is at --url answers ${status} and is no graph of a hub: give the address that the hub prints`,
  );
}

function errorsIn(text: string): HubError[] | undefined {
  try {
    const { errors } = JSON.parse(text) as { errors?: unknown };
    return Array.isArray(errors) && errors.length > 0 ? errors : undefined;
  } catch {
    return undefined;
  }
}

function faultOf(errors: readonly HubError[], waitMilliseconds = 0): Error {
  const code = errors.find(({ extensions }) => PASSING_CODES.includes(extensions?.code ?? ''))?.extensions?.code;
  const [{ message, extensions } = { message: 'The hub gave no reason' }] = errors as HubError[];
  if (code === 'TOO_MUCH_PER_MINUTE') return new HubUnready(message as string, MINUTE_MILLISECONDS, code);
  if (code !== undefined) return new HubUnready(message as string, waitMilliseconds, code);
  if (extensions?.code === 'UNAUTHENTICATED')
    return new HubRefusal('The hub does not take this token: it is wrong, ended or revoked; get another');
  const advice = [...new Set(errors.flatMap(({ extensions: told }) => told?.apply ?? []))];
  return new HubRefusal(
    advice.length > 0 ? `The hub refuses: ${advice.join('; ')}` : `The hub refuses: ${message}`,
    errors.flatMap(({ extensions: told }) => (told?.code === 'NOT_SHARED' && told.field) || []),
  );
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new HubUnready('The hub broke its answer off');
}

/** Messages of fetch may quote headers, the token among them; codes do not. */
function codeOf(error: unknown): string {
  const { cause, name, code } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  return String(cause?.code ?? code ?? cause?.name ?? name);
}

function addressOf({ url }: HubAddress): URL {
  const address = new URL(url);
  if (!address.pathname.endsWith('/graphql')) address.pathname = `${address.pathname.replace(/\/$/, '')}/graphql`;
  return address;
}

function headersOf({ token, purpose, case: caseNumber }: HubAddress, accept: string): Record<string, string> {
  return {
    accept,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'x-purpose': purpose,
    ...(caseNumber && { 'x-case': encodeURIComponent(caseNumber) }),
  };
}

/** Waits, until the signal says otherwise. */
export async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}
