/** `heyan follow` as a partner types it: on a machine that has no database and no data directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Listening, listen } from '../../src/gateway/listen';
import { agree, everything, PURPOSE } from '../support/callers';
import { CHILD_MILLISECONDS_MAX, type Ended, ended } from '../support/command';
import { compileIfStale, MAIN } from '../support/compiled';
import { type TestHub, testHub } from '../support/hub';
import { deliver, smallCity } from '../support/small-city';

jest.setTimeout(2 * CHILD_MILLISECONDS_MAX);

describe('heyan follow', () => {
  let hub: TestHub;
  let http: Listening;
  let directory: string;
  let token: string;
  beforeAll(async () => {
    compileIfStale();
    hub = await testHub();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-follow-'));
    const { death, poverty } = smallCity();
    await deliver(hub.database, { death: death ?? [], poverty: poverty ?? [] });
    await agree(hub, new Map([['partner', (kind) => [everything(kind)]]]));
    token = await hub.hub.issuer.issue('partner', 'night job');
    http = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (args: readonly string[], env: Record<string, string> = { HEYAN_TOKEN: token }): ChildProcess =>
    spawn(process.execPath, [MAIN, 'follow', ...args], {
      cwd: directory,
      timeout: CHILD_MILLISECONDS_MAX,
      env: {
        PATH: process.env.PATH,
        HEYAN_DATA: path.join(directory, 'data'),
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        ...env,
      },
    });
  const run = (line: string, env?: Record<string, string>): Promise<Ended> =>
    ended(start(line.split(' ').filter(Boolean), env));
  const at = (more: string) => `--url ${http.url} --purpose ${PURPOSE} ${more}`;

  test('wrong usage ends with 2 and the right usage, and no token is repeated', async () => {
    const lines: [string, Record<string, string>, RegExp][] = [
      [at('--out x'), { HEYAN_TOKEN: token }, /missing required argument 'kind'/],
      [`death ${at('--out x')}`, {}, /required option '--token <token>' not specified/],
      [`death ${at('--out x --token hidden-thing')}`, {}, /what --token or HEYAN_TOKEN gives is no access token/],
      [
        `death --url ftp://h --purpose P --out x`,
        { HEYAN_TOKEN: token },
        /write an address such as https:\/\/hub\.example/,
      ],
      [`death --url http://h --purpose p --out x`, { HEYAN_TOKEN: token }, /write the code of the agreement/],
      [`death ${at('--out x --fields a,,b')}`, { HEYAN_TOKEN: token }, /write names with commas between/],
      [`death ${at('--out x --watch 0')}`, { HEYAN_TOKEN: token }, /write a whole number from 1 to 86400/],
    ];
    const all = await Promise.all(lines.map(([line, env]) => run(line, env)));
    for (const [i, [line, _env, expected]] of lines.entries()) {
      const { code, out, err } = all[i] as Ended;
      expect([line, code, out]).toEqual([line, 2, '']);
      expect(err).toMatch(expected);
      expect(err).toMatch(/Usage: heyan follow/);
      expect(err).not.toMatch(/hidden-thing/);
      expect(err).not.toContain(token);
    }
  });

  test('--help shows an example', async () => {
    const { code, out } = await run('--help');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/Usage: heyan follow \[options\] <kind>[\s\S]*Example:\n {2}HEYAN_TOKEN=\S+ heyan follow/),
    ]);
    expect(out).not.toContain(token);
  });

  test('follows, says what it did, and does so again for what is new', async () => {
    const line = `death ${at('--out deaths')}`;
    const first = await run(line);
    expect([first.code, first.err, first.out]).toEqual([
      0,
      '',
      expect.stringMatching(
        /^kind +changes +deleted +deliveries +from +to +state\ndeath +1 +0 +1 +0 +1 +COMPLETE\n\ndirectory {2}deaths\ncolumns {4}source, id_number, .*\nfresh to {3}20\S+\nreceipts {3}1, the last [0-9a-f]{64}\n$/,
      ),
    ]);
    expect(readdirSync(path.join(directory, 'deaths')).sort()).toEqual(['000000000000000001', 'follow.json']);
    const again = await run(`${line} --json --fields source,death_date`);
    expect([again.code, JSON.parse(again.out)]).toEqual([
      0,
      expect.objectContaining({ state: 'COMPLETE', changes: 0, from: '1', cursor: '1' }),
    ]);
    // Neither a data directory nor a database was needed.
    expect(existsSync(path.join(directory, 'data'))).toBe(false);
  });

  test.each<[string, string, RegExp]>([
    ['clam', '', /^"clam" is no kind of record: the kinds are /],
    ['death', '--fields dat', /^"dat" is no field of death: they are source, id_number, /],
    [
      'death',
      `--purpose OTHER`,
      /^kind .*\n.* REFUSED\n[\s\S]*The hub does not share enough of death for files: ask civil-affairs to share sourceId and updatedAt \(FEED\) for purpose OTHER\.$/,
    ],
  ])('%s %s ends with 1 and a reason', async (kind, more, reason) => {
    const { code, out, err } = await run(`${kind} ${at(`--out ${kind}-${more.length}`)} ${more}`);
    expect([code, `${out}${err}`.trim()]).toEqual([1, expect.stringMatching(reason)]);
  });

  test('watches until Ctrl-C: each round that brings something is a line', async () => {
    const child = start(`poverty ${at('--out watched --watch 1 --json')}`.split(' '));
    const rounds: Record<string, unknown>[] = [];
    let heard: () => void = () => undefined;
    const end = ended(child);
    child.stdout?.on('data', (text: string) => {
      rounds.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
      heard();
    });
    const another = () => new Promise<void>((resolve) => (heard = resolve));
    await another();
    const [row] = smallCity().poverty as [Record<string, string>];
    const second = another();
    await deliver(hub.database, { poverty: [{ ...row, source_id: 'PK9' }] });
    await second;
    child.kill('SIGINT');
    const { code, err } = await end;
    expect([code, err, rounds.map(({ state, changes, cursor }) => [state, changes, cursor])]).toEqual([
      130,
      '',
      [
        ['COMPLETE', 1, '1'],
        ['COMPLETE', 1, '2'],
      ],
    ]);
    expect(readdirSync(path.join(directory, 'watched')).sort()).toEqual([
      '000000000000000001',
      '000000000000000002',
      'follow.json',
    ]);
  });
});
