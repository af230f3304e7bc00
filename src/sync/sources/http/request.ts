/** One request to a register and its whole answer, under a limit of time and of bytes. Where the token may go is decided here: to the register's own origin. */

import { SourceFault } from '../source';
import { parseJson } from './json';
import type { HttpLimits } from './limits';
import { PassingFault } from './retry';

/** How requests to one register are made. */
export interface Requests {
  /** Scheme, host and port that may be asked; the only ones that ever see the headers. */
  origin: string;
  headers: Headers;
  /** Time for one request from its first byte to the last byte of the answer. */
  timeoutSeconds: number;
  limits: HttpLimits;
  now(): Date;
  /** Ends whatever is under way. */
  closing: AbortSignal;
}

/** An answer of status 200, read to its end. */
export interface Answer {
  value: unknown;
  /** Where it came from in the end, redirects followed; a next page's address may be relative to it. */
  url: URL;
  bytes: number;
  /** The register's own clock, as milliseconds since 1970. */
  date?: number;
}

/** A status that another attempt would not change. */
export class StatusFault extends SourceFault {
  constructor(
    readonly status: number,
    advice: string,
  ) {
    super(`answered ${status}: ${advice}`);
  }
}

/** Of RFC 9110, section 15, RFC 8470 (425) and RFC 6585 (429): those that speak of the moment, not of the request. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** A certificate that is not trusted today is not trusted in a minute. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/;

/** Asks for one page. Throws a PassingFault when asking again may help, else a SourceFault; neither ever quotes the answer or the address. */
export async function getJson(address: URL, requests: Requests): Promise<Answer> {
  const abort = new AbortController();
  const seconds = requests.timeoutSeconds;
  const late = () => abort.abort(new PassingFault(`did not answer completely within ${seconds} seconds`));
  const close = () => abort.abort(new SourceFault('was let go of while it was being read'));
  const timer = setTimeout(late, seconds * 1000);
  requests.closing.addEventListener('abort', close, { once: true });
  try {
    if (requests.closing.aborted) close();
    const { response, url } = await follow(address, requests, abort.signal);
    mustBeTaken(response, requests);
    const { text, bytes } = await readBody(response, requests.limits);
    const date = Date.parse(response.headers.get('date') ?? '');
    return { value: jsonIn(text), url, bytes, date: Number.isNaN(date) ? undefined : date };
  } catch (error) {
    // Whatever an aborted request fails with, the reason is ours.
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
    requests.closing.removeEventListener('abort', close);
    // Lets go of an answer that was not read to its end.
    abort.abort();
  }
}

async function follow(
  address: URL,
  requests: Requests,
  signal: AbortSignal,
): Promise<{ response: Response; url: URL }> {
  let url = mustBeOwn(address, requests.origin, 'names a next page on');
  for (let redirects = 0; redirects <= requests.limits.redirectsMax; redirects++) {
    const response = await fetch(url, { headers: requests.headers, redirect: 'manual', signal }).catch(connectionFault);
    if (!REDIRECTS.has(response.status)) return { response, url };
    await response.body?.cancel();
    const location = addressOf(response.headers.get('location') ?? '', url);
    if (!location) throw new SourceFault(`answered ${response.status} and no address to go to: check http.url`);
    url = mustBeOwn(location, requests.origin, 'redirects to');
  }
  throw new SourceFault(`redirects more than ${requests.limits.redirectsMax} times: check http.url`);
}

/** An address, absolute or relative to where it was named; undefined when the text is none. */
export function addressOf(text: string, base?: URL): URL | undefined {
  return text !== '' && URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}

/** An address on the register's origin, without user and password. Another origin is refused: it would be handed the token. */
function mustBeOwn(address: URL, origin: string, says: string): URL {
  if (address.origin !== origin)
    throw new SourceFault(`${says} ${address.origin}, but its token is for ${origin}: set http.url to where it is`);
  const own = new URL(address);
  own.username = '';
  own.password = '';
  return own;
}

function connectionFault(error: unknown): never {
  const code = codeOf(error);
  if (CERTIFICATE.test(code))
    throw new SourceFault(
      `has a certificate that is not trusted (${code}): name its authority's certificate in NODE_EXTRA_CA_CERTS`,
    );
  throw new PassingFault(`could not be reached (${code})`);
}

/** Messages of fetch may quote headers, the token among them; codes do not. */
function codeOf(error: unknown): string {
  const { cause, name, code } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? code ?? cause?.name ?? name;
}

function mustBeTaken(response: Response, { now }: Requests): void {
  const { status } = response;
  if (status === 200) return;
  if (PASSING.has(status)) throw new PassingFault(`answered ${status}`, undefined, retryAfter(response, now()));
  throw new StatusFault(status, adviceOn(status));
}

function adviceOn(status: number): string {
  if (status === 401 || status === 403) return 'its token is missing, wrong, expired or not for this; check http.token';
  if (status === 404 || status === 410) return 'nothing is there; check http.url and how http.page counts';
  if (status === 400 || status === 422)
    return 'it does not understand the request; check http.page, http.size and http.since';
  return 'only 200 is an answer with rows; check http.url and ask who runs the register';
}

/** `Retry-After` (RFC 9110, section 10.2.3), in milliseconds: seconds, or a date by the register's own clock. */
function retryAfter({ headers }: Response, now: Date): number {
  const told = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(told)) return Number(told) * 1000;
  const clock = Date.parse(headers.get('date') ?? '');
  const milliseconds = Date.parse(told) - (Number.isNaN(clock) ? now.getTime() : clock);
  return milliseconds > 0 ? milliseconds : 0;
}

/** Counts what comes out of the decompression, so that neither a wrong length nor a bomb fills the memory. */
async function readBody(response: Response, limits: HttpLimits): Promise<{ text: string; bytes: number }> {
  const decoder = decoderOf(response);
  let text = '';
  let bytes = 0;
  const chunks = (response.body as AsyncIterable<Uint8Array> | null) ?? [];
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limits.bodyBytesMax)
        throw new SourceFault(
          `answered with more than ${limits.bodyBytesMax} bytes: ask for fewer rows a page with http.size`,
        );
      text += decoder.decode(chunk, { stream: true });
    }
    return { text: text + decoder.decode(), bytes };
  } catch (error) {
    if (error instanceof SourceFault) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new PassingFault(`answered with bytes that are not ${decoder.encoding}`, 'ask who runs the register');
    throw new PassingFault(`broke its answer off (${codeOf(error)})`);
  }
}

/** JSON is UTF-8 (RFC 8259, section 8.1); a register that says otherwise, as old ones with GBK do, is believed. */
function decoderOf({ headers }: Response): InstanceType<typeof TextDecoder> {
  const charset = /;\s*charset="?([\w.:-]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw new SourceFault('answers in an encoding that nobody knows: it should send UTF-8');
  }
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new PassingFault(
      /^\s*</.test(text)
        ? 'answered with a web page, not JSON'
        : 'answered with something that is not JSON, or is cut short',
      'check http.url; the next run tries again',
    );
  }
}
