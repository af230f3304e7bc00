/** The commands as users type them: each a process of its own, over a database of the run's server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import type { Database } from '../../src/db/database';
import { CHILD_MILLISECONDS_MAX, ended, runLines, startCommand } from '../support/command';
import { compileIfStale, MAIN } from '../support/compiled';
import { testDatabase } from '../support/database';
import { SAMPLE_CITY, SAMPLE_DAY } from '../support/hub';

jest.setTimeout(CHILD_MILLISECONDS_MAX);

describe('heyan', () => {
  let directory: string;
  let database: Database;
  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (args: readonly string[], env?: Record<string, string>) =>
    startCommand({ directory, database }, args, env);
  const run = (args: readonly string[], env?: Record<string, string>) => ended(start(args, env));
  const isOneSentence = (text: string) => text.trim().split('\n').length === 1 && !/\bat .*:\d+:\d+|Error:/.test(text);

  const runAll = (lines: readonly string[]) => runLines({ directory, database }, lines);

  test('the program stays executable when it is built again: npx remembers it', () => {
    expect(statSync(MAIN).mode & 0o111).toBe(0o111);
  });

  test('wrong usage ends with 2 and the right usage', async () => {
    const lines: [string, RegExp][] = [
      ['fly', /unknown command 'fly'[\s\S]*Usage: heyan/],
      ['nightly --form x', /unknown option '--form'[\s\S]*Usage: heyan nightly/],
      ['nightly --as-of 2026-02-30', /write a day that exists, as YYYY-MM-DD\.[\s\S]*Usage: heyan nightly/],
      ['load', /missing required argument 'dir'[\s\S]*Usage: heyan load/],
      ['token --agency tax', /required option '--purpose <code>'[\s\S]*Usage: heyan token/],
      ['token --agency tax --purpose P --hours 0', /write a whole number from 1 to 720[\s\S]*Usage: heyan token/],
      ['findings --format xml', /Allowed choices are table, csv, json[\s\S]*Usage: heyan findings/],
      ['check --set graceDays=3', /add --dry-run, which keeps nothing/],
      ['check --dry-run --set graceDays', /Write name=number, such as graceDays=3\.[\s\S]*Usage: heyan check/],
      ['serve extra', /too many arguments[\s\S]*Usage: heyan serve/],
    ];
    const all = await runAll(lines.map(([line]) => line));
    for (const [i, { code, out, err }] of all.entries()) {
      expect([lines[i]?.[0], code, out]).toEqual([lines[i]?.[0], 2, '']);
      expect(err).toMatch(lines[i]?.[1] as RegExp);
    }
  });

  test('--help shows an example', async () => {
    const commands = ['start', 'nightly', 'findings', 'demo'];
    for (const [i, { code, out, err }] of (await runAll(commands.map((command) => `${command} --help`))).entries()) {
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(new RegExp(`Usage: heyan ${commands[i]}[\\s\\S]*Example:\\n {2}.*heyan ${commands[i]}`));
    }
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a port that is none', { PORT: 'http' }, /^PORT is http/],
    [
      'a database that is not there',
      { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/d' },
      /^The database at 127\.0\.0\.1:1\/d cannot be reached/,
    ],
    ['a key that is none', { HEYAN_PERSON_KEY: 'secret' }, /^HEYAN_PERSON_KEY is not a key/],
    ['settings that are not there', { HEYAN_CONFIG: 'gone.yaml' }, /^HEYAN_CONFIG names .*gone\.yaml/],
  ])('%s ends with 1 and one sentence', async (_, env, sentence) => {
    const { code, out, err } = await run(['check'], env);
    expect([code, out, isOneSentence(err)]).toEqual([1, '', true]);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/secret/);
  });

  test.each(['start', 'serve'])('heyan %s on a port that is taken ends with 1 and one sentence', async (command) => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const { code, out, err } = await run([command], { PORT: String(port) });
    taken.close();
    expect([code, out]).toEqual([1, '']);
    expect(err.trim().split('\n').at(-1)).toBe(
      `Port ${port} is taken: stop what listens there, or set PORT to another`,
    );
  });

  describe('over the sample city', () => {
    beforeAll(async () => {
      const { code, out, err } = await run([
        'nightly',
        '--from',
        path.join(SAMPLE_CITY, 'delivery'),
        '--as-of',
        SAMPLE_DAY,
      ]);
      if (code !== 0) throw new Error(err);
      expect(out).toMatch(/Delivery [\s\S]*claim_line[\s\S]*Followed [\s\S]*Findings as of 2026-06-30[\s\S]*D1 /);
    });

    test('check, again: only whom something happened to, and nobody has', async () => {
      const { code, out } = await run(['check', '--as-of', SAMPLE_DAY]);
      expect([code, out.split('\n')[0]]).toEqual([
        0,
        'Findings as of 2026-06-30; checked: 0 persons of whom something changed',
      ]);
    });

    test('check --dry-run says what would become of findings, and keeps nothing', async () => {
      const { code, out } = await run(
        `check --as-of ${SAMPLE_DAY} --rule D1 --set graceDays=400 --dry-run --json`.split(' '),
      );
      expect(code).toBe(0);
      const { comparedWith, rules } = JSON.parse(out);
      expect(comparedWith).toBe('STANDING');
      expect(rules).toMatchObject([{ rule: 'D1', parameters: { graceDays: 400 }, opened: 0 }]);
      expect(rules[0].lost).toBeGreaterThan(0);
      const known = await run(`check --known-at 2020-01-01 --rule D1 --dry-run`.split(' '));
      expect(known.out).toMatch(
        /^Tried out as of 2020-01-01, with what was known by the end of 2020-01-01\. Nothing was kept\.[\s\S]*D1 .*skipped: /,
      );
    });

    test('findings --format csv is the file of what is to be found, of the rules there are', async () => {
      const { code, out } = await run(['findings', '--format', 'csv']);
      const [head, ...lines] = out.trim().split('\n');
      expect([code, head]).toEqual([0, 'rule,subject_kind,subject,amount,tier,state,class,advice']);
      const rules = new Set(lines.map((line) => line.split(',')[0]));
      expect([...rules]).toEqual(expect.arrayContaining(['D1', 'D3', 'D8', 'E0', 'P1', 'T1']));
      const expected = readFileSync(path.join(SAMPLE_CITY, 'expected.csv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .filter((line) => rules.has(line.split(',')[0]));
      expect(lines.map((line) => line.split(',').slice(0, 5).join(','))).toEqual(
        expected.map((line) => line.split(',').slice(0, 5).join(',')).sort(),
      );
      expect(
        lines.every((line) =>
          /,OPEN,(CLAIM|ACCOUNT|ENROLLMENT|PENSION|INSTITUTION|DATA_QUALITY),(RECOVER|VERIFY)$/.test(line),
        ),
      ).toBe(true);
    });

    test.each<[string, (value: never) => void]>([
      [
        `load ${path.join(SAMPLE_CITY, 'delivery')} --kind death --json`,
        ({ kinds }: { kinds: { kind: string; rowsIn: number; unchanged: number; quarantined: number }[] }) =>
          expect(
            kinds.map(({ kind, rowsIn, unchanged, quarantined }) => [
              kind,
              rowsIn > 0,
              rowsIn - unchanged - quarantined,
            ]),
          ).toEqual([['death', true, 0]]),
      ],
      [
        'nightly --as-of 2026-06-30 --json',
        ({ delivery, follow }: { delivery: null; follow: { changes: Record<string, number> } }) =>
          expect([delivery, Object.values(follow.changes).filter(Boolean)]).toEqual([null, []]),
      ],
      [
        'check --as-of 2026-06-30 --rule D1 --json',
        ({ asOf, rules }: { asOf: string; rules: { rule: string; opened: number }[] }) =>
          expect([asOf, rules.map(({ rule, opened }) => [rule, opened])]).toEqual(['2026-06-30', [['D1', 0]]]),
      ],
      [
        'findings --rule D3 --json',
        (found: { rule: string }[]) => expect(found.length > 0 && found.every(({ rule }) => rule === 'D3')).toBe(true),
      ],
      [
        'token --agency medical-insurance-supervision --purpose FUND_SUPERVISION --officer 王五 --hours 1 --json',
        ({ token, headers }: { token: string; headers: Record<string, string> }) => {
          const { sub, act, exp = 0, iat = 0 } = decodeJwt(token);
          expect([sub, act, exp - iat, headers]).toEqual([
            'medical-insurance-supervision',
            { sub: '王五' },
            3_600,
            { authorization: `Bearer ${token}`, 'x-purpose': 'FUND_SUPERVISION' },
          ]);
        },
      ],
      ['compose --json', ({ supergraph }: { supergraph: string }) => expect(supergraph).toMatch(/type Query/)],
    ])('heyan %s is one JSON document', async (line, look) => {
      const { code, out, err } = await run(line.split(' '));
      // On a slow machine it says now and then how far it has come.
      expect([code, err.replace(/^\w+: [a-z]+, \d+ changes.*\n/gm, '')]).toEqual([0, '']);
      look(JSON.parse(out) as never);
    });

    test('another person key than the database was loaded under is one sentence, and nothing is done', async () => {
      const { code, out, err } = await run(['nightly', '--from', path.join(SAMPLE_CITY, 'delivery-2')], {
        HEYAN_PERSON_KEY: 'ab'.repeat(32),
      });
      expect([code, out, isOneSentence(err)]).toEqual([1, '', true]);
      expect(err).toMatch(/^This database was loaded under another hub key: give HEYAN_PERSON_KEY/);
    });

    test('no person key where the database has one: none is made up and none left behind', async () => {
      const data = path.join(directory, 'other');
      const { code, err } = await run(['load', path.join(SAMPLE_CITY, 'delivery-2')], {
        HEYAN_PERSON_KEY: '',
        HEYAN_DATA: data,
      });
      expect([code, isOneSentence(err)]).toEqual([1, true]);
      expect(readdirSync(path.join(data, 'keys'))).toEqual(['hub-ed25519.json']);
    });

    test.each([
      ['tax', 'ANY', /^tax has no agreement yet/],
      [
        'medical-insurance-supervision',
        'CURIOSITY',
        /has no agreement for CURIOSITY; it has them for CASE_INVESTIGATION, FUND_SUPERVISION\./,
      ],
    ])('a token for %s and %s is issued with a note', async (agency, purpose, note) => {
      const { code, out, err } = await run(['token', '--agency', agency, '--purpose', purpose]);
      expect([code, decodeJwt(out.trim()).sub]).toEqual([0, agency]);
      expect(err).toMatch(note);
    });

    test('a directory without exchange files, and one that is not there, end with 1 and one sentence', async () => {
      const empty = mkdtempSync(path.join(directory, 'empty-'));
      for (const { code, out, err } of await runAll([`load ${empty}`, `load ${path.join(directory, 'gone')}`])) {
        expect([code, out, isOneSentence(err.trim())]).toEqual([1, '', true]);
      }
    });

    test('serve answers until Ctrl-C, then ends', async () => {
      const child = start(['serve'], { PORT: '0', HEYAN_LOG: 'off' });
      const end = ended(child);
      const url = await new Promise<string>((resolve) =>
        child.stdout?.on(
          'data',
          (text: string) => /Graph +(\S+)/.test(text) && resolve(/Graph +(\S+)/.exec(text)?.[1] as string),
        ),
      );
      const { out: token } = await run([
        'token',
        '--agency',
        'medical-insurance-supervision',
        '--purpose',
        'CASE_INVESTIGATION',
      ]);
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token.trim()}`,
          'x-purpose': 'CASE_INVESTIGATION',
          'x-case': 'T-1',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query: '{ findings(first: 1) { edges { node { rule { code } } } } }' }),
      });
      expect([answer.status, await answer.json()]).toMatchObject([
        200,
        { data: { findings: { edges: [{ node: { rule: { code: 'C2' } } }] } } },
      ]);
      child.kill('SIGINT');
      const { code, err } = await end;
      expect([0, 130]).toContain(code);
      expect(err).toBe('Stopping.\n');
    });
  });

  test('demo writes a city, the same for the same seed', async () => {
    const write = (out: string) =>
      run(['demo', '--persons', '60', '--seed', '7', '--as-of', SAMPLE_DAY, '--out', out, '--json']);
    const [one, other] = await Promise.all([write('one'), write('other')]);
    expect([one.code, one.err, other.code]).toEqual([0, '', 0]);
    expect(Object.keys((JSON.parse(one.out) as { files: object }).files).length).toBe(8);
    for (const file of readdirSync(path.join(directory, 'one')))
      expect(readFileSync(path.join(directory, 'one', file))).toEqual(
        readFileSync(path.join(directory, 'other', file)),
      );
  });
});
