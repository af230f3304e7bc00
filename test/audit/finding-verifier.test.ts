/** Exported findings, and the stand-alone verifier that checks them without the hub: whatever is changed, it says what and where. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openAuditLog } from '../../src/audit/append';
import { documentHash, partHashes } from '../../src/audit/document';
import { checkFinding, type Trusted } from '../../src/audit/finding-verifier';
import type { Head } from '../../src/audit/head';
import { signHead } from '../../src/audit/head';
import { type Inclusion, proveAll } from '../../src/audit/prove';
import { type AuditRecord, canonicalJson, type HashName } from '../../src/audit/record';
import { makeKey, signerOf } from '../../src/audit/signing';
import { headsFile } from '../../src/audit/take-heads';
import type { FindingDocument } from '../../src/crosscheck/document';
import { exportFinding } from '../../src/hub/export-finding';
import { compileIfStale } from '../support/compiled';
import { type TestHub, testHub } from '../support/hub';
import { deliver, smallCity } from '../support/small-city';
import { auditRecord, type LogFixture, logFixture } from './log-fixture';

/** Every byte instead of some: a minute more. */
const EVERY_BYTE = process.env.HEYAN_EVERY_BYTE !== undefined;

interface FindingFile {
  format: string;
  document: FindingDocument;
  hashes: Record<string, string>;
  proof: { head: Head; export: Inclusion; readings: Inclusion[] };
}

/** Changes in place. */
function set<T extends object>(what: T, values: Partial<T>): void {
  Object.assign(what, values);
}

function swapPaths(a: Inclusion, b: Inclusion): void {
  [a.path, b.path] = [b.path, a.path];
}

