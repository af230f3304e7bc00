/** The commands of the audit log as users type them: each a process of its own. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAuditLog } from '../../src/audit/append';
import { openLog } from '../../src/audit/log';
import type { Database } from '../../src/db/database';
import { auditRecord } from '../audit/log-fixture';
import { tamper } from '../support/audit';
import { CHILD_MILLISECONDS_MAX, ended, startNode } from '../support/command';
import { compileIfStale, MAIN } from '../support/compiled';
import { testDatabase } from '../support/database';

jest.setTimeout(2 * CHILD_MILLISECONDS_MAX);

const VERIFIER = path.join(path.dirname(MAIN), 'audit/verifier.js');

describe('heyan audit', () => {
  let directory: string;
  let database: Database;
  let receipts: string[];
  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
    writeFileSync(
      path.join(directory, 'heyan.yaml'),
      `audit: { hash: sm3, signature: sm2, checkpoints: [provider/heads.jsonl] }\n`,
    );
    const audit = openAuditLog(database.pool, await openLog(database.pool, 'sm3'));
    receipts = await Promise.all([
      ...Array.from({ length: 3 }, (_, i) =>
        audit.append(
          auditRecord({
            at: `2026-06-2${i}T15:59:59.999Z`,
            purpose: 'REVIEW',
            footprint: ['death.deathDate:LOOKUP', 'death.*:LOOKUP', 'claim.status:LIST'],
          }),
        ),
      ),
      audit.append(
        auditRecord({
          at: '2026-06-22T16:00:00.000Z',
          purpose: 'OTHER',
          decision: 'REFUSED',
          refusals: ['death.name:LOOKUP:FIELD'],
          footprint: ['death.name:LOOKUP'],
          officer: '\u0000\ud800',
        }),
      ),
    ]);
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const node = (...args: string[]) => ended(startNode({ directory, database }, args));
  const run = (...args: string[]) => node(MAIN, 'audit', ...args);
  const heads = () => path.join(directory, 'provider/heads.jsonl');

  test('before there is a head, the log is vouched for by nobody, and that is no success', async () => {
    const { code, out, err } = await run('verify');
    expect([code, out, err]).toEqual([
      1,
      '4 records and 0 tree heads agree; no tree head covers the newest 4 yet\n',
      expect.stringMatching(/No tree head was found .*begin with heyan audit head/),
    ]);
    // To look is not to vouch.
    expect(existsSync(heads())).toBe(false);
  });

  test('head, prove, export, and the stand-alone verifier agree', async () => {
    const head = await run('head', '--json');
    expect([head.code, JSON.parse(head.out)]).toEqual([
      0,
      expect.objectContaining({ size: 4, hash: 'sm3', algorithm: 'sm2' }),
    ]);
    const { publicKey } = JSON.parse(head.out) as { publicKey: string };
    const [proof, exported] = await Promise.all([
      run('prove', receipts[1] as string),
      run('export', '--out', 'log.jsonl', '--json'),
    ]);
    expect([proof.code, exported.code, JSON.parse(exported.out).records]).toEqual([0, 0, 4]);
    expect(statSync(path.join(directory, 'log.jsonl')).mode & 0o777).toBe(0o600);
    writeFileSync(path.join(directory, 'proof.json'), proof.out);
    const checked = await Promise.all([
      node(VERIFIER, 'proof.json', heads(), '--key', publicKey),
      node(VERIFIER, '--log', 'log.jsonl', heads(), '--key', publicKey),
    ]);
    expect(checked.map(({ code, out }) => [code, out])).toEqual([
      [0, expect.stringMatching(/^Record 2 is in the log/)],
      [0, expect.stringMatching(/^All 4 records agree/)],
    ]);
  });

  test('report: who used which field, and what was refused, by days of Shanghai', async () => {
    const { code, out } = await run('report', '--provider', 'civil-affairs', '--json');
    expect(code).toBe(0);
    const used = {
      agency: 'tax',
      purpose: 'REVIEW',
      kind: 'death',
      verb: 'LOOKUP',
      refused: null,
      operations: 3,
      last: '2026-06-22T15:59:59.999Z',
    };
    expect(JSON.parse(out)).toEqual({
      kinds: ['death'],
      isComplete: true,
      lines: [
        {
          agency: 'tax',
          purpose: 'OTHER',
          kind: 'death',
          field: 'name',
          verb: 'LOOKUP',
          refused: 'FIELD',
          operations: 1,
          last: '2026-06-22T16:00:00.000Z',
        },
        { ...used, field: '*' },
        { ...used, field: 'deathDate' },
      ],
    });
    const narrow = await run('report', '--provider', 'medical-insurance', '--from', '2026-06-21', '--to', '2026-06-22');
    expect(narrow.out).toMatch(
      /^agency +purpose +kind +field +verb .*\ntax +REVIEW +claim +status +LIST +2 +2026-06-22T15:59:59\.999Z\n$/,
    );
  });

  test('what is wrong with the words is told in one sentence', async () => {
    const all = await Promise.all([run('prove', 'short'), run('verify', '--key', 'x'), run('export')]);
    expect(all.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect((await run('verify', '--heads', 'nowhere.jsonl')).err).toMatch(
      /nowhere\.jsonl does not exist: name a checkpoint file\n$/,
    );
    expect((await run('report', '--provider', 'nobody')).err).toMatch(
      /^nobody gives no kind of record: name one of .*tax/,
    );
    expect(await run('export', '--out', 'log.jsonl')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/cannot be made \(EEXIST\)/),
    });
  });

  test('another hash than the log was begun with is refused', async () => {
    const file = path.join(directory, 'heyan.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('sm3', 'sha256'));
    expect(await run('head')).toMatchObject({
      code: 1,
      out: '',
      err: 'The audit log was begun with sm3 and cannot go on with sha256: set audit.hash to sm3\n',
    });
    writeFileSync(file, before);
  });

  test('a record changed in the database is named, by the checkpoints outside too', async () => {
    await tamper(database.pool, [`update audit.record set leaf = replace(leaf, 'REVIEW', 'REVIEV') where seq = 3`]);
    const { code, out } = await run('verify', '--heads', heads(), '--json');
    expect([code, JSON.parse(out)]).toEqual([
      1,
      expect.objectContaining({
        isGood: false,
        badRecord: { seq: 3, receipt: receipts[2] },
        what: 'Record 3 was changed: its text does not have the hash that is its receipt',
      }),
    ]);
  });
});
