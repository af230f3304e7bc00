/**
 * A bureau on its own premises, as the gateway sees it: the same interface as a bureau in this process. A call is signed, bounded in time and
 * bytes, tried a second time at most, and its answer is checked before anything of it is used. Whatever goes wrong is one error that names
 * the bureau and says `UNAVAILABLE`; data of others stand beside it.
 */
import { type DocumentNode, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { BureauState } from '../gateway/metrics';
import { requestOf, UNWATCHED, type Watch } from '../gateway/watch';
import type { Caller } from '../sharing/caller';
import { NOT_GRANTED, type Passage } from '../sharing/passage';
import type { Freshness, ReadFreshness } from '../subgraph/freshness';
import type { Subgraph, SubgraphRequest } from '../subgraph/subgraph';
import { type Answer, noteReached, readAnswer, writeCall } from './call';
import type { CheckAnswer } from './check-answer';
import { CIRCUIT, type CircuitLimits, closedCircuit } from './circuit';
import { CallFault, type Connection, connectionTo, type RemoteSetting, RemoteTrouble } from './connection';
import { sentOperations } from './sent-operation';
import type { CallSigner } from './signed-caller';

export interface RemoteMeans {
  name: string;
  setting: RemoteSetting;
  signer: CallSigner;
  /** Checks answers by the graph that operations are planned over. */
  checks(document: DocumentNode, operationName?: string): CheckAnswer;
  /** This program's own schema of the bureau. */
  sdl: string;
  /** `schemaHash` of what the bureau served when the graph was composed; what it says first, where nobody knows. */
  schemaHash?: string;
  circuit?: CircuitLimits;
  /** Milliseconds of a clock that nobody sets back, by which the circuit rests. */
  elapsed?: () => number;
  /** Told why a call failed, in words for the operator. */
  report(error: Error): void;
  /** Whose trace goes on at the bureau. */
  watch?: Watch;
}

export interface RemoteSubgraph extends Subgraph {
  /** The schema that the bureau serves now. Rejects with a `RemoteTrouble`. */
  schema(): Promise<string>;
  /** As fresh as the bureau says its kinds are now. Rejects with a `RemoteTrouble`. */
  freshness: ReadFreshness;
  /** As fresh as it says they were before an instant. Rejects with a `RemoteTrouble`. */
  freshnessBefore(instant: Date): Promise<ReadonlyMap<string, Freshness>>;
  /** What it said last; nothing before it was asked. */
  lastFreshness(): ReadonlyMap<string, Freshness>;
  state(): BureauState;
  close(): void;
}

/** What the hub itself asks for: no record, so no agreement is needed. */
export const SCHEMA_QUERY = '{ _service { sdl } }';
const OURSELVES = { agency: 'heyan', officer: null, purpose: 'SCHEMA', case: null };

/** Codes of errors that were written for callers, and what of their extensions is handed on. */
const FOR_CALLERS = new Set(['NOT_SHARED', 'BAD_USER_INPUT', 'TOO_MANY_RECORDS']);
const TOLD = ['field', 'verb', 'provider', 'reason', 'apply'] as const;
/** Below it another attempt is not worth beginning. */
const ATTEMPT_MILLISECONDS_MIN = 50;
/** Errors of one answer that are handed on. */
const ERRORS_MAX = 100;

export function remoteSubgraph(means: RemoteMeans): RemoteSubgraph {
  const { name, setting, elapsed = () => performance.now() } = means;
  const connection = connectionTo(setting);
  const circuit = closedCircuit(means.circuit ?? CIRCUIT, elapsed);
  const sent = sentOperations();
  const waited = new WeakMap<Passage, number>();
  const noteSchema = schemaWatch(means);
  let fresh: ReadonlyMap<string, Freshness> = new Map();

  /** One call with its second attempt. `faultOf` says what is wrong with an answer, if anything is. */
  async function call(asked: Call, faultOf: FaultOf): Promise<Answer> {
    try {
      const answer = await attempts(connection, means, asked, noteSchema.told);
      const fault = faultOf(answer);
      if (fault) throw new CallFault(`gave an answer that is none: ${fault}`, false);
      return answer;
    } catch (error) {
      throw error instanceof CallFault ? new RemoteTrouble(name, error.message) : error;
    }
  }

  /** A caller's own operation, which alone opens the circuit and closes it: a bureau may answer for itself and hang on records. */
  async function callForRecords(asked: Call, faultOf: FaultOf): Promise<Answer> {
    if (!circuit.allows()) throw atRest(name);
    try {
      const answer = await call(asked, faultOf);
      circuit.succeeded();
      return answer;
    } catch (error) {
      circuit.failed();
      throw error;
    }
  }

  async function execute({
    document,
    variables = {},
    operationName,
    passage,
  }: SubgraphRequest): Promise<ExecutionResult> {
    const begun = performance.now();
    const before = waited.get(passage) ?? 0;
    const { caller, footprint, agreements, scopes, countsPersons } = passage;
    const { query, variables: read } = sent(document, operationName);
    const body = writeCall({
      query,
      variables: read(variables),
      operationName: operationName ?? null,
      footprint,
      agreements,
      scopes,
      countsPersons,
    });
    const milliseconds = setting.timeoutMilliseconds - before;
    const isRead = getOperationAST(document, operationName)?.operation === 'query';
    const check = means.checks(document, operationName);
    try {
      const answer = await callForRecords({ body, caller, milliseconds, isRead }, ({ data, errors = [] }) =>
        data === undefined ? 'it holds no data' : check(data, variables, errors.length > 0),
      );
      if (answer.extensions.reached) noteReached(answer.extensions.reached, passage);
      const errors = answer.errors?.slice(0, ERRORS_MAX).map((error) => errorOf(name, error, means.report));
      return { data: answer.data as ExecutionResult['data'], ...(errors?.length && { errors }) };
    } catch (error) {
      means.report(error as Error);
      return { data: null, errors: [unavailable(name)] };
    } finally {
      waited.set(passage, before + performance.now() - begun);
    }
  }

  async function askItself(before?: string): Promise<{ sdl: string; freshness: ReadonlyMap<string, Freshness> }> {
    if (circuit.isOpen()) throw atRest(name);
    const body = writeCall({
      query: SCHEMA_QUERY,
      variables: before ? { before } : {},
      operationName: null,
      footprint: NOTHING,
      ...NOT_GRANTED,
    });
    const { data, extensions } = await call(
      { body, caller: OURSELVES, milliseconds: setting.timeoutMilliseconds, isRead: true },
      (answer) => (sdlIn(answer) === undefined || !answer.extensions.freshness ? 'it holds no schema' : undefined),
    );
    if (extensions.before !== before) throw new RemoteTrouble(name, 'does not say how fresh it was before an instant');
    const freshness = new Map(Object.entries(extensions.freshness ?? {}));
    if (!before) fresh = freshness;
    return { sdl: sdlIn({ data }) as string, freshness };
  }

  return {
    name,
    sdl: means.sdl,
    execute,
    schema: async () => (await askItself()).sdl,
    freshness: async () => (await askItself()).freshness,
    freshnessBefore: async (instant) => (await askItself(instant.toISOString())).freshness,
    lastFreshness: () => fresh,
    state: () => ({ name, isChanged: noteSchema.isChanged(), isResting: circuit.isOpen() }),
    close: () => connection.close(),
  };
}

const NOTHING = { uses: [], untagged: [], own: false, introspection: false };

type FaultOf = (answer: Answer) => string | undefined;

function atRest(name: string): RemoteTrouble {
  return new RemoteTrouble(name, 'is given a rest, since its last calls failed');
}

interface Call {
  body: string;
  caller: Caller;
  milliseconds: number;
  isRead: boolean;
}

/**
 * What the bureau says of its schema with each answer. One that changed is told once; what the graph still asks for and it no longer gives is refused
 * there, and an answer of another form is none, so nothing wrong comes of it until the graph is composed anew.
 */
function schemaWatch({ name, schemaHash: composed, report }: RemoteMeans) {
  let expected = composed;
  let current = composed;
  return {
    isChanged: () => current !== expected,
    told(hash: string | undefined): void {
      expected ??= hash;
      if (hash === undefined || hash === current) return;
      const isNews = hash !== expected;
      current = hash;
      if (isNews)
        report(
          new RemoteTrouble(
            name,
            'serves another schema than the graph was composed with: see what changed with heyan compose, and serve the new graph',
          ),
        );
    },
  };
}

/** A call, and once more when it failed in passing, changes nothing, and there is time. Each attempt has a statement of its own. */
async function attempts(
  connection: Connection,
  { name, signer, watch = UNWATCHED }: RemoteMeans,
  { body, caller, milliseconds, isRead }: Call,
  noteSchema: (hash: string | undefined) => void,
): Promise<Answer> {
  const told = { requestId: requestOf(caller)?.id, traceparent: watch.traceparent?.() };
  const until = performance.now() + milliseconds;
  for (let attempt = 1; ; attempt++) {
    const left = until - performance.now();
    if (left <= 0) throw new CallFault('has no time left in this operation', false);
    const { token, id } = await signer.sign({ bureau: name, caller, body });
    try {
      return answerIn(await connection.send(body, token, left, told), id, noteSchema);
    } catch (error) {
      const mayRepeat = isRead && attempt === 1 && error instanceof CallFault && error.isPassing;
      if (!mayRepeat || until - performance.now() < ATTEMPT_MILLISECONDS_MIN) throw error;
    }
  }
}

function answerIn(
  { status, body }: { status: number; body: Buffer },
  id: string,
  noteSchema: (hash: string | undefined) => void,
): Answer {
  if (status === 401)
    throw new CallFault(
      "refuses this hub's calls: give it this hub's keys (heyan hub-keys), and look at both clocks",
      false,
    );
  if (status >= 500) throw new CallFault(`answered ${status}`, true);
  const answer = readAnswer(body);
  if (answer === undefined) throw new CallFault(`answered ${status} and something that is no answer`, false);
  if (answer.extensions.call !== id) throw new CallFault('gave the answer of another call', false);
  noteSchema(answer.extensions.schema);
  if (status !== 200)
    throw new CallFault(
      `answered ${status}: it does not know what was asked; its schema may have changed, see heyan compose`,
      false,
    );
  return answer;
}

function sdlIn({ data }: Pick<Answer, 'data'>): string | undefined {
  const sdl = (data as { _service?: { sdl?: unknown } } | null | undefined)?._service?.sdl;
  return typeof sdl === 'string' ? sdl : undefined;
}

function unavailable(name: string): GraphQLError {
  return new GraphQLError(`${name} did not answer`, { extensions: { code: 'UNAVAILABLE', serviceName: name } });
}

/** An error of the bureau's own, of which only what was written for callers is handed on. */
function errorOf(
  name: string,
  { message, path, extensions = {} }: NonNullable<Answer['errors']>[number],
  report: (error: Error) => void,
): GraphQLError {
  const { code } = extensions;
  if (typeof code === 'string' && FOR_CALLERS.has(code)) {
    const told = Object.fromEntries(TOLD.flatMap((key) => (isTold(extensions[key]) ? [[key, extensions[key]]] : [])));
    return new GraphQLError(message, {
      path,
      extensions: { code, ...told, ...(code === 'NOT_SHARED' && { bureau: name }) },
    });
  }
  report(new RemoteTrouble(name, `could not answer in full (${typeof code === 'string' ? code : 'no code'})`));
  return new GraphQLError(`${name} did not answer in full`, {
    path,
    extensions: { code: 'UNAVAILABLE', serviceName: name },
  });
}

function isTold(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.length <= 1_000);
}