describe.each([
  ['sha256', 'ed25519', 61],
  ['sm3', 'sm2', 499],
] as const)('%s and %s', (hash, signature, bytesApart) => {
  let hub: TestHub;
  let other: LogFixture;
  let texts: string[];
  let heads: string;
  beforeAll(async () => {
    [hub, other] = await Promise.all([testHub({ hash, signature }), logFixture({ hash, signature })]);
    await deliver(hub.database, smallCity());
    await hub.nightly();
    const { data } = await hub.as()('{ findings(first: 2) { edges { node { id } } } }');
    const { findings } = data as unknown as { findings: { edges: { node: { id: string } }[] } };
    const ids = findings.edges.map(({ node }) => node.id);
    texts = [];
    for (const id of ids)
      texts.push((await exportFinding(hub.hub, hub.database.pool, id, { officer: '王\u2028五', case: 'C-1' })).text);
    await other.append(1);
    await other.heads().take();
    heads = headsFile(hub.dataDirectory);
  });
  afterAll(() => Promise.all([hub.close(), other.close()]));

  const read = (place = 0): FindingFile => JSON.parse(texts[place] as string);
  const check = (content: string | Buffer, trusted: Trusted = { heads }) => {
    const file = path.join(hub.dataDirectory, 'finding.json');
    writeFileSync(file, content);
    return checkFinding(file, trusted);
  };
  const said = (content: string | Buffer, trusted?: Trusted) =>
    check(content, trusted).then(
      () => 'good',
      (error: Error) => error.message,
    );
  const key = () => hub.hub.signer.publicKey;

  test('it is good under the heads that a provider kept, under the key, under both, and under one head alone', async () => {
    const kept = path.join(hub.dataDirectory, 'one-head.json');
    writeFileSync(kept, JSON.stringify(read().proof.head, null, 2));
    for (const trusted of [
      { heads },
      { key: key() },
      { heads, key: key() },
      { heads: kept },
      { key: `${makeKey(signature).publicKey},${key()}` },
    ])
      expect(await said(texts[0] as string, trusted)).toBe('good');
    // The file of heads has grown since the first export, and the second is under a later head.
    expect(await check(texts[1] as string)).toMatch(
      /^Finding [0-9a-f]{32} \(\w+, OPEN, version 1\) is as it was handed out to medical-insurance-supervision at 2026-06-30T02:00:00\.000Z: record \d+ of the log .*\nIt rests on \d+ records; for each of \d+ fields \d+ audit records show/,
    );
  });

  test('one flipped bit anywhere is found, and said in one sentence', async () => {
    const bytes = Buffer.from(texts[0] as string, 'utf8');
    const passed: string[] = [];
    for (let at = 0; at < bytes.length; at += EVERY_BYTE ? 1 : bytesApart) {
      const harmed = Buffer.from(bytes);
      harmed[at] = (harmed[at] as number) ^ (1 << (at % 8));
      const what = await said(harmed, at % 2 === 0 ? { heads } : { key: key() });
      if (what === 'good' || !/^[A-Z/].{10,}$/u.test(what)) passed.push(`${at}: ${what}`);
    }
    expect(passed).toEqual([]);
  });

  const canonical = (harm: (file: FindingFile) => unknown) => () => {
    const file = read();
    return canonicalJson(harm(file) ?? file);
  };
  /** Somebody who changes the document and mends its hashes. */
  const mended = (harm: (document: FindingDocument) => unknown) =>
    canonical((file) => {
      harm(file.document);
      file.hashes = partHashes(file.document, hash);
    });
  const flipped = (hex: string) => `${hex.slice(0, 8)}${hex[8] === '0' ? '1' : '0'}${hex.slice(9)}`;

  test.each<[string, () => string | Buffer, RegExp]>([
    ['truncated', () => texts[0]?.slice(0, -40) as string, /is no JSON at character \d+: it was changed or cut short there/],
    ['empty', () => '', /is no JSON at character 0/],
    ['a token broken', () => (texts[0] as string).replace('"document":{', '"document":x'), /is no JSON at character 12/],
    ['another end of line', () => `${texts[0]}\n`, /is no canonical JSON \(RFC 8785\): it departs from it at byte \d+/],
    ['the same JSON laid out otherwise', () => JSON.stringify(read(), null, 1), /is no canonical JSON .* at byte 1$/],
    ['the same JSON in another order', () => JSON.stringify(Object.fromEntries(Object.entries(read()).reverse())), /is no canonical JSON .* at byte 2$/],
    ['a name twice', () => (texts[0] as string).replace('"format":', '"format":"x","format":'), /is no canonical JSON/],
    ['a byte that is no UTF-8', () => Buffer.concat([Buffer.from((texts[0] as string).slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')]), /is no (canonical )?JSON/],
    ['nothing of a finding', () => '[]', /^The file lacks document, format, hashes, proof$/],
    ['a part left out', canonical(({ document: { history: _, ...document }, ...file }) => ({ ...file, document })), /^The file's document lacks history$/],
    ['something added', canonical((file) => ({ ...file, note: 'x' })), /^The file holds something that does not belong there$/],
    ['something added to the head', canonical(({ proof }) => set(proof.head, { note: 'x' } as object)), /^The file's proof.head holds something/],
    ['another format', canonical((file) => ({ ...file, format: 'heyan-finding-2' })), /format is not heyan-finding-1/],
    ['another amount', canonical(({ document }) => set(document.finding, { amount: '1.00' })), /^The file's document.finding was changed: it does not have the hash that hashes.finding names$/],
    ['another law', canonical(({ document }) => set(document.rule, { basis: [] })), /^The file's document.rule was changed/],
    ['another history', canonical(({ document }) => void document.history.push(...document.history)), /^The file's document.history was changed/],
    ['another amount, and its hash mended', mended(({ finding }) => set(finding, { amount: '1.00' })), /^The audit record in proof.export names another document/],
    ["another finding's evidence", canonical((file) => set(file.document, { records: read(1).document.records })), /^The file's document.records was changed/],
    ["another finding's evidence, and its hash mended", mended((document) => set(document, { records: read(1).document.records })), /names another document/],
    ["another finding's whole document", canonical((file) => ({ ...read(1), proof: file.proof })), /names another document/],
    ["another export's record", canonical((file) => set(file.proof, { export: read(1).proof.export })), /^A field of proof.export has another form|^The file's proof.export.path does not lead/],
    ['a reading in place of the export', canonical(({ proof }) => set(proof, { export: proof.readings[0] as Inclusion })), /^The audit record in proof.export is not one of a finding that was handed out \(GRANTED\)/],
    ['a changed text of the export', canonical(({ proof }) => set(proof.export, { leaf: proof.export.leaf.replace('C-1', 'C-2') })), /^The file's proof.export.leaf was changed/],
    ['a changed text and receipt of the export', canonical(({ proof }) => set(proof.export, { leaf: '{}', receipt: flipped(proof.export.receipt) })), /^The file's proof.export.leaf was changed/],
    ['a changed text of a reading', canonical(({ proof }) => set((proof.readings[1] as Inclusion), { leaf: `${proof.readings[1]?.leaf} ` })), /^The file's proof.readings\[1\].leaf was changed/],
    ['proofs of two readings swapped', canonical(({ proof: { readings: [a, b] } }) => swapPaths(a as Inclusion, b as Inclusion)), /^The file's proof.readings\[0\].path does not lead from record \d+ to the root/],
    ['readings in another order', canonical(({ proof }) => void proof.readings.reverse()), /not in the order of the log/],
    ['a reading twice', canonical(({ proof }) => void proof.readings.push(proof.readings.at(-1) as Inclusion)), /names a record twice/],
    ['a reading left out', canonical(({ proof }) => void proof.readings.pop()), /names the audit record [0-9a-f]{64}, which is not in proof.readings/],
    ['a reading too many', canonical(({ proof }) => set(proof, { readings: [...proof.readings, proof.export] })), /is not one under which medical-insurance-supervision read for FUND_SUPERVISION/],
    ['another place in the log', canonical(({ proof }) => set(proof.export, { index: proof.export.index - 1 })), /^The file's proof.export.path does not lead/],
    ['a place outside the log', canonical(({ proof }) => set(proof.export, { index: proof.head.size })), /^A field of proof.export has another form/],
    ['a path cut short', canonical(({ proof }) => void proof.export.path.pop()), /^The file's proof.export.path does not lead/],
    ['another root', canonical(({ proof }) => set(proof.head, { root: flipped(proof.head.root) })), /is not among those in/],
    ['another time of the head', canonical(({ proof }) => set(proof.head, { at: '2026-06-29T02:00:00.000Z' })), /is not among those in/],
  ])('%s: refused, and told', async (_, harm, what) => {
    expect(await said(harm())).toMatch(what);
  }); // biome-ignore format: a table

  test.each<[string, () => Trusted, (file: FindingFile) => unknown, RegExp]>([
    ["another city's heads", () => ({ heads: other.file }), () => undefined, /^The finding is of log [0-9a-f]{32}, the head at .* of another, [0-9a-f]{32}: of another hub$/],
    ["another city's key", () => ({ key: other.signer.publicKey }), () => undefined, /^The tree head in proof.head is signed under another key than/],
    ['heads of before', () => ({ heads: firstHeads() }), () => read(1), /ends at \d+ records, the finding's tree head at \d+: get newer heads$/],
    ['no heads', () => ({ heads: emptyHeads() }), () => undefined, /holds no tree head$/],
    ['nothing', () => ({}), () => undefined, /^Nothing is trusted/],
    ['heads, and a head signed anew with another key', () => ({ heads }), ({ proof }) => set(proof, { head: signHead(proof.head, signerOf(makeKey(signature))) }), /is not among those in/],
    ['a key, and a head signed anew with another key', () => ({ key: key() }), ({ proof }) => set(proof, { head: signHead(proof.head, signerOf(makeKey(signature))) }), /^The tree head in proof.head is signed under another key/],
    ['a key, and a head signed anew with another that pretends to be it', () => ({ key: key() }), ({ proof }) => set(proof, { head: { ...signHead(proof.head, signerOf(makeKey(signature))), publicKey: key() } }), /^The signature of the tree head in proof.head is not of its text/],
    ['a key, and another root', () => ({ key: key() }), ({ proof }) => set(proof.head, { root: flipped(proof.head.root) }), /^The signature of the tree head in proof.head is not of its text/],
    ['a key, and another id of it', () => ({ key: key() }), ({ proof }) => set(proof.head, { keyId: '0'.repeat(16) }), /^The file's proof.head.keyId is not that of its public key/],
  ])('trusting %s: refused, and told', async (_, trusted, harm, what) => {
    expect(await said(canonical(harm)(), trusted())).toMatch(what);
  }); // biome-ignore format: a table

  const firstHeads = () => {
    const file = path.join(hub.dataDirectory, 'before.jsonl');
    writeFileSync(file, `${readFileSync(heads, 'utf8').split('\n')[0]}\n`);
    return file;
  };
  const emptyHeads = () => {
    const file = path.join(hub.dataDirectory, 'empty.jsonl');
    writeFileSync(file, '');
    return file;
  };

  describe('a document that the hub itself put into its log, though it is not proved', () => {
    /** Puts the changed document on record, with records beside it, as a dishonest hub could; the file over both. */
    async function dishonest(
      harm: (document: FindingDocument, strange: string) => void,
      beside: Partial<AuditRecord> = {},
    ): Promise<string> {
      const { pool } = hub.database;
      const audit = openAuditLog(pool, { hash: hash as HashName });
      const { document } = read();
      const strange = await audit.append(auditRecord(beside));
      harm(document, strange);
      const receipt = await audit.append(
        auditRecord({ footprint: ['finding.document:LOOKUP'], documents: [documentHash(document, hash)] }),
      );
      const head = (await hub.hub.heads.take()) as Head;
      const named = [...new Set(document.fields.flatMap(({ readings }) => readings))];
      const [own, ...readings] = await proveAll(pool, hub.hub.log, head, [receipt, ...named]);
      readings.sort((a, b) => a.index - b.index);
      const hashes = partHashes(document, hash);
      return canonicalJson({ format: 'heyan-finding-1', document, hashes, proof: { head, export: own, readings } });
    }
    const field = (document: FindingDocument, name: string) =>
      document.fields.find((one) => one.field === name) as FindingDocument['fields'][number];
    const READER = { agency: 'medical-insurance-supervision', purpose: 'FUND_SUPERVISION' };
    const READ_ALL = { ...READER, feeds: [{ kind: 'claim', from: '1', to: '1000' }] };

    test.each<[string, (document: FindingDocument, strange: string) => void, Partial<AuditRecord>, RegExp]>([
      ['unchanged', () => {}, {}, /^good$/],
      ['a record that was never read', ({ records }) => set((records[0] as { revision: string }), { revision: '999999' }), {}, /^Claim JS\d, revision 999999, is covered by none of the audit records that claim\.\w+ names$/],
      ['a record of a kind of which nothing was read', ({ records }) => void records.push({ kind: 'tax', sourceId: 'T1', revision: '1', recordedAt: '' }), {}, /^Tax T1, revision 1, is a record of which the rule reads no field$/],
      ['a field read under nothing', (document) => set(field(document, 'claim.status'), { readings: [] }), {}, /^Claim JS\d, revision \d+, is covered by none of the audit records that claim.status names$/],
      ['a field read under a record that did not read it', (document, strange) => field(document, 'claim.status').readings.push(strange), { ...READ_ALL, footprint: ['claim.pooledPaid:FEED'] }, /is not one under which claim.status was read$/],
      ['a field looked up, not followed', (document, strange) => field(document, 'claim.status').readings.push(strange), { ...READ_ALL, footprint: ['claim.status:LOOKUP'] }, /is not one under which claim.status was read$/],
      ["another agency's reading", (document, strange) => field(document, 'claim.status').readings.push(strange), { ...READ_ALL, agency: 'tax', footprint: ['claim.status:FEED'] }, /is not one under which medical-insurance-supervision read/],
      ['a reading for another purpose', (document, strange) => field(document, 'claim.status').readings.push(strange), { ...READ_ALL, purpose: 'X', footprint: ['claim.status:FEED'] }, /is not one under which .* read for FUND_SUPERVISION/],
      ['a reading that was refused', (document, strange) => field(document, 'claim.status').readings.push(strange), { ...READ_ALL, decision: 'REFUSED', footprint: ['claim.status:FEED'] }, /is not one under which/],
      ['a reading of another stretch', (document, strange) => set(field(document, 'claim.status'), { readings: [strange] }), { ...READER, feeds: [{ kind: 'claim', from: '900', to: '1000' }], footprint: ['claim.status:FEED'] }, /is covered by none of the audit records that claim.status names$/],
      ['a reading of another kind', (document, strange) => set(field(document, 'claim.status'), { readings: [strange] }), { ...READER, feeds: [{ kind: 'death', from: '1', to: '1000' }], footprint: ['claim.status:FEED'] }, /is covered by none/],
      ['nothing found in a log that was not read so far', (document) => set(field(document, 'contribution.status'), { upTo: '999999' }), {}, /^The end of the change log of contribution is covered by none of the audit records that contribution.status names$/],
      ['nothing found, and not said how far', (document) => set(field(document, 'contribution.status'), { upTo: null }), {}, /^contribution.status does not say how far the log of contribution was known$/],
      ['what no record tells of', (document) => set(field(document, 'claim.status'), { missing: 'The audit log does not tell' }), {}, /^The file is whole, but not all of it is proved: claim.status: The audit log does not tell$/],
      ['another agreement', (document) => set(field(document, 'claim.status'), { agreement: 'a/b/c' }), {}, /^good$/],
    ])('%s', async (name, harm, beside, what) => {
      const text = await dishonest(harm, beside);
      expect(await said(text)).toMatch(what);
      const told = 'claim.status was read under another agreement than the one in force when the rule ran.';
      if (what.source === '^good$') expect((await check(text)).includes(told)).toBe(name === 'another agreement');
    }); // biome-ignore format: a table
  });

  test('as a program of its own: two files beside each other, and nothing of ours', () => {
    compileIfStale();
    const [from, alone] = [path.join(__dirname, '../../dist/src/audit'), path.join(hub.dataDirectory, 'alone')];
    mkdirSync(alone);
    for (const name of ['finding-verifier.js', 'verifier.js'])
      copyFileSync(path.join(from, name), path.join(alone, name));
    const run = (...args: string[]) => {
      const env = signature === 'sm2' ? { NODE_PATH: path.join(__dirname, '../../node_modules') } : {};
      const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(alone, 'finding-verifier.js'), ...args], { encoding: 'utf8', env });
      return [status, stdout + stderr];
    }; // biome-ignore format: short enough
    const file = path.join(alone, 'finding.json');
    writeFileSync(file, texts[0] as string);
    expect(run(file, '--head', heads)).toEqual([0, expect.stringMatching(/^Finding [0-9a-f]{32} /)]);
    expect(run('--key', key(), file)).toEqual([0, expect.stringMatching(/^Finding /)]);
    expect(run(file, '--key', makeKey(signature).publicKey)).toEqual([
      1,
      expect.stringMatching(/^The tree head .*\n$/),
    ]);
    expect(run('/nowhere.json', '--key', key())).toEqual([1, '/nowhere.json cannot be read (ENOENT)\n']);
    for (const wrong of [
      [],
      [file],
      ['--head', heads],
      [file, '--key', 'x'],
      [file, 'more', '--head', heads],
      [file, '--head'],
    ])
      expect(run(...wrong)).toEqual([2, expect.stringMatching(/^Usage: finding-verifier/)]);
  });
});

test('it is 300 lines at most and imports nothing but the verifier of proofs', () => {
  const text = readFileSync(path.join(__dirname, '../../src/audit/finding-verifier.ts'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(300);
  const imported = [...text.matchAll(/(?:from|require\(|import\() ?'([^']+)'/g)].map((found) => found[1]);
  expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual(['./verifier']);
});
