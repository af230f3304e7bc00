/**
 * The stand-alone verifier: checks a proof, or a whole exported log, against tree heads that a provider keeps. It needs no database, no network
 * and nothing of Heyan: this one file and Node, and sm-crypto-v2 beside it when heads are signed with SM2. It repeats on purpose what other
 * files do, so that whoever doubts them can read three hundred lines instead.
 *
 *     node verifier.js PROOF.json HEADS.jsonl [--key PUBLICKEY]
 *     node verifier.js --log LOG.jsonl HEADS.jsonl [--key PUBLICKEY]
 *
 * PUBLICKEY is the hub's, in hex, as `heyan audit head` tells it (several, separated by commas, when it changed); without it, only that all
 * heads name one key is known. Exit: 0 all agrees,
 * 1 something is wrong (one sentence says what), 2 wrong usage.
 *
 * Sources: RFC 6962, section 2.1 (leaf and node hashes), RFC 9162, section 2.1.3.2 (verifying an audit path), RFC 8785 (canonical JSON),
 * RFC 8032 (Ed25519), GB/T 32918.2-2016 (SM2), GB/T 32905-2016 (SM3).
 */
import { createHash, createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';

export interface Head {
  log: string;
  size: number;
  root: string;
  hash: string;
  at: string;
  leaves: string;
  algorithm: string;
  keyId: string;
  publicKey: string;
  signature: string;
}

interface Proof {
  receipt: string;
  leaf: string;
  index: number;
  size: number;
  path: string[];
  head: Head;
}

/** Something does not agree; the message is the sentence. */
export class Wrong extends Error {}

const USAGE = `Usage: verifier PROOF.json HEADS.jsonl [--key PUBLICKEY]
       verifier --log LOG.jsonl HEADS.jsonl [--key PUBLICKEY]`;

const FINGERPRINT_BYTES = 8;

export const KEYS = /^([0-9a-f]{64}|04[0-9a-f]{128})(,([0-9a-f]{64}|04[0-9a-f]{128}))*$/;

/** Checks a proof against the heads of a file. Returns the good news; throws `Wrong`. */
export async function checkProof(proofFile: string, headsFile: string, key?: string): Promise<string> {
  const proof = readProof(proofFile);
  const { head } = proof;
  let kept = false;
  let newest: Head | undefined;
  for await (const { one, at } of headsIn(headsFile, key)) {
    if (one.log !== head.log)
      throw new Wrong(`The proof is of log ${head.log}, the head at ${at} of another, ${one.log}`);
    kept ||= canonical(one) === canonical(head);
    newest = one;
  }
  if (!newest) throw new Wrong(`${headsFile} holds no tree head`);
  checkSignature(head, "the proof's tree head", key ?? newest.publicKey);
  if (!kept)
    throw new Wrong(`The proof's tree head of ${head.at}, size ${head.size}, is not among those in ${headsFile}`);
  if (proof.size !== head.size)
    throw new Wrong(`The proof is over ${proof.size} records, its tree head over ${head.size}`);
  const leaf = leafHash(proof.leaf, head.hash);
  if (leaf.toString('hex') !== proof.receipt)
    throw new Wrong(`The record's text does not have the hash that is the receipt, ${proof.receipt}`);
  if (canonical(JSON.parse(proof.leaf)) !== proof.leaf) throw new Wrong('The record is no canonical JSON');
  const root = rootOf(leaf, proof);
  if (root?.toString('hex') !== head.root)
    throw new Wrong(`The path does not lead from record ${proof.index + 1} to the root of the tree head of ${head.at}`);
  return `Record ${proof.index + 1} is in the log that the tree head of ${head.at} covers (${head.size} records, key ${head.keyId})`;
}

/** Checks a whole log, one leaf a line, against the heads of a file. Returns the good news; throws `Wrong`. */
export async function checkLog(logFile: string, headsFile: string, key?: string): Promise<string> {
  const heads = headsIn(headsFile, key);
  const next = async () => (await heads.next()).value as { one: Head; at: string } | undefined;
  let current = await next();
  if (!current) throw new Wrong(`${headsFile} holds no tree head`);
  const { hash } = current.one;
  const peaks: Buffer[] = [];
  let [seq, covered] = [0, 0];
  for await (const leaf of linesOf(logFile)) {
    seq += 1;
    checkLeaf(leaf, seq);
    const leafHashed = leafHash(leaf, hash);
    grow(peaks, leafHashed, seq - 1, hash);
    if (!current) continue;
    const { one, at }: { one: Head; at: string } = current;
    const prints: Buffer = Buffer.from(one.leaves, 'base64');
    const place: number = prints.length - (one.size - seq + 1) * FINGERPRINT_BYTES;
    if (
      place < 0 ||
      !prints.subarray(place, place + FINGERPRINT_BYTES).equals(leafHashed.subarray(0, FINGERPRINT_BYTES))
    )
      throw new Wrong(`Record ${seq} is not the one that the tree head of ${one.at} covers (${at})`);
    if (seq < one.size) continue;
    if (foldPeaks(peaks, hash) !== one.root)
      throw new Wrong(`The tree head at ${at} has another root than records 1 to ${seq}`);
    covered = seq;
    current = await next();
  }
  if (current)
    throw new Wrong(
      `The log ends at record ${seq}, but the tree head of ${current.one.at} covers ${current.one.size} (${current.at})`,
    );
  return `All ${seq} records agree with the tree heads; ${seq - covered} newer ones are covered by none yet`;
}

/** The whole lines of a file. Node's own reader also ends lines at U+2028, which a record may hold; a line without end was never finished. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
}

function readProof(file: string): Proof {
  let proof: Proof;
  try {
    proof = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Wrong(`${file} is no proof: ${(error as Error).message}`);
  }
  const isProof =
    proof !== null && typeof proof === 'object' && typeof proof.leaf === 'string' && typeof proof.receipt === 'string' &&
    Number.isSafeInteger(proof.index) && Number.isSafeInteger(proof.size) && proof.index >= 0 && proof.index < proof.size &&
    Array.isArray(proof.path) && proof.path.every((hash) => /^[0-9a-f]{64}$/.test(hash)) && isHead(proof.head); // biome-ignore format: a list
  if (!isProof)
    throw new Wrong(`${file} is no proof: it lacks receipt, leaf, index, size, path or head, or one has another form`);
  try {
    JSON.parse(proof.leaf);
  } catch {
    throw new Wrong(`${file} is no proof: its leaf is no JSON`);
  }
  return proof;
}

/** The heads of a file in order, each checked by itself and against the one before. */
export async function* headsIn(file: string, key?: string): AsyncGenerator<{ one: Head; at: string }> {
  let [before, number]: [Head | undefined, number] = [undefined, 0];
  for await (const line of linesOf(file)) {
    number += 1;
    const at = `${file}:${number}`;
    let one: Head;
    try {
      one = JSON.parse(line);
    } catch {
      throw new Wrong(`The tree head at ${at} is no JSON`);
    }
    if (!isHead(one)) throw new Wrong(`The tree head at ${at} lacks a field, or one has another form`);
    checkSignature(one, `the tree head at ${at}`, key ?? before?.publicKey ?? one.publicKey);
    const leaves = Buffer.byteLength(one.leaves, 'base64') / FINGERPRINT_BYTES;
    if (before && one.log !== before.log)
      throw new Wrong(`The tree head at ${at} is of another log than the one before`);
    if (before && one.hash !== before.hash)
      throw new Wrong(`The tree head at ${at} is made with another hash than the one before`);
    if (before && one.size <= before.size)
      throw new Wrong(`The tree head at ${at} covers ${one.size} records, the one before ${before.size}`);
    if (one.size - leaves > (before?.size ?? 0)) throw new Wrong(`A tree head before ${at} is missing`);
    before = one;
    yield { one, at };
  }
}

export function isHead(head: Head): boolean {
  const texts = ['log', 'root', 'hash', 'at', 'leaves', 'algorithm', 'keyId', 'publicKey', 'signature'] as const;
  return (
    head !== null && typeof head === 'object' && texts.every((name) => typeof head[name] === 'string') &&
    Number.isSafeInteger(head.size) && head.size > 0 && ['sha256', 'sm3'].includes(head.hash) && /^[0-9a-f]{64}$/.test(head.root)
  ); // biome-ignore format: a list
}

export function checkSignature(head: Head, name: string, publicKey: string): void {
  if (!publicKey.split(',').includes(head.publicKey))
    throw new Wrong(`${capital(name)} is signed under another key than ${publicKey.slice(0, 16)}…`);
  const { log, size, root, hash, at, leaves } = head;
  if (!isSigned(head, canonical({ log, size, root, hash, at, leaves })))
    throw new Wrong(`The signature of ${name} is not of its text`);
}

function isSigned({ algorithm, publicKey, signature }: Head, text: string): boolean {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  try {
    if (algorithm === 'sm2') {
      const { sm2 } = require('sm-crypto-v2') as typeof import('sm-crypto-v2');
      return sm2.doVerifySignature(Buffer.from(text, 'utf8'), signature, publicKey, { hash: true });
    }
    if (algorithm !== 'ed25519') return false;
    const x = Buffer.from(publicKey, 'hex').toString('base64url');
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
    return verifyEd25519(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'hex'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND')
      throw new Wrong('Signed with SM2: npm install sm-crypto-v2, and try again');
    return false;
  }
}

function checkLeaf(leaf: string, seq: number): void {
  let said: unknown;
  try {
    said = JSON.parse(leaf);
  } catch {
    throw new Wrong(`Record ${seq} is no JSON`);
  }
  if (canonical(said) !== leaf) throw new Wrong(`Record ${seq} is no canonical JSON`);
}

export function leafHash(leaf: string, hash: string): Buffer {
  return createHash(hash).update(Buffer.from([0])).update(leaf, 'utf8').digest(); // biome-ignore format: one line
}

function nodeHash(left: Buffer, right: Buffer, hash: string): Buffer {
  return createHash(hash).update(Buffer.from([1])).update(left).update(right).digest(); // biome-ignore format: one line
}

/** Where the path leads from the leaf; undefined when its length is not that of this place in a tree of this size. */
export function rootOf(leaf: Buffer, { index, size, path, head }: Proof): Buffer | undefined {
  let [here, last, root] = [index, size - 1, leaf];
  const up = () => {
    [here, last] = [Math.floor(here / 2), Math.floor(last / 2)];
  };
  for (const hash of path) {
    const sibling = Buffer.from(hash, 'hex');
    if (last === 0) return undefined;
    if (here % 2 === 1 || here === last) {
      root = nodeHash(sibling, root, head.hash);
      while (here % 2 === 0 && here !== 0) up();
    } else root = nodeHash(root, sibling, head.hash);
    up();
  }
  return last === 0 ? root : undefined;
}

/** The roots of the complete subtrees, largest first; one more leaf completes as many as there are 1s at the end of the size. */
function grow(peaks: Buffer[], leaf: Buffer, size: number, hash: string): void {
  peaks.push(leaf);
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    const [left, right] = peaks.splice(-2) as [Buffer, Buffer];
    peaks.push(nodeHash(left, right, hash));
  }
}

function foldPeaks(peaks: readonly Buffer[], hash: string): string {
  return peaks.reduceRight((right, left) => nodeHash(left, right, hash)).toString('hex');
}

/** Canonical JSON of strings, integers, arrays and objects. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function main(args: readonly string[]): Promise<number> {
  const rest = [...args];
  const keyAt = rest.indexOf('--key');
  const [, key] = keyAt < 0 ? [] : rest.splice(keyAt, 2);
  const isLog = rest[0] === '--log';
  const [subject, heads] = isLog ? rest.slice(1) : rest;
  const count = rest.length - (isLog ? 1 : 0);
  if (!subject || !heads || count !== 2 || subject.startsWith('-') || (keyAt >= 0 && !KEYS.test(key ?? ''))) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  try {
    process.stdout.write(`${await (isLog ? checkLog : checkProof)(subject, heads, key)}\n`);
    return 0;
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    process.stderr.write(`${code && path ? `${path} cannot be read (${code})` : message}\n`);
    return 1;
  }
}

if (require.main === module)
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
