/**
 * Followers while eight writers commit: whoever reads a feed, in whatever pages, and however often they are killed, has every revision exactly
 * once, in an order that replays to the table's content.
 *
 * HEYAN_SOAK_SECONDS says how long the writers write; a minute shows more than the few seconds of an ordinary run.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse/sync';
import type { PoolClient } from 'pg';
import { type Listening, listen } from '../../src/gateway/listen';
import { readFeed } from '../../src/sync/follower/feed';
import { agree, everything, PURPOSE } from '../support/callers';
import { type TestHub, testHub } from '../support/hub';
import { claim, deliver, JIA } from '../support/small-city';
import { changesIn, judge, NOTHING_WRONG, type Seen } from './feed-oracle';

const SECONDS = Number(process.env.HEYAN_SOAK_SECONDS ?? 4);
const PROCESSES = 2;
/** On a slow machine the writers may have ended by then. */
const KILLS_MIN = 3;
const FINISH_MILLISECONDS = 240_000;
jest.setTimeout(SECONDS * 1_000 + FINISH_MILLISECONDS);

const QUERY =
  'query($after: String, $first: Int) { claimChanges(after: $after, first: $first) { changes { seq op sourceId record { totalAmount status name } } endCursor hasNextPage } }';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
const seenOf = ({ seq, op, sourceId, record }: any): Seen => ({
  seq,
  op,
  sourceId,
  content: record ? `${record.totalAmount} ${record.status}` : '',
});

/** A process of this test, which has said that it is ready. */
interface Child {
  process: ChildProcessWithoutNullStreams;
  /** What it says, line by line. */
  lines: AsyncIterator<string>;
  ended: Promise<void>;
}

const children = new Set<ChildProcessWithoutNullStreams>();

async function startChild(file: string, args: readonly string[]): Promise<Child> {
  const runner = path.join(__dirname, '../support/run-typescript.cjs');
  const child = spawn(process.execPath, ['-r', runner, path.join(__dirname, file), ...args], {
    timeout: SECONDS * 1_000 + FINISH_MILLISECONDS,
  });
  let complaint = '';
  children.add(child);
  child.stderr.on('data', (text: Buffer) => (complaint += text));
  const ended = new Promise<void>((resolve, reject) =>
    child.on('close', (code) => (code ? reject(new Error(`${file} ended with ${code}: ${complaint}`)) : resolve())),
  );
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value !== 'ready') await ended;
  return { process: child, lines, ended };
}

