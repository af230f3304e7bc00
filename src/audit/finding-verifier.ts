/**
 * The stand-alone verifier of exported findings. It needs no database, no network and nothing of Heyan: this file, `verifier.js` beside it, and
 * Node (and sm-crypto-v2 when heads are signed with SM2). It trusts only what it is told to trust: tree heads that a provider kept, or the hub's
 * public key.
 *
 *     node finding-verifier.js FINDING.json --head HEADS.jsonl [--key PUBLICKEY]
 *     node finding-verifier.js FINDING.json --key PUBLICKEY
 *
 * No byte of the file is left unchecked: it is canonical JSON of exactly this form; the tree head is one of those kept, or signed under the key;
 * each part of the document has its hash, and the audit record of the export names the hash of them all; that record and each reading are in the
 * log (`verifier.ts` says by which standards); and for each field, each record that the finding rests on lies in a stretch of a change feed that
 * was read with that field. Exit: 0 all agrees, 1 something is wrong (one sentence says what), 2 wrong usage.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import {
  canonical,
  capital,
  checkSignature,
  type Head,
  headsIn,
  isHead,
  KEYS,
  leafHash,
  rootOf,
  Wrong,
} from './verifier';

/** What whoever checks knows by themselves: one of the two at least. */
export interface Trusted {
  /** A checkpoint file, or one head in a file of its own. */
  heads?: string | undefined;
  /** Public keys of the hub in hex, separated by commas. */
  key?: string | undefined;
}

interface Inclusion {
  receipt: string;
  leaf: string;
  index: number;
  path: string[];
}

interface FieldRead {
  field: string;
  agreement: string | null;
  upTo: string | null;
  readings: string[];
  missing: string | null;
}

interface FindingFile {
  format: string;
  document: {
    finding: { id: string; rule: string; state: string; version: number };
    records: { kind: string; sourceId: string; revision: string }[];
    fields: FieldRead[];
    reader: { agency: string; purpose: string };
  };
  hashes: Record<string, string>;
  proof: { head: Head; export: Inclusion; readings: Inclusion[] };
}

/** What a record of the log says, as far as it is looked at here. */
interface Said {
  at: string;
  agency: string;
  purpose: string;
  decision: string;
  footprint: string[];
  agreements: string[];
  feeds: { kind: string; from: string; to: string }[];
  documents?: string[];
}

const USAGE =
  'Usage: finding-verifier FINDING.json [--head HEADS.jsonl] [--key PUBLICKEY], with one of the two at least';
const FORMAT = 'heyan-finding-1';
const PARTS = ['fields', 'finding', 'history', 'reader', 'records', 'rule'];
const HEAD = ['algorithm', 'at', 'hash', 'keyId', 'leaves', 'log', 'publicKey', 'root', 'signature', 'size'];
/** A file that is longer holds more than one head. */
const ONE_HEAD_BYTES_MAX = 200_000;
const EMPTY_LOG = '0';

/** Checks an exported finding. Returns the good news; throws `Wrong`. */
export async function checkFinding(file: string, trusted: Trusted): Promise<string> {
  const found = readFinding(file);
  const { document, proof } = found;
  const { head } = proof;
  await checkHead(head, trusted);
  const hash = checkParts(found, head.hash);
  const given = included(proof.export, head, 'proof.export');
  if (given.decision !== 'GRANTED' || !given.footprint.includes('finding.document:LOOKUP'))
    throw new Wrong(`The audit record in proof.export is not one of a finding that was handed out (${given.decision})`);
  if (!given.documents?.includes(hash))
    throw new Wrong('The audit record in proof.export names another document: hashes and proof do not belong together');
  const readings = new Map<string, Said>();
  for (const [place, one] of proof.readings.entries())
    readings.set(one.receipt, included(one, head, `proof.readings[${place}]`));
  const earlier = checkFields(document, readings);
  const { finding, records, fields } = document;
  return [
    `Finding ${finding.id} (${finding.rule}, ${finding.state}, version ${finding.version}) is as it was handed out to ${given.agency} at ${given.at}: record ${proof.export.index + 1} of the log that the tree head of ${head.at} covers (${head.size} records, key ${head.keyId}).`,
    `It rests on ${records.length} records; for each of ${fields.length} fields ${readings.size} audit records show under what they were read.`,
    ...earlier.map((field) => `${field} was read under another agreement than the one in force when the rule ran.`),
  ].join('\n');
}

