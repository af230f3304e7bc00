/**
 * `profile`: where the time of a request goes, for one person across all bureaus, a list with what is known of its persons, and a feed's page. No figure, only shares: samples of
 * V8's profiler, each given to the nearest caller that belongs to a part of the work. What is waited for PostgreSQL is its own part.
 */
import { Session } from 'node:inspector/promises';
import { CASE_INVESTIGATION, FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { answer } from './feed';
import type { Findings } from './figure';
import { openMeasuredHub } from './measured-hub';
import { FEED, largestInstitution, NESTED, personBodies } from './queries';
import { CITY, type Stage } from './stage';

const SAMPLE_MICROSECONDS = 200;
const PAGE = 5_000;

/** By the file a function stands in; the first that fits counts. */
const PARTS: readonly (readonly [part: string, files: RegExp])[] = [
  [
    'authenticate',
    /src\/gateway\/(authenticate|token|issuer|issuers|key-set|revocation)|node_modules\/jose|internal\/crypto\/(webcrypto|keys|cfrg)/,
  ],
  ['audit', /src\/audit\//],
  ['decide', /src\/sharing\/|src\/gateway\/(cost|limits)/],
  ['decode', /pg-protocol|pg-types|pg\/lib\/result|src\/db\/type-parsers/],
  ['SQL', /node_modules\/pg(-pool)?\//],
  ['project', /src\/bureaus\/|src\/subgraph\/|graphql-jit|dataloader|type-graphql|graphql-shield/],
  ['plan', /src\/gateway\/(plan|fields|joins|calls|call-document|carry-out|asked-for|unknown)\./],
  ['serialise', /runHttpQuery/],
  ['read the request', /node_modules\/(graphql|@apollo)\/|src\/gateway\/(gateway|door)/],
];

interface Frame {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

export async function profile(stage: Stage): Promise<Findings> {
  const { database, hub, close } = await openMeasuredHub((await stage.loaded(CITY)).url, stage.directory('hub'));
  const authorization = `Bearer ${await hub.issuer.issue(SUPERVISION, 'bench')}`;
  const bodies = await personBodies(database, 100);
  const variables = { institution: await largestInstitution(database), first: 100 };
  const list = JSON.stringify({ query: NESTED, variables });
  const page = JSON.stringify({ query: FEED, variables: { after: null, first: PAGE } });
  const persons = { authorization, purpose: CASE_INVESTIGATION, case: 'BENCH-1' };
  const feeds = { authorization, purpose: FUND_SUPERVISION };
  const works: Record<string, () => Promise<unknown>> = {
    'a person': async () => {
      for (const body of bodies) await answer(hub, persons, body);
    },
    'a hundred claims with their patients': () => answer(hub, feeds, list),
    'a page of a feed': () => answer(hub, feeds, page),
  };
  const notes: string[] = [];
  try {
    for (const [name, work] of Object.entries(works)) {
      await repeat(work, 5);
      const shares = await sharesOf(() => repeat(work, 10));
      notes.push(`${name}: ${shares.map(([part, share]) => `${part} ${Math.round(share * 100)} %`).join(', ')}`);
    }
  } finally {
    await close();
  }
  return { figures: [], notes };
}

async function repeat(work: () => Promise<unknown>, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await work();
}

/** Shares of the time, largest first. */
async function sharesOf(work: () => Promise<unknown>): Promise<[string, number][]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
  await session.post('Profiler.start');
  await work();
  const { profile: taken } = (await session.post('Profiler.stop')) as unknown as {
    profile: { nodes: Frame[]; samples: number[]; timeDeltas: number[] };
  };
  session.disconnect();
  const partOf = partsOf(taken.nodes);
  const spent = new Map<string, number>();
  let total = 0;
  for (const [place, id] of taken.samples.entries()) {
    const part = partOf(id);
    // The profiler's own.
    if (part === null) continue;
    const took = taken.timeDeltas[place] as number;
    spent.set(part, (spent.get(part) ?? 0) + took);
    total += took;
  }
  return [...spent].map(([part, took]): [string, number] => [part, took / total]).sort(([, a], [, b]) => b - a);
}

function partsOf(nodes: readonly Frame[]): (id: number) => string | null {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  return (id) => {
    for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
      const { functionName, url } = (byId.get(at) as Frame).callFrame;
      if (functionName === '(idle)') return 'wait for PostgreSQL';
      if (functionName === '(garbage collector)') return 'collect garbage';
      if (functionName === 'dispatch' && url === '') return null;
      const part = PARTS.find(([, files]) => files.test(url));
      if (part) return part[0];
    }
    return 'everything else';
  };
}