describe('while eight writers commit', () => {
  let hub: TestHub;
  let http: Listening;
  let root: string;
  let seed = 20_260_630;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  beforeAll(async () => {
    hub = await testHub();
    root = mkdtempSync(path.join(tmpdir(), 'heyan-soak-'));
    await deliver(hub.database, { claim: [claim(JIA, 'C0', '2026-01-05')] });
    // Writers pause between taking their numbers and committing, and in the commit itself.
    await hub.database.pool.query(`
      create function public.pause() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.03); return null; end $$;
      create trigger pause after insert on claim.revision execute function public.pause();
      create constraint trigger pause after insert on sync.run deferrable initially deferred for each row execute function public.pause();`);
    await agree(
      hub,
      new Map([
        ['partner', (kind) => [everything(kind)]],
        [
          'district',
          ({ kind }) =>
            kind === 'claim'
              ? [
                  {
                    recordKind: kind,
                    fields: ['sourceId', 'totalAmount', 'status', 'name'],
                    verbs: ['FEED'],
                    masks: { name: 'PARTIAL' },
                    districts: ['340304'],
                  },
                ]
              : [],
        ],
      ]),
    );
    http = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
    // What the hub works out once, by each way in, it works out before there is anything to wait for.
    for (const agency of ['partner', 'district']) await poll(agency, new Set(), () => true);
    await stream(() => true);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await http.close();
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Polls in pages of random sizes until the writers have ended and there is no more. */
  async function poll(agency: string, names: Set<string>, isOver: () => boolean): Promise<Seen[]> {
    const seen: Seen[] = [];
    const ask = hub.as({ agency, purpose: PURPOSE });
    for (let after = '0'; ; ) {
      const wasOver = isOver();
      const { data, errors } = await ask(QUERY, { after, first: 1 + random(60) });
      if (errors) throw new Error(JSON.stringify(errors));
      // biome-ignore lint/suspicious/noExplicitAny: data of the graph
      const page = data?.claimChanges as any;
      for (const change of page.changes) {
        seen.push(seenOf(change));
        if (change.record) names.add(change.record.name.replace(/\d+$/, ''));
      }
      after = page.endCursor;
      if (wasOver && !page.hasNextPage) return seen;
    }
  }

  /** Reads streams, each of which is let go of at a random line or ends by itself, and goes on behind the last change that it has. */
  async function stream(isOver: () => boolean): Promise<{ seen: Seen[]; streams: number }> {
    const seen: Seen[] = [];
    const address = { url: http.url, token: await hub.hub.issuer.issue('partner'), purpose: PURPOSE };
    for (let streams = 1; ; streams++) {
      const wasOver = isOver();
      const limit = wasOver ? Number.POSITIVE_INFINITY : 1 + random(400);
      const after = seen.at(-1)?.seq ?? '0';
      let lines = 0;
      // A stream has an end of its own, 1,000 pages, before there is no more.
      let hasMore = true;
      for await (const line of readFeed(
        address,
        { query: QUERY, variables: { after, first: 1 + random(60) } },
        new AbortController().signal,
      )) {
        if ('seq' in line) seen.push(seenOf(line));
        else hasMore = line.hasNextPage;
        if (++lines >= limit) break;
      }
      if (wasOver && !hasMore) return { seen, streams };
    }
  }

  /** Followers in processes of their own, each killed at a random change; the next one begins in the same directory. */
  async function followAndKill(directory: string, first: Child, isOver: () => boolean): Promise<number> {
    const token = await hub.hub.issuer.issue('partner');
    const options = {
      kind: 'claim',
      directory,
      hub: { url: http.url, token, purpose: PURPOSE },
      limits: { pageChanges: 50, rowsMax: 60 },
    };
    let next = Promise.resolve(first);
    for (let kills = 0; ; kills++) {
      const { process: child, lines, ended } = await next;
      child.stdin.write(`${JSON.stringify(options)}\n`);
      if (isOver() && kills >= KILLS_MIN) {
        child.stdin.write('last\n');
        await ended;
        return kills;
      }
      // The next one gets ready while this one works.
      next = startChild('follower-process.ts', []);
      for (let more = 1 + random(30); more > 0; more--) if ((await lines.next()).done) await ended;
      await next;
      child.kill('SIGKILL');
      await ended;
    }
  }

  test('every follower has every revision once, in order, and what leaves a district is deleted', async () => {
    const directory = path.join(root, 'claims');
    const names = new Set<string>();
    const masked = new Set<string>();
    let isOver = false;
    const over = () => isOver;
    const writers = await Promise.all(
      Array.from({ length: PROCESSES }, (_, i) =>
        startChild('feed-writers.ts', [hub.database.url, String(1 + i * 104_729), String(SECONDS)]),
      ),
    );
    const first = await startChild('follower-process.ts', []);
    for (const { process: child } of writers) child.stdin.write('go\n');
    const following = Promise.all([
      poll('partner', names, over),
      poll('district', masked, over),
      stream(over),
      followAndKill(directory, first, over),
    ]);
    following.catch(() => undefined);
    const written = await Promise.all(writers.map(endOf)).finally(() => {
      isOver = true;
    });
    const [polled, scoped, streamed, kills] = await following;
    const expected = await changesIn(hub.database);
    const followed = rowsIn(directory).map((row, i) => ({
      // A file has no numbers: its rows are the changes one by one.
      seq: expected[i]?.seq ?? 'beyond the end',
      op: row.op === 'D' ? 'DELETE' : 'UPSERT',
      sourceId: row.source_id as string,
      content: row.op === 'D' ? '' : `${row.total_amount} ${row.status}`,
    }));
    if (process.env.HEYAN_SOAK_SECONDS)
      process.stderr.write(
        `${JSON.stringify({ revisions: expected.length, deliveries: written, streams: streamed.streams, kills, folders: readdirSync(directory).length, scoped: scoped.length })}\n`,
      );
    expect(written.flat().every((deliveries) => deliveries > 0)).toBe(true);
    expect(judge(polled, expected)).toEqual(NOTHING_WRONG);
    expect(judge(streamed.seen, expected)).toEqual(NOTHING_WRONG);
    expect(judge(followed, expected)).toEqual(NOTHING_WRONG);
    expect(judge(scoped, await changesIn(hub.database, '340304'))).toEqual(NOTHING_WRONG);
    expect(scoped.some(({ op }) => op === 'DELETE')).toBe(true);
    expect([[...names], [...masked]]).toEqual([['金丝雀甲', '金丝雀'], ['金*']]);
    expect([kills >= KILLS_MIN, streamed.streams > 2, expected.length > 100]).toEqual([true, true, true]);
    expect(readdirSync(directory).filter((name) => !/^\d{18}$/.test(name))).toEqual(['follow.json']);
  });

  /** How many deliveries each writer of a process took in. */
  async function endOf({ lines, ended }: Child): Promise<number[]> {
    const { value } = await lines.next();
    await ended;
    return JSON.parse(value as string) as number[];
  }

  /** Rows of a directory of deliveries, in order. */
  function rowsIn(directory: string): Record<string, string>[] {
    const names = readdirSync(directory)
      .filter((name) => /^\d{18}$/.test(name))
      .sort();
    return names.flatMap(
      (name) =>
        parse(readFileSync(path.join(directory, name, 'claim.csv')), { columns: true }) as Record<string, string>[],
    );
  }

  test('writers who took their numbers without the lock would lose a change, and be found out', async () => {
    const writer = async (sourceId: string): Promise<PoolClient> => {
      const client = await hub.database.pool.connect();
      await client.query('begin');
      await client.query(
        `insert into claim.revision select (jsonb_populate_record(r, jsonb_build_object('seq', nextval('public.numbers'), 'source_id', $1::text, 'recorded_to', null))).*
         from claim.revision r where seq = 1`,
        [sourceId],
      );
      return client;
    };
    await hub.database.pool.query(`create sequence public.numbers start ${1 + (await changesIn(hub.database)).length}`);
    const [slow, quick] = [await writer('SLOW'), await writer('QUICK')];
    const names = new Set<string>();
    await quick.query('commit');
    const seen = await poll('partner', names, () => true);
    await slow.query('commit');
    const { data } = await hub.as({ agency: 'partner', purpose: PURPOSE })(QUERY, {
      after: seen.at(-1)?.seq,
      first: 100,
    });
    for (const client of [slow, quick]) client.release();
    // biome-ignore lint/suspicious/noExplicitAny: data of the graph
    const later = (data as any).claimChanges.changes.map(seenOf);
    const expected = await changesIn(hub.database);
    expect(judge([...seen, ...later], expected)).toEqual({
      ...NOTHING_WRONG,
      missing: [expected.at(-2)?.seq],
      replayed: ['SLOW'],
    });
  });
});
