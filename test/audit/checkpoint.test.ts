import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type LogFixture, logFixture } from './log-fixture';

interface Receiver {
  url: string;
  sizes: number[];
  /** What it answers; the last one for ever. */
  statuses: number[];
  close(): Promise<void>;
}

async function receiver(): Promise<Receiver> {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const status = (receiving.statuses.length > 1 ? receiving.statuses.shift() : receiving.statuses[0]) as number;
      if (status < 300) receiving.sizes.push((JSON.parse(body) as { size: number }).size);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiving: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/heads?secret=1`,
    sizes: [],
    statuses: [204],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return receiving;
}

describe('checkpoint sinks', () => {
  let log: LogFixture;
  let web: Receiver;
  let file: string;
  beforeEach(async () => {
    log = await logFixture();
    web = await receiver();
    file = path.join(log.directory, 'provider/heads.jsonl');
  });
  afterEach(async () => {
    await web.close();
    await log.close();
  });
  const grow = async (sinks: readonly string[]) => {
    await log.append(1);
    await log.heads({ sinks }).take();
  };

  test('a file and a URL get every head, in order, once', async () => {
    for (let i = 0; i < 3; i++) await grow([file, web.url]);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(log.file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect([web.sizes, log.reported]).toEqual([[1, 2, 3], []]);
  });

  test('a sink named later gets what went before', async () => {
    await grow([]);
    await grow([]);
    await grow([file, web.url]);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(log.file, 'utf8'));
    expect(web.sizes).toEqual([1, 2, 3]);
  });

  test('a URL that fails is reported without its secret, others are not kept waiting, and it gets the missed heads later', async () => {
    await grow([web.url, file]);
    web.statuses = [500];
    await grow([web.url, file]);
    await grow([web.url, file]);
    const told = `The checkpoint sink ${web.url.split('?')[0]} did not take the tree heads and gets them later: it answered 500`;
    expect(log.reported).toEqual([told, told]);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(log.file, 'utf8'));
    web.statuses = [204];
    await log.heads({ sinks: [web.url, file] }).take();
    expect(web.sizes).toEqual([1, 2, 3]);
  });

  test('a URL that fails once is tried again at once', async () => {
    web.statuses = [503, 204];
    await grow([web.url]);
    expect([web.sizes, log.reported]).toEqual([[1], []]);
  });

  test('nobody listens: that is told', async () => {
    await web.close();
    await grow([web.url]);
    expect(log.reported).toEqual([expect.stringMatching(/gets them later: ECONNREFUSED$/)]);
    web = await receiver();
  });

  test('a file that cannot be written is reported, and gets the missed heads later', async () => {
    await grow([file]);
    rmSync(path.dirname(file), { recursive: true });
    writeFileSync(path.dirname(file), 'in the way');
    await grow([file]);
    expect(log.reported).toEqual([expect.stringMatching(/gets them later: (ENOTDIR|EEXIST)/)]);
    rmSync(path.dirname(file));
    await log.heads({ sinks: [file] }).take();
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(log.file, 'utf8'));
  });

  test('a file with the heads of another log is left as it is', async () => {
    const other = await logFixture();
    try {
      await other.append(1);
      await other.heads().take();
      mkdirSync(path.dirname(file));
      writeFileSync(file, readFileSync(other.file));
      await log.append(1);
      await grow([file]);
      expect(readFileSync(file)).toEqual(readFileSync(other.file));
      expect(log.reported).toEqual([expect.stringMatching(/heads of another log/)]);
    } finally {
      await other.close();
    }
  });

  test('where it is with each sink may be lost', async () => {
    await grow([file]);
    const progress = path.join(path.dirname(log.file), 'delivered.json');
    expect(existsSync(progress)).toBe(true);
    writeFileSync(progress, '{');
    chmodSync(progress, 0o600);
    await grow([file]);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(log.file, 'utf8'));
  });
});
