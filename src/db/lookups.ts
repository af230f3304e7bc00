/**
 * Lookups: short statements that find what stands under some keys, of which one request makes eight. They come again and again, so each is
 * prepared once per connection and planned once; and they are written one behind the other without waiting for each other's answers (PostgreSQL,
 * Frontend/Backend Protocol, "Pipelining"), those of one turn of the event loop in one packet.
 *
 * Measured on one person across seven bureaus: planning each lookup anew was four fifths of what it cost PostgreSQL, and taking a connection from
 * the pool and writing to it for each a fifth of what the whole request cost Node. Both connections at once in one turn woke two backends, which took
 * both cores from Node: a tenth more answers by one.
 *
 * A plan is made without looking at the values. So a lookup is written so that one plan is right for all of them: from `unnest($1)` by
 * `cross join lateral` into the index of the key, each key with its own `limit`. Tables are not read whole, also not those that are small when the
 * plan is made: they grow, and the plan stays.
 */
import { hash } from 'node:crypto';
import { Client, type ClientConfig, DatabaseError } from 'pg';

/**
 * Rows of one statement, each an array of its columns. The text is made of the schema and of what was asked for, with every value in a parameter:
 * values in a text would make a statement of each.
 * @throws the database's error; 57014 when it took longer than eight seconds
 */
export type Lookup = <Row extends unknown[]>(text: string, values: readonly unknown[]) => Promise<Row[]>;

export interface Lookups {
  lookup: Lookup;
  /** Waits for what was asked, then closes the connections. */
  close(): Promise<void>;
}

/** A connection, made when it is first needed and made anew when it was lost. */
interface Line {
  client: Promise<Client> | undefined;
  waiting: number;
}

/** As many as cores of the machine that the figures are for: one lookup that waits does not hold up those of later turns. */
const LINES = 2;
/** Lookups take milliseconds. One that takes this long waits for something, and holds up those behind it; an operation may take 10 s. */
const MILLISECONDS_MAX = 8_000;
/** Each connection keeps the plans of so many texts, some 20 KB each; further ones are planned each time. */
const PREPARED_MAX = 200;
const NAME_HEX = 32;
/** A table was changed under its plan (0A000), or the plan is not there any more (26000): a new connection knows no better, a new plan does. */
const PLANS_LOST = new Set(['0A000', '26000']);

/**
 * Opens them; nothing is connected yet.
 * @param options.prepareSession is awaited on each new connection before the first lookup
 */
export function openLookups(config: ClientConfig, prepareSession: (client: Client) => Promise<void>): Lookups {
  const lines: Line[] = Array.from({ length: LINES }, () => ({ client: undefined, waiting: 0 }));
  let closing: Promise<void> | undefined;
  let chosen: Line | undefined;

  /** The line that waits least, and the same one for the rest of this turn of the event loop. */
  function lineOfTurn(): Line {
    if (chosen) return chosen;
    chosen = lines.reduce((best, one) => (one.waiting < best.waiting ? one : best));
    setImmediate(() => {
      chosen = undefined;
    });
    return chosen;
  }

  function clientOf(line: Line): Promise<Client> {
    if (closing) return Promise.reject(new Error('The database is closed'));
    if (line.client) return line.client;
    const made: Promise<Client> = connect(config, prepareSession, () => {
      if (line.client === made) line.client = undefined;
    });
    line.client = made;
    return made;
  }

  async function ask<Row extends unknown[]>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const line = lineOfTurn();
    line.waiting += 1;
    try {
      const client = await clientOf(line);
      cork(client);
      const named = { text, name: nameOf(text), values: [...values] };
      return (await client.query<Row>({ ...named, rowMode: 'array' })).rows;
    } catch (error) {
      if (isOver(error)) void forget(line);
      throw error;
    } finally {
      line.waiting -= 1;
    }
  }

  return {
    async lookup(text, values) {
      try {
        return await ask(text, values);
      } catch (error) {
        // They only read: nothing is done twice.
        if (isPlanLost(error)) return ask(text, values);
        throw error;
      }
    },
    close() {
      closing ??= Promise.all(lines.map(forget)).then(() => undefined);
      return closing;
    },
  };
}

function isPlanLost(error: unknown): boolean {
  return error instanceof DatabaseError && PLANS_LOST.has(error.code ?? '');
}

/** Whether nothing more can be asked over the connection: its end is told to whoever waits before it is told to everybody. */
function isOver(error: unknown): boolean {
  return !(error instanceof DatabaseError) || error.severity === 'FATAL' || isPlanLost(error);
}

async function connect(
  config: ClientConfig,
  prepareSession: (client: Client) => Promise<void>,
  lost: () => void,
): Promise<Client> {
  const client = new Client({ ...config, pipeline: true });
  // Whoever waits for an answer is told by the answer.
  client.on('error', lost).once('end', lost);
  try {
    await client.connect();
    await prepareSession(client);
    await client.query(
      `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set statement_timeout = ${MILLISECONDS_MAX}`,
    );
    return client;
  } catch (error) {
    lost();
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function forget(line: Line): Promise<void> {
  const { client } = line;
  line.client = undefined;
  const connected = await client?.catch(() => undefined);
  await connected?.end().catch(() => undefined);
}

const corked = new WeakSet<Client>();

/** What this turn of the event loop still writes leaves with it. */
function cork(client: Client): void {
  if (corked.has(client)) return;
  const { stream } = client.connection;
  corked.add(client);
  stream.cork();
  setImmediate(() => {
    corked.delete(client);
    stream.uncork();
  });
}

const names = new Map<string, string>();

/** Under which connections keep a text's plan: by the text, so that processes whose connections a pooler shares cannot take one for another. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= PREPARED_MAX) return known;
  const name = `heyan_${hash('sha256', text, 'hex').slice(0, NAME_HEX)}`;
  names.set(text, name);
  return name;
}
