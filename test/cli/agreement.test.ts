/** Agreements as a bureau's administrator makes them: a file, two officers, and a partner that is answered then. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { CHILD_MILLISECONDS_MAX, ended, startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

jest.setTimeout(CHILD_MILLISECONDS_MAX);

const ID = 'civil-affairs/tax/estates';
const YEAR = new Date().getUTCFullYear();
const FILE = `id: ${ID}
provider: civil-affairs
agency: tax
purposes: [ESTATE_DUTY]
validFrom: ${YEAR - 1}-01-01
validTo: ${YEAR + 1}-12-31
clauses:
  - recordKind: death
    fields: [sourceId, deathDate]
    verbs: [LOOKUP]
`;

describe('heyan agreement', () => {
  let directory: string;
  let database: Database;
  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
    await deliver(database, { death: smallCity().death ?? [] });
    writeFileSync(path.join(directory, 'estates.yaml'), FILE);
    writeFileSync(
      path.join(directory, 'wrong.yaml'),
      FILE.replace('deathDate', 'sin').replace('[LOOKUP]', '[READ]').replace('agency: tax', 'agency: ghost'),
    );
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (args: readonly string[], env?: Record<string, string>) =>
    startCommand({ directory, database }, args, env);
  const run = (...args: string[]) => ended(start(args));

  /** What a refused command says, without what the first command says of founding. */
  const said = (err: string) => err.replace(/^Founded .*\n/, '').trim();

  test('a file of mistakes: each with its line, and nothing is written', async () => {
    const { code, out, err } = await run('agreement', 'import', 'wrong.yaml', '--propose', '--officer', '甲');
    expect([code, out]).toEqual([1, '']);
    expect(said(err).split('\n')).toEqual([
      'wrong.yaml:3: agency ghost is not registered: add it first (heyan agency add)',
      'wrong.yaml:10: clause 1: READ is no verb: write VERIFY, LOOKUP, LIST, FEED, AGGREGATE, REVIEW',
      'wrong.yaml:9: clause 1, field sin: death has no such field',
    ]);
    expect((await database.pool.query('select 1 from sharing.agreement where id = $1', [ID])).rows).toEqual([]);
  });

  test('imported as a draft, then proposed', async () => {
    const drafted = await run('agreement', 'import', 'estates.yaml', '--officer', '甲');
    expect(drafted).toEqual({ code: 0, out: `${ID}: DRAFT\n`, err: '' });
    const proposed = await run('agreement', 'import', 'estates.yaml', '--propose', '--officer', '甲');
    expect(proposed).toEqual({ code: 0, out: `${ID}: PROPOSED\n`, err: '' });
  });

  test.each([
    [
      'approve',
      ID,
      '甲',
      `Agreement ${ID} was proposed by the same officer: another officer of civil-affairs must approve it`,
    ],
    ['propose', ID, '乙', `Agreement ${ID} is PROPOSED: only what is DRAFT can be proposed`],
    ['approve', 'none', '乙', 'There is no agreement none: "heyan agreement list" shows them'],
  ])('%s %s by %s is refused in one sentence', async (step, id, officer, sentence) => {
    const { code, out, err } = await run('agreement', step, id, '--officer', officer);
    expect([code, out, err]).toEqual([1, '', `${sentence}\n`]);
  });

  test('approved by another, listed, and shown as what was imported', async () => {
    const approved = await run('agreement', 'approve', ID, '--officer', '乙');
    expect(approved).toEqual({ code: 0, out: `${ID}: APPROVED\n`, err: '' });
    const [list, shown] = await Promise.all([
      run('agreement', 'list', '--agency', 'tax', '--state', 'APPROVED', '--json'),
      run('agreement', 'show', ID),
    ]);
    expect(JSON.parse(list.out)).toMatchObject([
      { id: ID, provider: 'civil-affairs', proposedBy: '甲', approvedBy: '乙', approval: { algorithm: 'ed25519' } },
    ]);
    writeFileSync(path.join(directory, 'shown.yaml'), shown.out);
    const again = await run('agreement', 'import', 'shown.yaml', '--propose', '--officer', '丙');
    expect(again).toEqual({ code: 0, out: `${ID}: APPROVED\n`, err: '' });
  });

  test('the partner is answered, until it is revoked; each step is on record with its officer', async () => {
    const { out: token } = await run('token', '--agency', 'tax', '--purpose', 'ESTATE_DUTY');
    const child = start(['serve'], { PORT: '0' });
    const closed = new Promise((resolve) => child.on('close', resolve));
    const url = await new Promise<string>((resolve) =>
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const found = /Graph +(\S+)/.exec(text)?.[1];
        if (found) resolve(found);
      }),
    );
    const ask = async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token.trim()}`,
          'x-purpose': 'ESTATE_DUTY',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query: `{ person(id: "${keyOf(JIA.number)}") { deaths { sourceId deathDate } } }` }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
      return (await response.json()) as any;
    };
    try {
      expect((await ask()).data).toEqual({ person: { deaths: [{ sourceId: 'SW1', deathDate: '2026-03-10' }] } });
      const revoked = await run('agreement', 'revoke', ID, '--officer', '丙', '--reason', 'done');
      expect(revoked).toEqual({ code: 0, out: `${ID}: REVOKED\n`, err: '' });
      expect((await ask()).errors[0].extensions.reason).toBe('REVOKED');
    } finally {
      child.kill('SIGINT');
      await closed;
    }
    const { rows } = await database.pool.query<{ step: string }>(
      `select distinct leaf::jsonb->>'officer' || ' ' || (leaf::jsonb->'operation'->>'name') as step
       from audit.record where leaf::jsonb->>'agency' = 'civil-affairs'`,
    );
    expect(rows.map(({ step }) => step).sort()).toEqual(
      [
        '甲 DraftAgreement', '甲 ProposeAgreement', '甲 ApproveAgreement', '乙 ProposeAgreement', '乙 ApproveAgreement',
        '丙 DraftAgreement', '丙 RevokeAgreement',
      ].sort(), // biome-ignore format: a list
    );
  });

  test('wrong usage ends with 2 and the right usage; help shows an example', async () => {
    for (const [args, expected] of [
      [
        ['agreement', 'import', 'estates.yaml'],
        /required option '--officer <name>'[\s\S]*Usage: heyan agreement import/,
      ],
      [
        ['agreement', 'revoke', ID, '--officer', '甲'],
        /required option '--reason <text>'[\s\S]*Usage: heyan agreement revoke/,
      ],
      [['agreement', 'list', '--state', 'OLD'], /Allowed choices are DRAFT[\s\S]*Usage: heyan agreement list/],
    ] as const) {
      const { code, out, err } = await run(...args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toMatch(expected);
    }
    const { code, out } = await run('agreement', 'revoke', '--help');
    expect([code, /Example:\n {2}heyan agreement revoke .* --reason/.test(out)]).toEqual([0, true]);
  });
});