/** The file, when it is canonical JSON of exactly this form. */
function readFinding(file: string): FindingFile {
  const bytes = readFileSync(file);
  const text = bytes.toString('utf8');
  let found: FindingFile;
  try {
    found = JSON.parse(text);
  } catch (error) {
    const place = /position (\d+)/.exec((error as Error).message)?.[1] ?? noTokenAt(text);
    throw new Wrong(`${file} is no JSON at character ${place}: it was changed or cut short there`);
  }
  const form = Buffer.from(canonical(found), 'utf8');
  if (!form.equals(bytes)) {
    const place = bytes.findIndex((byte, at) => byte !== form[at]);
    const at = place < 0 ? bytes.length : place;
    throw new Wrong(`${file} is no canonical JSON (RFC 8785): it departs from it at byte ${at}`);
  }
  requireForm(found);
  return found;
}

/** Where the first thing stands that is no token of JSON; the end when there is none. Node does not always say. */
function noTokenAt(text: string): number {
  const token = /"(?:[^"\\\p{Cc}]|\\.)*"|[{}[\],:]|-?\d+|true|false|null/uy;
  let place = 0;
  while (token.test(text)) place = token.lastIndex;
  return place;
}

function requireForm(found: FindingFile): void {
  requireKeys(found, ['document', 'format', 'hashes', 'proof'], 'the file');
  if (found.format !== FORMAT) throw new Wrong(`The file's format is not ${FORMAT}`);
  requireKeys(found.document, PARTS, "the file's document");
  requireKeys(found.hashes, PARTS, "the file's hashes");
  requireKeys(found.proof, ['export', 'head', 'readings'], "the file's proof");
  requireKeys(found.proof.head, HEAD, "the file's proof.head");
  if (!isHead(found.proof.head)) throw new Wrong('A field of proof.head has another form than that of a tree head');
  if (!Array.isArray(found.proof.readings)) throw new Wrong("The file's proof.readings is no list");
  for (const [place, one] of [found.proof.export, ...found.proof.readings].entries()) {
    const name = place === 0 ? 'proof.export' : `proof.readings[${place - 1}]`;
    requireKeys(one, ['index', 'leaf', 'path', 'receipt'], `the file's ${name}`);
    const { leaf, index, path, receipt } = one;
    const isSound =
      typeof leaf === 'string' && Number.isSafeInteger(index) && index >= 0 && index < found.proof.head.size &&
      typeof receipt === 'string' && Array.isArray(path) && path.every((hash) => /^[0-9a-f]{64}$/.test(hash)); // biome-ignore format: a list
    if (!isSound) throw new Wrong(`A field of ${name} has another form than that of a record's proof`);
  }
  if (found.proof.readings.some(({ index }, at, all) => at > 0 && index <= (all[at - 1] as Inclusion).index))
    throw new Wrong("The file's proof.readings is not in the order of the log, or names a record twice");
}

function requireKeys(value: unknown, names: readonly string[], what: string): void {
  const keys = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
  const lacking = names.filter((name) => !keys.includes(name));
  if (lacking.length > 0) throw new Wrong(`${capital(what)} lacks ${lacking.join(', ')}`);
  if (keys.length > names.length) throw new Wrong(`${capital(what)} holds something that does not belong there`);
}

/** That the head is one of those kept, and signed under the key. */
async function checkHead(head: Head, { heads, key }: Trusted): Promise<void> {
  const name = 'the tree head in proof.head';
  if (key) checkSignature(head, name, key);
  if (heads) {
    let [kept, newest]: [Head | undefined, Head | undefined] = [undefined, undefined];
    for await (const { one, at } of keptHeads(heads, key)) {
      if (one.log !== head.log)
        throw new Wrong(`The finding is of log ${head.log}, the head at ${at} of another, ${one.log}: of another hub`);
      if (one.size === head.size) kept = one;
      newest = one;
    }
    if (!newest) throw new Wrong(`${heads} holds no tree head`);
    if (newest.size < head.size)
      throw new Wrong(
        `${heads} ends at ${newest.size} records, the finding's tree head at ${head.size}: get newer heads`,
      );
    if (!kept || canonical(kept) !== canonical(head))
      throw new Wrong(`${capital(name)} of ${head.at}, size ${head.size}, is not among those in ${heads}`);
  }
  if (!key && !heads) throw new Wrong('Nothing is trusted: name tree heads or a public key');
  const hash = createHash(head.algorithm === 'sm2' ? 'sm3' : 'sha256').update(Buffer.from(head.publicKey, 'hex'));
  if (hash.digest('hex').slice(0, 16) !== head.keyId)
    throw new Wrong("The file's proof.head.keyId is not that of its public key");
}

/** The heads of a checkpoint file, or the one head that a file holds. */
async function* keptHeads(file: string, key: string | undefined): AsyncGenerator<{ one: Head; at: string }> {
  let one: Head | undefined;
  try {
    one = statSync(file).size > ONE_HEAD_BYTES_MAX ? undefined : JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!one || !isHead(one)) return yield* headsIn(file, key);
  checkSignature(one, `the tree head in ${file}`, key ?? one.publicKey);
  yield { one, at: file };
}

