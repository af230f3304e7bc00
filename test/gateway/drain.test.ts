import { Agent, createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AT_ONCE, type Drain, watchConnections } from '../../src/gateway/drain';

/** A server that answers when it is told to. */
interface Slow {
  server: Server;
  port: number;
  drain: Drain;
  /** Answers what was asked, oldest first. */
  answer(): void;
  /** Resolves when so many requests wait for their answer. */
  asked(count: number): Promise<void>;
}

async function slowServer(): Promise<Slow> {
  const waiting: ServerResponse[] = [];
  let onRequest: () => void = () => undefined;
  const server = createServer((_request, response) => {
    waiting.push(response);
    onRequest();
  });
  const drain = watchConnections(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    drain,
    answer: () => void waiting.shift()?.end('answered'),
    asked: (count) =>
      new Promise((resolve) => {
        onRequest = () => waiting.length >= count && resolve();
        onRequest();
      }),
  };
}

/** The status, body and `connection` of an answer, or the code of what went wrong. */
function ask(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', agent, method: 'POST' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => resolve(`${response.statusCode} ${body} ${response.headers.connection}`));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    sent.end('{}');
  });
}

describe('ending a server', () => {
  let slow: Slow;
  let agent: Agent;
  beforeEach(async () => {
    slow = await slowServer();
    agent = new Agent({ keepAlive: true });
  });
  afterEach(() => {
    agent.destroy();
    slow.server.closeAllConnections();
    slow.server.close();
  });

  test('what is being answered is answered to its end, and its connection closed then', async () => {
    const answer = ask(slow.port, agent);
    await slow.asked(1);
    const drained = slow.drain.drain(AT_ONCE);
    expect(slow.drain.isStopping()).toBe(true);
    slow.answer();
    expect(await answer).toBe('200 answered close');
    await drained;
  });

  test('a request on a connection that is open already is answered too', async () => {
    const first = ask(slow.port, agent);
    await slow.asked(1);
    slow.answer();
    expect(await first).toBe('200 answered keep-alive');
    const drained = slow.drain.drain({ ...AT_ONCE, idleMilliseconds: 30_000 });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(slow.server.listening).toBe(false);
    const second = ask(slow.port, agent);
    await slow.asked(1);
    slow.answer();
    expect(await second).toBe('200 answered close');
    await drained;
  });

  test('a new connection is refused, which a balancer may answer by asking another', async () => {
    const held = ask(slow.port, agent);
    await slow.asked(1);
    const drained = slow.drain.drain(AT_ONCE);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(await ask(slow.port, new Agent())).toBe('ECONNREFUSED');
    slow.answer();
    await Promise.all([held, drained]);
  });

  test('while it lingers, new connections are taken', async () => {
    const drained = slow.drain.drain({ ...AT_ONCE, lingerMilliseconds: 300 });
    const late = ask(slow.port, new Agent());
    await slow.asked(1);
    slow.answer();
    expect(await late).toBe('200 answered close');
    await drained;
    expect(await ask(slow.port, new Agent())).toBe('ECONNREFUSED');
  });

  test.each([
    ['an answer that never comes', { ...AT_ONCE, answerMilliseconds: 100 }],
    ['an idle connection that nobody gives up', { ...AT_ONCE, idleMilliseconds: 100, answerMilliseconds: 200 }],
  ])('%s is waited for no longer than the limit', async (_, limits) => {
    const held = ask(slow.port, agent);
    await slow.asked(1);
    if (limits.idleMilliseconds > 0) slow.answer();
    await slow.drain.drain(limits);
    slow.server.closeAllConnections();
    await held;
  });
});
