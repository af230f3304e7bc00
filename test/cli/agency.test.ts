/** A partner gets in, as its administrator and its developer do it: by commands and over HTTP. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import type { Database } from '../../src/db/database';
import { CHILD_MILLISECONDS_MAX, ended, runLines, startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { compact, testKey } from '../support/tokens';

/** A test runs some ten processes, one after another. */
jest.setTimeout(4 * CHILD_MILLISECONDS_MAX);

describe('heyan agency', () => {
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
  const run = (...args: string[]) => ended(start(args));
  const runAll = (lines: readonly string[]) => runLines({ directory, database }, lines);
  /** The JSON that a command prints, which must end well. */
  async function json(...args: string[]) {
    const { code, out, err } = await run(...args, '--json');
    expect([args, code, code === 0 ? '' : err]).toEqual([args, 0, '']);
    return JSON.parse(out);
  }

  test('wrong usage ends with 2, and help shows an example', async () => {
    const lines: [string, number, RegExp][] = [
      ['agency fly', 2, /unknown command 'fly'[\s\S]*Usage: heyan agency/],
      ['agency add housing-fund --name-en H', 2, /required option '--name-zh <name>'[\s\S]*Usage: heyan agency add/],
      ['token revoke', 2, /give a token or its jti, or --agency <code> --all[\s\S]*Usage: heyan token revoke/],
      ['token revoke x --all', 2, /not both[\s\S]*Usage: heyan token revoke/],
      ['agency --help', 0, /Example:\n {2}heyan agency add/],
      ['token revoke --help', 0, /Example:\n {2}heyan token revoke/],
    ];
    for (const [i, { code, out, err }] of (await runAll(lines.map(([line]) => line))).entries()) {
      const [line, expected, words] = lines[i] as (typeof lines)[number];
      expect([line, code]).toEqual([line, expected]);
      expect(expected === 0 ? out : err).toMatch(words);
    }
  });

  test('a partner gets in: registered, given a client, served a token; and is kept out again', async () => {
    const add = await run('agency', 'add', 'housing-fund', '--name-en', 'Housing fund', '--name-zh', '公积金中心');
    expect([add.code, add.out]).toEqual([0, 'Registered housing-fund.\n']);
    const made = await run('agency', 'client', 'housing-fund');
    expect(made.code).toBe(0);
    const [, id, secret] = /^Client {2}(\S+)\nSecret {2}(\S{43})\n/.exec(made.out) as unknown as [
      string,
      string,
      string,
    ];
    expect(made.out).toContain(
      `curl -u '${id}:${secret}' -d grant_type=client_credentials http://127.0.0.1:4000/oauth/token`,
    );
    expect(made.err).toMatch(/The secret is not kept and cannot be shown again\.\n$/);

    const key = testKey('ES256', 'k');
    writeFileSync(path.join(directory, 'jwks.json'), JSON.stringify({ keys: [key.jwk] }));
    const byKey = await json('agency', 'client', 'housing-fund', '--name', 'nightly', '--jwks', 'jwks.json');
    expect(byKey).toMatchObject({ clientId: 'housing-fund/nightly', clientSecret: null });

    const child = start(['serve'], { PORT: '0' });
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const closed = new Promise((resolve) => child.on('close', resolve));
    try {
      const url = await new Promise<string>((resolve) =>
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          const found = /Graph +(\S+)\/graphql/.exec(text)?.[1];
          if (found) resolve(found);
        }),
      );
      // A kept connection may close at the moment of its next use: then, as RFC 9112, 9.3.1 has it, the request is sent once more.
      const send = (address: string, init: RequestInit) => fetch(address, init).catch(() => fetch(address, init));
      const post = (form: Record<string, string>) =>
        send(`${url}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
        });
      const bySecret = () => post({ client_id: id, client_secret: secret, officer: '王五' });
      const opens = async (token: string) => {
        const headers = { authorization: `Bearer ${token}`, 'x-purpose': 'P', 'content-type': 'application/json' };
        const answer = await send(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
        return answer.status;
      };
      const tokenOf = async (response: Response): Promise<string> =>
        ((await response.json()) as { access_token: string }).access_token;
      /** What a revocation changes it changes within a second, so a second is given to it and no more. */
      const closesWithinASecond = async (token: string) => {
        const end = performance.now() + 1_000;
        let status = await opens(token);
        while (status === 200 && performance.now() < end) status = await opens(token);
        return status;
      };
      const one = await tokenOf(await bySecret());
      const two = await tokenOf(await bySecret());
      const seconds = Math.floor(Date.now() / 1_000);
      const claims = { iss: byKey.clientId, sub: byKey.clientId, aud: 'heyan', exp: seconds + 60, jti: randomUUID() };
      const three = await tokenOf(
        await post({
          client_assertion: compact({ alg: 'ES256' }, claims, key.signs),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        }),
      );
      expect(decodeJwt(one)).toMatchObject({ sub: 'housing-fund', act: { sub: '王五' } });
      expect([await opens(one), await opens(two), await opens(three)]).toEqual([200, 200, 200]);

      expect(await json('token', 'revoke', one)).toEqual({ revoked: decodeJwt(one).jti });
      expect([await closesWithinASecond(one), await opens(two)]).toEqual([401, 200]);
      expect(await json('agency', 'disable-client', 'housing-fund/nightly')).toMatchObject({ disabled: true });
      expect([await closesWithinASecond(three), await opens(two)]).toEqual([401, 200]);
      expect(await json('token', 'revoke', '--agency', 'housing-fund', '--all')).toMatchObject({
        revoked: 'housing-fund',
      });
      expect(await closesWithinASecond(two)).toBe(401);
      const five = await tokenOf(await bySecret());
      expect(await opens(five)).toBe(200);
      expect(await json('agency', 'suspend', 'housing-fund')).toEqual({ code: 'housing-fund', suspended: true });
      expect([await closesWithinASecond(five), (await bySecret()).status]).toEqual([401, 401]);

      const listed = (await json('agency', 'list')).find(({ code }: { code: string }) => code === 'housing-fund');
      expect(listed).toMatchObject({
        nameEn: 'Housing fund',
        nameZh: '公积金中心',
        suspendedAt: expect.stringMatching(/^20/),
        issuer: null,
        clients: [
          { id: 'housing-fund', proof: 'secret', disabledAt: null },
          { id: 'housing-fund/nightly', proof: 'key', disabledAt: expect.any(String) },
        ],
      });
      expect(JSON.stringify(listed)).not.toContain(secret);
    } finally {
      child.kill('SIGINT');
      await closed;
    }
    // Beside the lines of its log.
    expect(err.replace(/^\{.*\n/gm, '')).toBe('Stopping.\n');
  });

  test('what cannot be done ends with 1 and one sentence', async () => {
    writeFileSync(
      path.join(directory, 'private.json'),
      JSON.stringify(testKey('ES256', 'k').privateKey.export({ format: 'jwk' })),
    );
    const lines: [string, RegExp][] = [
      ['agency add Tax --name-en T --name-zh T', /^"Tax" is no code of an agency: up to 63 lower-case letters/],
      ['agency client tax --jwks private.json', /^private\.json cannot be used: it holds a private or secret key/],
      ['token revoke --agency ghost --all', /^"ghost" is not a registered agency/],
      ['token revoke a.b.c', /^This is no token with an id/],
    ];
    for (const [i, { code, out, err }] of (await runAll(lines.map(([line]) => line))).entries()) {
      const [line, sentence] = lines[i] as (typeof lines)[number];
      expect([line, code, out]).toEqual([line, 1, '']);
      expect(err.trim().split('\n').length).toBe(1);
      expect(err).toMatch(sentence);
    }
  });

  test('a token for an agency that is nobody, or that another issuer speaks for, is issued with a note', async () => {
    const ghost = await run('token', '--agency', 'ghost', '--purpose', 'P');
    expect([ghost.code, decodeJwt(ghost.out.trim()).sub]).toEqual([0, 'ghost']);
    expect(ghost.err).toMatch(/^ghost is not registered: its tokens are refused until "heyan agency add ghost"/);
    writeFileSync(path.join(directory, 'keys.json'), '{"keys":[]}');
    writeFileSync(
      path.join(directory, 'heyan.yaml'),
      'issuers: [{ issuer: "https://id.tax", jwks: keys.json, audience: hub, agencies: [tax] }]\n',
    );
    try {
      const tax = await run('token', '--agency', 'tax', '--purpose', 'P');
      expect(tax.err).toMatch(/^Tokens of tax come from https:\/\/id\.tax: this one will be refused\.\n/);
      expect((await run('agency', 'list')).out).toMatch(/tax +Tax bureau 税务局 +active +https:\/\/id\.tax/);
    } finally {
      rmSync(path.join(directory, 'heyan.yaml'));
    }
  });
});
