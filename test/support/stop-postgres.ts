import { removeDataDirectory } from './data-directory';
import './start-postgres';

/** jest's globalTeardown: ends what start-postgres.ts began and leaves nothing behind. */
export default async function stopPostgres(): Promise<void> {
  const running = globalThis.heyanTestServer;
  if (!running) return;
  await running.server.stop();
  removeDataDirectory(running.directory);
}