/** That each part has its hash. The hash of them all. */
function checkParts({ document, hashes }: FindingFile, name: string): string {
  const hashOf = (text: string) => createHash(name).update(text, 'utf8').digest('hex');
  for (const [part, value] of Object.entries(document))
    if (hashOf(canonical(value)) !== hashes[part])
      throw new Wrong(`The file's document.${part} was changed: it does not have the hash that hashes.${part} names`);
  return hashOf(canonical(hashes));
}

/** What a record says, when it is in the log that the head covers. */
function included({ receipt, leaf, index, path }: Inclusion, head: Head, name: string): Said {
  const hashed = leafHash(leaf, head.hash);
  if (hashed.toString('hex') !== receipt)
    throw new Wrong(`The file's ${name}.leaf was changed: it does not have the hash that is its receipt`);
  const root = rootOf(hashed, { receipt, leaf, index, path, size: head.size, head });
  if (root?.toString('hex') !== head.root)
    throw new Wrong(
      `The file's ${name}.path does not lead from record ${index + 1} to the root of the tree head of ${head.at}`,
    );
  return JSON.parse(leaf) as Said;
}

/** That for each field every record was read. The fields that were read under another agreement than the run names. */
function checkFields(
  { records, fields, reader }: FindingFile['document'],
  readings: ReadonlyMap<string, Said>,
): string[] {
  for (const [receipt, { agency, purpose, decision }] of readings) {
    if (agency !== reader.agency || purpose !== reader.purpose || decision !== 'GRANTED')
      throw new Wrong(`The audit record ${receipt} is not one under which ${reader.agency} read for ${reader.purpose}`);
    if (!fields.some((field) => field.readings.includes(receipt)))
      throw new Wrong(`The audit record ${receipt} is in proof.readings, but no field names it`);
  }
  const unread = records.find(({ kind }) => !fields.some(({ field }) => field.startsWith(`${kind}.`)));
  if (unread) throw new Wrong(`${nameOf(unread)} is a record of which the rule reads no field`);
  return fields.filter((field) => !checkField(field, records, readings)).map(({ field }) => field);
}

/** Whether the field was read under the agreement it names. */
function checkField(
  { field, agreement, upTo, readings: receipts, missing }: FieldRead,
  records: FindingFile['document']['records'],
  readings: ReadonlyMap<string, Said>,
): boolean {
  if (missing !== null) throw new Wrong(`The file is whole, but not all of it is proved: ${field}: ${missing}`);
  const kind = field.slice(0, field.indexOf('.'));
  const read = receipts.map((receipt) => {
    const said = readings.get(receipt);
    if (!said) throw new Wrong(`${field} names the audit record ${receipt}, which is not in proof.readings`);
    if (!said.footprint.includes(`${field}:FEED`))
      throw new Wrong(`The audit record ${receipt} is not one under which ${field} was read`);
    return said;
  });
  const isRead = (place: string) =>
    read.some(({ feeds }) =>
      feeds.some((one) => one.kind === kind && BigInt(one.from) <= BigInt(place) && BigInt(place) <= BigInt(one.to)),
    );
  const used = records.filter((record) => record.kind === kind);
  for (const record of used)
    if (!isRead(record.revision))
      throw new Wrong(`${nameOf(record)} is covered by none of the audit records that ${field} names`);
  if (used.length === 0 && upTo === null) throw new Wrong(`${field} does not say how far the log of ${kind} was known`);
  if (used.length === 0 && upTo !== EMPTY_LOG && !isRead(upTo as string))
    throw new Wrong(`The end of the change log of ${kind} is covered by none of the audit records that ${field} names`);
  return agreement === null || read.every(({ agreements }) => agreements.includes(agreement));
}

function nameOf({ kind, sourceId, revision }: FindingFile['document']['records'][number]): string {
  return `${capital(kind)} ${sourceId}, revision ${revision},`;
}

async function main(args: readonly string[]): Promise<number> {
  const rest = [...args];
  const option = (name: string) => (rest.includes(name) ? rest.splice(rest.indexOf(name), 2)[1] : undefined);
  const trusted = { heads: option('--head'), key: option('--key') };
  const [file = '-', more] = rest;
  const isTold = trusted.key === undefined ? trusted.heads !== undefined : KEYS.test(trusted.key);
  if (file.startsWith('-') || more !== undefined || !isTold) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  try {
    process.stdout.write(`${await checkFinding(file, trusted)}\n`);
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
