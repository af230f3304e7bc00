/**
 * A finding as a file that proves itself, for a referral: the document, the hash of each of its parts, and the proofs that the audit log holds
 * the record of this very export, which names the hash of them all, and the records under which the cross-check read each field.
 * `audit/finding-verifier.ts` checks it without us.
 *
 *     {"document":{"fields":…,"finding":…,"history":…,"reader":…,"records":…,"rule":…},"format":"heyan-finding-1",
 *      "hashes":{"fields":"…",…},"proof":{"export":{"index":…,"leaf":"…","path":[…],"receipt":"…"},"head":{…},"readings":[…]}}
 */
import type { Pool } from 'pg';
import { partHashes } from '../audit/document';
import { proveAll } from '../audit/prove';
import { canonicalJson } from '../audit/record';
import type { FindingDocument } from '../crosscheck/document';
import { CASE_INVESTIGATION, SUPERVISION } from './codes';
import type { Hub } from './hub';

export interface ExportedFinding {
  /** The file: canonical JSON (RFC 8785), and not a byte more. */
  text: string;
  /** Of the audit record of the export. */
  receipt: string;
  /** Audit records under which fields were read. */
  readings: number;
  /** What no audit record tells of, a sentence each; such a file does not verify. */
  missing: string[];
}

const FORMAT = 'heyan-finding-1';
const DOCUMENT = 'query FindingForReferral($id: ID!) { finding(id: $id) { document { text } } }';

/**
 * Exports a finding through the door, as an officer of the supervision who investigates.
 * @param who the officer, and the number of the case if there is one
 * @throws a sentence: no such finding, not granted, or what the log cannot prove
 */
export async function exportFinding(
  hub: Pick<Hub, 'askFor' | 'heads' | 'log'>,
  pool: Pool,
  id: string,
  { officer, case: caseNumber }: { officer: string; case?: string },
): Promise<ExportedFinding> {
  const who = { agency: SUPERVISION, officer, purpose: CASE_INVESTIGATION, case: caseNumber };
  const { data, errors, extensions } = await hub.askFor(who, DOCUMENT, { id });
  if (errors?.length)
    throw new Error(
      errors.map(({ message, extensions: more }) => [message, more?.apply].filter(Boolean).join(': ')).join('; '),
    );
  const given = data?.finding as { document: { text: string } } | null | undefined;
  if (!given) throw new Error(`There is no finding ${id}: "heyan findings" lists their ids`);
  const document = JSON.parse(given.document.text) as FindingDocument;
  // A head that covers the record of this export too.
  const head = await hub.heads.take();
  if (!head) throw new Error('The audit log is empty: there is nothing to prove');
  const receipt = extensions?.receipt as string;
  const read = [...new Set(document.fields.flatMap(({ readings }) => readings))];
  const [own, ...others] = await proveAll(pool, hub.log, head, [receipt, ...read]);
  const readings = others.sort((a, b) => a.index - b.index);
  const hashes = partHashes(document, hub.log.hash);
  return {
    text: canonicalJson({ format: FORMAT, document, hashes, proof: { head, export: own, readings } }),
    receipt,
    readings: readings.length,
    missing: document.fields.flatMap(({ field, missing }) => (missing ? [`${field}: ${missing}`] : [])),
  };
}
