import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { openSigner } from '../audit/signing';
import { type Bureau, bureaus } from '../bureaus/bureau';
import { recordKind } from '../bureaus/record';
import type { Config } from '../config';
import { feedLag } from '../crosscheck/lag';
import { listenForHubs, SUBGRAPH_PATH } from '../federation/listen';
import { openPremises } from '../federation/premises';
import { AT_ONCE, type DrainLimits } from '../gateway/drain';
import { isAddress } from '../gateway/issuers';
import { keysAt, keysInFile } from '../gateway/key-set';
import { listen } from '../gateway/listen';
import { contentSecurityPolicy, pagesFolder } from '../web/pages';
import { note, printLine } from './print';
import { keepSchedules } from './schedules';
import { inSession, reportTo, type Session } from './session';
import { serveFigures } from './watching';

/**
 * So long a balancer's idle connections are left open after SIGTERM: it is to give them up by itself within that time (`keepalive_timeout` of
 * docker/nginx.conf is 3 s), since one that is closed while a request is on its way fails that request.
 */
const IDLE_MILLISECONDS = 5_000;
/** How much longer than its own limits the end of serving may take. */
const SLACK_MILLISECONDS = 3_000;

/** Serves, and keeps the schedules of heyan.yaml, until Ctrl-C. `onUp` is told the address. See schedules.ts for `chainRanAt`. */
export async function serveUntilStopped(
  session: Session,
  onUp: (url: string) => Promise<void> | void,
  chainRanAt?: Date,
): Promise<void> {
  const { config, database, watching } = session;
  const { pool } = database;
  const hub = await session.hub();
  hub.prepare();
  const { freshness, bureaus, isElsewhere } = hub;
  const lag = () => feedLag(pool, isElsewhere);
  session.beforeClosing(await serveFigures(watching, config, { pool, freshness, bureaus, feedLag: lag }));
  const listening = await listen(hub.gateway, {
    host: config.host,
    port: config.port,
    pages: { folder: pagesFolder(), policy: contentSecurityPolicy },
    tokens: hub.tokens,
    ready: hub.ready,
    log: watching.log,
    answered: watching.metrics?.answered,
  });
  closePatiently(session, listening);
  await onUp(listening.url);
  await keepSchedules(session, chainRanAt);
  await untilStopped(session);
}

/** Serves bureaus for hubs, and keeps their own schedules, until Ctrl-C. */
async function serveBureaus(session: Session, asked: readonly Bureau[]): Promise<void> {
  const { config, database, watching } = session;
  if (!config.serving)
    throw new Error(
      'Nothing says which hub may call: write the file that "heyan hub-keys" gave at the hub into heyan.yaml, as serving: {hubs: [./hub-keys.json]}',
    );
  const hubKey = await session.hubKey();
  const premises = await openPremises({
    database,
    dataDirectory: config.dataDirectory,
    bureaus: asked,
    hubs: config.serving.hubs.map((keys) =>
      isAddress(keys) ? keysAt(keys, () => performance.now()) : keysInFile(keys),
    ),
    signer: openSigner(config.dataDirectory, config.audit.signature),
    hash: config.audit.hash,
    checkpoints: config.audit.checkpoints,
    hubKey: () => hubKey,
    report: reportTo(note),
    watch: watching.watch,
  });
  session.beforeClosing(premises.close);
  session.beforeClosing(await serveFigures(watching, config, { pool: database.pool, freshness: premises.freshness }));
  const listening = await listenForHubs(premises, {
    host: config.host,
    port: config.port,
    tls: config.serving.tls,
    log: watching.log,
    answered: watching.metrics?.answered,
  });
  closePatiently(session, listening);
  for (const { name } of asked) printLine(`Subgraph  ${listening.url}${SUBGRAPH_PATH}${name}`);
  const own = Object.fromEntries(
    Object.entries(config.bureaus).filter(([name]) => asked.some((one) => one.name === name)),
  );
  // The nightly chain is the hub's: it follows and judges what bureaus have taken in by their own schedules.
  await keepSchedules({ ...session, config: { ...config, bureaus: own, nightly: null } });
  await untilStopped(session);
}

/** Ends serving as soon as the session is told to end, whatever else is still being ended, and with the patience that whoever told it has. */
function closePatiently(session: Session, listening: { close(limits: DrainLimits): Promise<void> }): void {
  const { config, signal } = session;
  const patient = patientLimits(config);
  const close = () => listening.close(signal.reason === 'SIGTERM' ? patient : AT_ONCE);
  session.beforeClosing(close, patient.lingerMilliseconds + patient.answerMilliseconds + SLACK_MILLISECONDS);
  signal.addEventListener('abort', () => void close(), { once: true });
  session.endsBySignal();
}

async function untilStopped({ signal }: Session): Promise<void> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  note('Stopping.');
}

/** Whoever sends SIGTERM may be replacing one process after the other behind a balancer; who presses Ctrl-C waits before a screen. */
function patientLimits({ drainSeconds }: Config): DrainLimits {
  return { ...AT_ONCE, lingerMilliseconds: drainSeconds * 1_000, idleMilliseconds: IDLE_MILLISECONDS };
}

/** A bureau by its name, or by a kind of its records. */
function bureauOption(word: string, before: readonly Bureau[] = []): readonly Bureau[] {
  const found = bureaus().find(
    ({ name, records }) => name === word || records.some((record) => recordKind(record).kind === word),
  );
  if (!found)
    throw new InvalidArgumentError(
      `the bureaus are ${bureaus()
        .map(({ name }) => name)
        .join(', ')}.`,
    );
  return before.includes(found) ? before : [...before, found];
}

export function addTo(program: Command): void {
  program
    .command('serve')
    .description(
      'serve the graph and its page, and keep the schedules of heyan.yaml; or serve some bureaus for a hub elsewhere',
    )
    .option(
      '--only <kinds...>',
      'serve only these bureaus, as subgraphs for the hubs named in heyan.yaml, serving',
      bureauOption,
    )
    .option('--gateway <supergraph>', 'serve the graph as "heyan compose" wrote it, its bureaus where it says')
    .addHelpText(
      'after',
      '\nExample:\n  PORT=4000 heyan serve\n  PORT=4001 heyan serve --only death\n  heyan serve --gateway supergraph.graphql',
    )
    .action(({ only, gateway }: { only?: readonly Bureau[]; gateway?: string }, command: Command) => {
      if (only && gateway)
        return command.error('error: --only and --gateway do not go together: one serves a bureau, the other the hub');
      if (only) return inSession((session) => serveBureaus(session, only));
      const settings = gateway === undefined ? {} : { supergraph: path.resolve(gateway) };
      return inSession(async (session) => {
        await session.hubKey();
        await serveUntilStopped(session, (url) => printLine(`Graph  ${url}/graphql\nPage   ${url}/`));
      }, settings);
    });
}
