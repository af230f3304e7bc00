import type { Command } from 'commander';
import type { Config } from '../config';
import { AT_ONCE, type DrainLimits } from '../gateway/drain';
import { listen } from '../gateway/listen';
import { readinessOf } from '../gateway/ready';
import { contentSecurityPolicy, pagesFolder } from '../web/pages';
import { note, printLine } from './print';
import { keepSchedules } from './schedules';
import { inSession, type Session } from './session';
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
  const { config, database, signal, watching } = session;
  const hub = await session.hub();
  session.beforeClosing(await serveFigures(watching, config, database, hub));
  const listening = await listen(hub.gateway, {
    host: config.host,
    port: config.port,
    pages: { folder: pagesFolder(), policy: contentSecurityPolicy },
    tokens: hub.tokens,
    ready: readinessOf(database.pool),
    log: watching.log,
    answered: watching.metrics?.answered,
  });
  const patient = patientLimits(config);
  const close = () => listening.close(signal.reason === 'SIGTERM' ? patient : AT_ONCE);
  session.beforeClosing(close, patient.lingerMilliseconds + patient.answerMilliseconds + SLACK_MILLISECONDS);
  // At once, whatever else is still being ended.
  signal.addEventListener('abort', () => void close(), { once: true });
  session.endsBySignal();
  await onUp(listening.url);
  await keepSchedules(session, chainRanAt);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  note('Stopping.');
}

/** Whoever sends SIGTERM may be replacing one process after the other behind a balancer; who presses Ctrl-C waits before a screen. */
function patientLimits({ drainSeconds }: Config): DrainLimits {
  return { ...AT_ONCE, lingerMilliseconds: drainSeconds * 1_000, idleMilliseconds: IDLE_MILLISECONDS };
}

export function addTo(program: Command): void {
  program
    .command('serve')
    .description('serve the graph and its page, and keep the schedules of heyan.yaml')
    .addHelpText('after', '\nExample:\n  PORT=4000 heyan serve')
    .action(() =>
      inSession(async (session) => {
        await session.hubKey();
        await serveUntilStopped(session, (url) => printLine(`Graph  ${url}/graphql\nPage   ${url}/`));
      }),
    );
}
