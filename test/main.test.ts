import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileIfStale, MAIN } from './support/compiled';

jest.setTimeout(60_000);
beforeAll(compileIfStale);

test('a log that cannot be written ends nothing: the command goes its way', async () => {
  const child = spawn(process.execPath, [MAIN, 'no-such-command'], { stdio: ['ignore', 'ignore', 'pipe'] });
  // Whoever read the log is gone before anything is written.
  child.stderr.destroy();
  expect((await once(child, 'close'))[0]).toBe(2);
});
