/**
 * The main job: everything up, the nightly chain run over the configured sources (without any, over a demo city in an empty store), the graph served,
 * and a first query to paste.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Command } from 'commander';
import { recordKinds } from '../bureaus/bureau';
import { readConfig } from '../config';
import { type DemoCity, writeDemoCity } from '../demo/city';
import { CASE_INVESTIGATION, SUPERVISION } from '../hub/codes';
import { isComplete } from '../hub/nightly';
import { latestRuns, type Run } from '../sync/run';
import { nightly } from './nightly';
import { note, printLine } from './print';
import { checkText, nightlyText, runsText } from './reports';
import { serveUntilStopped } from './serve';
import { complain, inSession, type Session } from './session';

type Example = Pick<DemoCity, 'examplePerson' | 'exampleInstitution'>;

const DEMO_PERSONS = 5_000;
const DEMO_CASE = 'DEMO-2026-001';

export function addTo(program: Command): void {
  program
    .command('start')
    .description('the main job: bring everything up, load, check, and serve')
    .addHelpText('after', '\nExample:\n  PORT=4000 HEYAN_DATA=./.heyan heyan start')
    .action(async () => {
      try {
        await portIsFree(readConfig());
      } catch (error) {
        complain(error);
        process.exitCode = 1;
        return;
      }
      await inSession(start);
    });
}

async function start(session: Session): Promise<void> {
  const started = new Date();
  const before = await latestRuns(session.database);
  const from = await demoCityToLoad(session, before);
  const report = await nightly(session, { from });
  const isNew = report.delivery !== null || report.sync !== null;
  const summary = isNew ? nightlyText(report) : `Last deliveries\n${runsText(before)}\n\n${checkText(report.check)}`;
  const onUp = async (url: string) => {
    printLine(`${summary}\n\n${await welcome(session, url)}`);
    note(`Up after ${((Date.now() - started.getTime()) / 1_000).toFixed(1)} s. Ctrl-C stops everything.`);
  };
  // What went wrong in the chain now is to be made up for like any due time that was missed.
  await serveUntilStopped(session, onUp, isComplete(report) ? started : undefined);
}

/**
 * The demo city, when it is to be loaded: where no source and no other premises are configured, into an empty store, or when a start before this one was interrupted while
 * loading it. A store that holds anything else is left as it is.
 */
async function demoCityToLoad({ config, today }: Session, before: readonly Run[]): Promise<string | undefined> {
  if (Object.keys(config.bureaus).length > 0 || Object.keys(config.subgraphs).length > 0) return undefined;
  const out = path.join(config.dataDirectory, 'demo-city');
  const complete = new Set(before.filter(({ state }) => state === 'COMPLETE').map(({ kind }) => kind));
  const isDemo = before.length > 0 && before.every(({ source }) => source.startsWith(out));
  if (isDemo && recordKinds().some(({ kind }) => !complete.has(kind))) return out;
  if (before.length > 0) return undefined;
  note(`The store is empty: writing a demo city of ${DEMO_PERSONS} invented people to ${out}`);
  const { examplePerson, exampleInstitution } = await writeDemoCity({ persons: DEMO_PERSONS, out, asOf: today });
  writeFileSync(exampleFile(config), JSON.stringify({ examplePerson, exampleInstitution } satisfies Example));
  return out;
}

function exampleFile({ dataDirectory }: { dataDirectory: string }): string {
  return path.join(dataDirectory, 'demo-city.json');
}

const FIRST_QUERY = `query OnePerson($number: String!) {
  person(idNumber: $number) {
    id name
    household { status cancelReason cancelDate birthDate }
    deaths { source deathDate datePrecision status }
    enrollments { scheme category startDate endDate status }
    retirements { pension retiredOn status lastPaidMonth }
    contributions(first: 3) { edges { node { period payer amount status } } }
    povertyMonitoring { category identifiedOn riskRemovedOn }
    claims(first: 3) { edges { node { sourceId claimType serviceDate pooledPaid status institutionName } } }
  }
}`;

async function welcome({ config, hub }: Session, url: string): Promise<string> {
  const token = await (await hub()).issuer.issue(SUPERVISION, 'demo-reviewer');
  const example = existsSync(exampleFile(config))
    ? (JSON.parse(readFileSync(exampleFile(config), 'utf8')) as Example)
    : undefined;
  const body = JSON.stringify({
    query: FIRST_QUERY.replace(/\s+/g, ' '),
    variables: { number: example?.examplePerson ?? 'AN-IDENTITY-NUMBER' },
  });
  return [
    `Page     ${url}/#${linkOf(example)}`,
    `Graph    ${url}/graphql`,
    `Agency   ${SUPERVISION}`,
    `Purpose  ${CASE_INVESTIGATION}   (for one case at a time; case number ${DEMO_CASE})`,
    `Token    ${token}`,
    ...(example ? [`Person   ${example.examplePerson}   Institution  ${example.exampleInstitution}`] : []),
    '',
    'A first query to paste:',
    '',
    `curl -s ${url}/graphql \\\n  -H 'content-type: application/json' \\\n  -H 'authorization: Bearer ${token}' \\\n  -H 'x-purpose: ${CASE_INVESTIGATION}' -H 'x-case: ${DEMO_CASE}' \\\n  -d '${body}'`,
  ].join('\n');
}

/** What the page starts with, behind the # that never leaves the browser; see web/start-link.ts. */
function linkOf(example: Example | undefined): string {
  return new URLSearchParams({
    purpose: CASE_INVESTIGATION,
    case: DEMO_CASE,
    ...(example && { idNumber: example.examplePerson, institution: example.exampleInstitution }),
  }).toString();
}

/** Says that the port is taken before anything else is done. */
async function portIsFree({ host, port }: { host: string; port: number }): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is taken: stop what listens there, or set PORT to another`)
          : error,
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
