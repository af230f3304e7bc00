/** A proof, and the stand-alone verifier that checks it without the database. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Head } from '../../src/audit/head';
import { type Proof, prove } from '../../src/audit/prove';
import { makeKey } from '../../src/audit/signing';
import { checkLog, checkProof } from '../../src/audit/verifier';
import { tamper } from '../support/audit';
import { compileIfStale } from '../support/compiled';
import { type LogFixture, logFixture } from './log-fixture';

const COUNT = 23;

describe.each([
  ['sha256', 'ed25519'],
  ['sm3', 'sm2'],
] as const)('%s and %s', (hash, signature) => {
  let log: LogFixture;
  let other: LogFixture;
  let receipts: string[];
  let head: Head;
  let proofs: Proof[];
  beforeAll(async () => {
    [log, other] = await Promise.all([logFixture({ hash, signature }), logFixture({ hash, signature })]);
    receipts = [
      ...(await log.append(10)),
      ...((await log.heads().take()) ? await log.append(COUNT - 10, () => ({ officer: '王\u2028\n' })) : []),
    ];
    head = (await log.heads().take()) as Head;
    await other.append(COUNT);
    await other.heads().take();
    proofs = [];
    for (const receipt of receipts) proofs.push(await prove(log.database.pool, log.log, head, receipt));
  });
  afterAll(() => Promise.all([log.close(), other.close()]));

  const written = (text: string) => {
    const file = path.join(log.directory, 'proof.json');
    writeFileSync(file, text);
    return file;
  };
  const check = (proof: object, heads = log.file, key?: string) =>
    checkProof(written(JSON.stringify(proof)), heads, key);
  const flipped = (text: string) => `${text.slice(0, 8)}${text[8] === '0' ? '1' : '0'}${text.slice(9)}`;

  test('every record is proved, and checked without the database', async () => {
    for (const [index, proof] of proofs.entries()) {
      expect(proof).toMatchObject({ receipt: receipts[index], index, size: COUNT, head });
      await expect(check(proof, log.file, log.signer.publicKey)).resolves.toContain(
        `Record ${index + 1} is in the log`,
      );
    }
  });

  test('one flipped byte anywhere in a proof is refused', async () => {
    const text = JSON.stringify(proofs[12]);
    const passed: string[] = [];
    for (let at = 0; at < text.length; at += signature === 'sm2' ? 37 : 5) {
      const harmed = `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
      await checkProof(written(harmed), log.file).then(
        () => passed.push(`${at}: ${harmed.slice(at - 20, at + 20)}`),
        () => undefined,
      );
    }
    expect(passed).toEqual([]);
  });

  test.each<[string, (proof: Proof) => object, RegExp]>([
    ['another text', (proof) => ({ ...proof, leaf: proof.leaf.replace('"tax"', '"tux"') }), /text does not have the hash that is the receipt/],
    ['another receipt', (proof) => ({ ...proof, receipt: receipts[0] }), /text does not have the hash that is the receipt/],
    ['another place', (proof) => ({ ...proof, index: proof.index + 1 }), /path does not lead from record 14 to the root/],
    ['another size', (proof) => ({ ...proof, size: COUNT - 1 }), /proof is over 22 records, its tree head over 23/],
    ['another path', (proof) => ({ ...proof, path: [flipped(proof.path[0] as string), ...proof.path.slice(1)] }), /path does not lead/],
    ['a path cut short', (proof) => ({ ...proof, path: proof.path.slice(1) }), /path does not lead/],
    ['another root', (proof) => ({ ...proof, head: { ...proof.head, root: flipped(proof.head.root) } }), /signature of the proof's tree head is not of its text/],
    ['another time', (proof) => ({ ...proof, head: { ...proof.head, at: '2026-06-30T02:00:01.000Z' } }), /signature of the proof's tree head/],
    ['no head', ({ head: _, ...proof }) => proof, /is no proof: it lacks/],
    ['nothing', () => [], /is no proof/],
  ])('%s is refused, and told', async (_, harm, what) => {
    await expect(check(harm(proofs[12] as Proof))).rejects.toThrow(what);
  }); // biome-ignore format: a table

  test("another log's heads, or another key, are refused and told", async () => {
    await expect(check(proofs[0] as Proof, other.file)).rejects.toThrow(/proof is of log .* of another/);
    await expect(check(proofs[0] as Proof, log.file, makeKey(signature).publicKey)).rejects.toThrow(
      /signed under another key/,
    );
    const short = path.join(log.directory, 'short.jsonl');
    writeFileSync(short, `${readFileSync(log.file, 'utf8').split('\n')[0]}\n`);
    await expect(check(proofs[0] as Proof, short)).rejects.toThrow(/is not among those in/);
    writeFileSync(short, '');
    await expect(check(proofs[0] as Proof, short)).rejects.toThrow(/holds no tree head/);
    await expect(checkLog(log.file, short)).rejects.toThrow(/holds no tree head/);
  });

  test('what cannot be proved is told', async () => {
    const proving = (receipt: string) => prove(log.database.pool, log.log, head, receipt);
    await expect(proving('short')).rejects.toThrow(/64 hex digits/);
    await expect(proving('0'.repeat(64))).rejects.toThrow(/holds no record of receipt 0{64}/);
    const [later] = await log.append(1);
    await expect(proving(later as string)).rejects.toThrow(/covers 23 records; this is 24: run heyan audit head/);
  });

  test('a log that was changed proves nothing', async () => {
    await tamper(other.database.pool, [`update audit.record set leaf_hash = sha256('x') where seq = 3`]);
    const { rows } = await other.database.pool.query<{ receipt: string }>(
      `select encode(leaf_hash, 'hex') as receipt from audit.record where seq = 4`,
    );
    const last = JSON.parse(readFileSync(other.file, 'utf8').trimEnd()) as Head;
    await expect(prove(other.database.pool, other.log, last, rows[0]?.receipt as string)).rejects.toThrow(
      /does not lead to the root/,
    );
  });
});

describe('as a program of its own', () => {
  let log: LogFixture;
  let proof: string;
  beforeAll(async () => {
    compileIfStale();
    log = await logFixture({ signature: 'sm2' });
    const [receipt] = await log.append(3);
    proof = path.join(log.directory, 'proof.json');
    writeFileSync(
      proof,
      JSON.stringify(await prove(log.database.pool, log.log, (await log.heads().take()) as Head, receipt as string)),
    );
  });
  afterAll(() => log.close());
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(__dirname, '../../dist/src/audit/verifier.js'), ...args],
      { encoding: 'utf8' },
    );
    return [status, stdout + stderr];
  };

  test('0 when all agrees, 1 when not, 2 for wrong usage, each with a sentence', () => {
    expect(run(proof, log.file, '--key', log.signer.publicKey)).toEqual([
      0,
      expect.stringMatching(/^Record 1 is in the log .*\n$/),
    ]);
    expect(run(proof, log.file, '--key', makeKey('sm2').publicKey)).toEqual([
      1,
      expect.stringMatching(/signed under another key .*\n$/),
    ]);
    expect(run(proof, '/nowhere/heads.jsonl')).toEqual([1, '/nowhere/heads.jsonl cannot be read (ENOENT)\n']);
    expect(run('--log', proof, log.file)).toEqual([1, expect.stringMatching(/^The log ends at record 0|^Record 1 /)]);
    for (const wrong of [[], [proof], ['--help'], [proof, log.file, '--key', 'x'], [proof, log.file, 'more']])
      expect(run(...wrong)).toEqual([2, expect.stringMatching(/^Usage: verifier/)]);
  });

  test('it is under 300 lines and imports nothing of ours', () => {
    const text = readFileSync(path.join(__dirname, '../../src/audit/verifier.ts'), 'utf8');
    expect(text.split('\n').length).toBeLessThan(300);
    expect(
      [...text.matchAll(/(?:from|require\(|import\() ?'([^']+)'/g)]
        .map((found) => found[1])
        .filter((name) => !name?.startsWith('node:')),
    ).toEqual(['sm-crypto-v2', 'sm-crypto-v2']);
  });
});
