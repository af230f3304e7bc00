/**
 * Bad days: each bureau in turn, under load, behind a proxy that does to its answers what happens to answers. A client gets everything of the
 * other bureaus, of the troubled one nothing rather than something wrong, an error that names it, and all of it in time: within the limit and a
 * tenth, and what the same answer takes here when all is well.
 *
 * Each bureau meets four kinds of trouble, one meets all; with `HEYAN_FAULTS=all` every one does. `HEYAN_FAULT_LIMIT=5000` gives a bureau so many milliseconds, `HEYAN_FAULT_REQUESTS=200` asks so often each time, `HEYAN_FAULT_CLIENTS=16` by so many.
 */
import { isDeepStrictEqual } from 'node:util';
import { bureaus } from '../../src/bureaus/bureau';
import type { RemoteSetting } from '../../src/federation/connection';
import { FAULTS, type Fault, type FaultProxy, faultProxy } from '../support/fault-proxy';
import { serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { hubDirectory, type TestPremises, testPremises } from '../support/premises';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const LIMIT_MILLISECONDS = Number(process.env.HEYAN_FAULT_LIMIT ?? 1_000);
const REQUESTS = Number(process.env.HEYAN_FAULT_REQUESTS ?? 3);
const CLIENTS = Number(process.env.HEYAN_FAULT_CLIENTS ?? 3);
/** On a machine that is busy with something else the limit is so many times what an answer takes when all is well, up to what an operation may take. */
const WELL_TIMES = 5;
const LIMIT_MILLISECONDS_MAX = 8_000;
/**
 * A machine that is busy with something else makes an answer late once; a program that does so makes it late again. Who measures has the machine
 * to themselves, and nothing is asked again.
 */
const LATE_AGAIN = process.env.HEYAN_FAULT_REQUESTS ? 0 : 2;
/** All of it under many requests takes as long as it takes. */
jest.setTimeout(process.env.HEYAN_FAULT_REQUESTS ? 7_200_000 : 600_000);

const NAMES = bureaus().map(({ name }) => name);
/** `HEYAN_FAULT_BUREAUS=death,claim` troubles these alone. */
const TROUBLED = NAMES.filter((name) => (process.env.HEYAN_FAULT_BUREAUS ?? name).split(',').includes(name));

/** What a bureau meets unless every one meets all. */
const USUAL: readonly Fault[] = ['down', 'hangs', 'slow', 'wrong types'];
const faultsOf = (bureau: string) => (process.env.HEYAN_FAULTS === 'all' || bureau === 'death' ? FAULTS : USUAL);

const QUERY = `query($id: ID!, $day: Date!) {
  person(id: $id) {
    name household { status } deaths { sourceId deathDate } enrollments { sourceId status } retirements { sourceId retiredOn }
    contributions(first: 5) { edges { node { sourceId amount } } } povertyMonitoring { sourceId category }
    claims(first: 5) { edges { node { sourceId totalAmount serviceDate } } }
    aliveOn(date: $day) retiredOn(date: $day) insuredOn(date: $day, scheme: RESIDENT) monitoredOn(date: $day)
  }
  findings(first: 5) { edges { node { id } } }
}`;
const VARIABLES = { id: keyOf(JIA.number), day: '2026-06-01' };

/** What of the person is the bureau's: lists and objects become null, answers UNKNOWN. `aliveOn` rests on two bureaus. */
const OWN: Record<string, Record<string, null | 'UNKNOWN'>> = {
  death: { deaths: null, aliveOn: 'UNKNOWN' },
  enrollment: { enrollments: null, insuredOn: 'UNKNOWN' },
  retirement: { retirements: null, retiredOn: 'UNKNOWN' },
  contribution: { contributions: null },
  poverty: { povertyMonitoring: null, monitoredOn: 'UNKNOWN' },
  claim: { claims: null },
};

type Answer = Awaited<ReturnType<ReturnType<TestHub['as']>>>;
interface Line {
  bureau: string;
  fault: Fault;
  limit: number;
  whole: number;
  withoutBureau: number;
  wrong: number;
  late: number;
  /** The slowest answer when all was well, and now. */
  well: number;
  slowest: number;
  /** The first answer that was wrong. */
  example?: string;
}

describe('bad days', () => {
  let directory: Awaited<ReturnType<typeof hubDirectory>>;
  let premises: TestPremises;
  let hub: TestHub;
  const proxies = new Map<string, FaultProxy>();
  const subgraphs: Record<string, RemoteSetting> = {};
  let healthy: Answer['data'];
  let clock = 0;
  beforeAll(async () => {
    directory = await hubDirectory();
    // Its clock stands too: what is remembered for a second is, as when all this is not one second of a test.
    premises = await testPremises(NAMES, { keysFile: directory.keysFile, elapsed: () => clock });
    for (const name of NAMES) proxies.set(name, await faultProxy(premises.origin));
    for (const name of NAMES) {
      const url = `${proxies.get(name)?.origin}/subgraph/${name}`;
      subgraphs[name] = {
        url,
        timeoutMilliseconds: LIMIT_MILLISECONDS_MAX,
        connections: 20,
        answerBytesMax: 4_000_000,
      };
    }
    hub = await testHub({ dataDirectory: directory.dataDirectory, subgraphs, elapsed: () => clock });
    await deliver(premises.database, smallCity());
    // The first operations are compiled, which on a busy machine takes longer than the limit.
    let answer = await ask();
    for (let again = 0; again < 10 && answer.errors; again++) answer = await ask();
    expect(answer.errors).toBeUndefined();
    healthy = answer.data;
  });
  afterAll(async () => {
    await hub?.close();
    for (const proxy of proxies.values()) await proxy.close();
    await premises?.close();
    directory.remove();
  });

  const ask = (): Promise<Answer> => hub.as()(QUERY, VARIABLES);
  const expectedWithout = (bureau: string) => {
    const { person, ...rest } = healthy as { person: Record<string, unknown> };
    if (bureau !== 'household') return { ...rest, person: { ...person, ...OWN[bureau] } };
    const unknown = Object.entries(person).map(([key]) => [key, /On$/.test(key) ? 'UNKNOWN' : null]);
    return { ...rest, person: Object.fromEntries(unknown) };
  };

  function classify({ data, errors }: Answer, bureau: string): 'whole' | 'withoutBureau' | 'wrong' {
    const isSame = (expected: unknown) => isDeepStrictEqual(plain(data), plain(expected));
    if (!errors) return isSame(healthy) ? 'whole' : 'wrong';
    const areNamed = errors.every(
      ({ extensions }) => extensions?.code === 'UNAVAILABLE' && extensions.bureau === bureau,
    );
    // Without the register nobody can say which keys are one person's: then the others are not asked, and say nothing.
    return areNamed && isSame(expectedWithout(bureau)) ? 'withoutBureau' : 'wrong';
  }

  /** How long so many clients wait when all is well: what the machine takes by itself, and no bureau's doing. */
  async function slowestWhenWell(): Promise<number> {
    const took = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const begun = performance.now();
        await ask();
        return performance.now() - begun;
      }),
    );
    return Math.max(...took);
  }

  async function under(bureau: string, fault: Fault, well: number): Promise<Line> {
    const proxy = proxies.get(bureau) as FaultProxy;
    const limit = Math.min(LIMIT_MILLISECONDS_MAX, Math.max(LIMIT_MILLISECONDS, Math.ceil(well * WELL_TIMES)));
    for (const setting of Object.values(subgraphs)) setting.timeoutMilliseconds = limit;
    proxy.slowMilliseconds = limit * 3;
    const counts = { whole: 0, withoutBureau: 0, wrong: 0, late: 0 };
    const line: Line = { bureau, fault, limit, ...counts, well: Math.round(well), slowest: 0 };
    proxy.fault = fault;
    let left = REQUESTS;
    const client = async () => {
      while (left-- > 0) {
        const begun = performance.now();
        const answer = await ask();
        const took = performance.now() - begun;
        line.slowest = Math.max(line.slowest, Math.round(took));
        if (took > limit * 1.1 + well) line.late += 1;
        const outcome = classify(answer, bureau);
        line[outcome] += 1;
        if (outcome === 'wrong') line.example ??= JSON.stringify(answer);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    proxy.fault = null;
    // The circuit has rested: one call goes through, and all is well again, with nothing restarted.
    clock += 60_000;
    const after = await ask();
    if (classify(after, bureau) !== 'whole') line.wrong += 1;
    return line;
  }

  test('each bureau in turn, in each kind of trouble', async () => {
    const lines: Line[] = [];
    for (const bureau of TROUBLED) {
      let well = await slowestWhenWell();
      for (const fault of faultsOf(bureau)) {
        let line = await under(bureau, fault, well);
        process.stderr.write(`${lines.length === 0 ? HEAD : ''}${rowOf(line)}\n`);
        for (let again = 0; again < LATE_AGAIN && line.late > 0 && line.wrong === 0; again++) {
          well = Math.max(well, await slowestWhenWell());
          line = await under(bureau, fault, well);
          process.stderr.write(`${rowOf(line)}\n`);
        }
        lines.push(line);
      }
    }
    expect(lines.filter(({ wrong, late }) => wrong + late > 0)).toEqual([]);
    // What is not answered is answered without the bureau: nobody gets nothing.
    expect(lines.filter(({ withoutBureau }) => withoutBureau === 0)).toEqual([]);
  });

  test('a bureau that alone was asked: an answer that says nothing, and not that the request was wrong', async () => {
    const household = proxies.get('household') as FaultProxy;
    const served = await serve(hub);
    household.fault = 'down';
    const { status, body } = await served.ask(
      'query($id: ID!, $day: Date!) { person(id: $id) { name aliveOn(date: $day) } }',
      VARIABLES,
    );
    household.fault = null;
    await served.close();
    clock += 60_000;
    expect(status).toBe(200);
    expect(body.data).toEqual({ person: { name: null, aliveOn: 'UNKNOWN' } });
    expect(body.errors[0].extensions).toMatchObject({ code: 'UNAVAILABLE', bureau: 'household' });
  });
});

/** As it travels: what executors make has no prototype. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

const HEAD = `\n${CLIENTS} clients; what they got, by how many answers\n${'bureau'.padEnd(13)} ${'trouble'.padEnd(15)}   limit   whole without   wrong    late    well slowest (ms)\n`;

function rowOf({ bureau, fault, limit, whole, withoutBureau, wrong, late, well, slowest }: Line): string {
  const figures = [limit, whole, withoutBureau, wrong, late, well, slowest].map((one) => String(one).padStart(7));
  return [bureau.padEnd(13), fault.padEnd(15), ...figures].join(' ');
}
