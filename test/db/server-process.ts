import { startEmbedded } from '../../src/db/embedded';

/**
 * A Heyan process as the tests need it: serves the data directory in its argument and prints {url, owned}. Ends in order on SIGINT or
 * when its input ends; the word 'exit' ends it without stopping anything.
 */
async function main(directory: string): Promise<void> {
  const server = await startEmbedded(directory);
  const stop = () => {
    void server.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.stdin.once('end', stop);
  process.stdin.on('data', (chunk) => {
    if (chunk.toString().includes('exit')) process.exit(3);
  });
  console.log(JSON.stringify({ url: server.url, owned: server.owned }));
}

main(process.argv[2] ?? '').catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
