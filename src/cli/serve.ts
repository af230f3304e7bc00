import type { Command } from 'commander';
import { listen } from '../gateway/listen';
import { contentSecurityPolicy, pagesFolder } from '../web/pages';
import { note, printLine } from './print';
import { keepSchedules } from './schedules';
import { inSession, type Session } from './session';

/** Serves, and keeps the schedules of heyan.yaml, until Ctrl-C. `onUp` is told the address. See schedules.ts for `chainRanAt`. */
export async function serveUntilStopped(
  session: Session,
  onUp: (url: string) => Promise<void> | void,
  chainRanAt?: Date,
): Promise<void> {
  const { config, signal } = session;
  const hub = await session.hub();
  const pages = { folder: pagesFolder(), policy: contentSecurityPolicy };
  const listening = await listen(hub.gateway, { host: config.host, port: config.port, pages, tokens: hub.tokens });
  session.beforeClosing(listening.close);
  await onUp(listening.url);
  await keepSchedules(session, chainRanAt);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  note('Stopping.');
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
