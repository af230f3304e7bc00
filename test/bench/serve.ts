/** The process of one side; see sides.ts. Tells its address and headers when it listens, ends when it is told to. */
import './production';
import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { listen } from '../../src/gateway/listen';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { serveBare } from './bare';
import { openMeasuredHub } from './measured-hub';
import { servePeer } from './peer/serve';
import type { SideOptions } from './sides';

interface Serving {
  url: string;
  headers: Record<string, string>;
  close(): Promise<void>;
}

const JSON_BODY = { 'content-type': 'application/json' };

async function serveHeyan(databaseUrl: string, directory: string): Promise<Serving> {
  const { hub, close } = await openMeasuredHub(databaseUrl, directory);
  const listening = await listen(hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
  const authorization = `Bearer ${await hub.issuer.issue(SUPERVISION, 'bench')}`;
  return {
    url: listening.url,
    headers: { ...JSON_BODY, authorization, 'x-purpose': CASE_INVESTIGATION, 'x-case': 'BENCH-1' },
    async close() {
      await listening.close();
      await close();
    },
  };
}

/** What HTTP itself allows: the same bytes for every request. */
async function serveBytes(): Promise<{ url: string; close(): Promise<void> }> {
  const bytes = JSON.stringify({ data: { person: 'x'.repeat(1_500) } });
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const OTHERS = { bare: serveBare, peer: servePeer, bytes: serveBytes } as const;

async function serve({ side, databaseUrl, directory }: SideOptions): Promise<void> {
  const serving =
    side === 'heyan'
      ? await serveHeyan(databaseUrl, directory)
      : { headers: JSON_BODY, ...(await OTHERS[side](databaseUrl)) };
  process.on('message', async (word) => {
    if (word === 'used') {
      const { user, system } = process.cpuUsage();
      process.send?.({ used: (user + system) / 1_000 });
      return;
    }
    await serving.close();
    // What it was measured by keeps its channel open until it has ended.
    process.exit(0);
  });
  // Whoever measured is gone.
  process.once('disconnect', () => process.exit(1));
  process.send?.({ url: serving.url, headers: serving.headers });
}

void serve(JSON.parse(process.argv[2] as string) as SideOptions);
