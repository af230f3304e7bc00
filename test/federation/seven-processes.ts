/**
 * The sample city with each of the seven bureaus as its own process and database, on ports of this machine, and a hub that reaches them all over
 * HTTP. `npm run federation` brings it up, runs a night, compares the findings with those of a single process, and serves until Ctrl-C;
 * with `--once` it ends after the comparison.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bureaus } from '../../src/bureaus/bureau';
import { recordKind } from '../../src/bureaus/record';
import { startEmbedded } from '../../src/db/embedded';
import { MAIN } from '../support/compiled';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { inDatabase, withClient } from '../support/database';

const SAMPLE_CITY = path.join(__dirname, '../sample-city');
const SAMPLE_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const AS_OF = '2026-06-30';
const UP_MILLISECONDS_MAX = 120_000;

export interface SevenProcesses {
  /** The hub's address. */
  url: string;
  /** The findings as `heyan findings --format csv` prints them, without the columns that runs add. */
  findings: string[];
  /** The process of each bureau, and of the hub, by name. */
  processes: ReadonlyMap<string, ChildProcess>;
  /** How long each step took, in seconds. */
  steps: { step: string; seconds: number }[];
  close(): Promise<void>;
}

/** What the sample city's findings are. */
export function expectedFindings(): string[] {
  return readFileSync(path.join(SAMPLE_CITY, 'expected.csv'), 'utf8').trim().split('\n').slice(1);
}

/** Brings everything up. `port` is the hub's; the bureaus take free ones. */
export async function bringUp({ port = 0, log = (_line: string) => {} } = {}): Promise<SevenProcesses> {
  const postgresDirectory = makeDataDirectory();
  const postgres = await startEmbedded(postgresDirectory);
  const root = mkdtempSync(path.join(tmpdir(), 'heyan-federation-'));
  const processes = new Map<string, ChildProcess>();
  const steps: SevenProcesses['steps'] = [];

  /** A folder and a database of one's own. */
  async function place(name: string): Promise<Place> {
    const directory = path.join(root, name);
    mkdirSync(directory);
    await withClient(postgres.url, (client) => client.query(`create database federation_${name}`));
    return { name, directory, databaseUrl: inDatabase(postgres.url, `federation_${name}`) };
  }

  async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work();
    steps.push({ step, seconds: Math.round((performance.now() - begun) / 100) / 10 });
    log(`${step}: ${steps.at(-1)?.seconds} s`);
    return result;
  }

  async function close(): Promise<void> {
    await Promise.all(
      [...processes.values()].map(
        (child) =>
          new Promise((resolve) => {
            if (child.exitCode !== null || child.signalCode !== null) return resolve(undefined);
            child.once('exit', resolve);
            child.kill('SIGTERM');
          }),
      ),
    );
    await postgres.stop();
    removeDataDirectory(postgresDirectory);
  }

  try {
    const hub = await place('hub');
    const keys = path.join(root, 'hub-keys.json');
    await run(hub, ['hub-keys', '--out', keys]);
    const urls = await timed('seven bureaus, each loaded and serving', async () => {
      const up: [string, string][] = [];
      // Two at a time: each has a process to itself, and a small machine two cores.
      await Promise.all(
        [0, 1].map(async (lane) => {
          for (const [index, { name, records }] of bureaus().entries()) {
            if (index % 2 !== lane) continue;
            const here = await place(name);
            writeFileSync(path.join(here.directory, 'heyan.yaml'), `serving: {hubs: [${keys}]}\n`);
            cpSync(path.join(SAMPLE_CITY, 'delivery'), path.join(here.directory, 'delivery'), { recursive: true });
            const kinds = records.map((record) => recordKind(record).kind);
            await run(here, ['load', 'delivery', '--kind', ...kinds]);
            up.push([name, await serve(here, ['serve', '--only', name], /Subgraph +(http\S+)/, processes)]);
          }
        }),
      );
      return up;
    });
    const remote = urls.map(([name, url]) => `  ${name}: {url: "${url}"}\n`).sort();
    writeFileSync(path.join(hub.directory, 'heyan.yaml'), `subgraphs:\n${remote.join('')}`);
    await timed('the graph composed of what they serve', () => run(hub, ['compose', '--out', 'supergraph.graphql']));
    await timed('a night', () => run(hub, ['nightly', '--as-of', AS_OF]));
    const csv = await run(hub, ['findings', '--format', 'csv']);
    const findings = csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 5).join(','));
    const served = ['serve', '--gateway', 'supergraph.graphql'];
    const url = await timed('the hub', () => serve(hub, served, /Graph +(http\S+)\/graphql/, processes, port));
    return { url, findings, processes, steps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Place {
  name: string;
  directory: string;
  databaseUrl: string;
}

function start({ directory, databaseUrl }: Place, args: readonly string[], port = 0): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HEYAN_DATA: path.join(directory, 'data'),
      DATABASE_URL: databaseUrl,
      HEYAN_PERSON_KEY: SAMPLE_KEY,
      PORT: String(port),
    },
  });
}

/** Runs a command to its end; what it printed. */
function run(place: Place, args: readonly string[]): Promise<string> {
  const child = start(place, args);
  let out = '';
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${place.name}: heyan ${args.join(' ')} ended with ${code}: ${said}${out}`)),
    ),
  );
}

/** Starts a process that serves, and answers with the address that it prints. */
function serve(
  place: Place,
  args: readonly string[],
  address: RegExp,
  processes: Map<string, ChildProcess>,
  port = 0,
): Promise<string> {
  const child = start(place, args, port);
  processes.set(place.name, child);
  let said = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${place.name} is not up: ${said}`)), UP_MILLISECONDS_MAX);
    child.on('close', () => reject(new Error(`${place.name} ended without serving: ${said}`)));
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
        const found = address.exec(said)?.[1];
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      });
  });
}

async function main(): Promise<void> {
  const stopped = new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const city = await bringUp({ port: Number(process.env.PORT ?? 4000), log });
  const isSame = JSON.stringify(city.findings) === JSON.stringify(expectedFindings());
  process.stdout.write(
    `${city.findings.length} findings, ${isSame ? 'the same as' : 'NOT those'} of a single process\nGraph  ${city.url}/graphql\n`,
  );
  if (!process.argv.includes('--once')) await stopped;
  await city.close();
  process.exitCode = isSame ? 0 : 1;
}

if (require.main === module) void main();
