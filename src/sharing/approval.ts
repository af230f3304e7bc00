/**
 * The signature of an approval. The hub signs, under its own key, what the two officers agreed to: the terms, the two agencies, who proposed
 * and who approved it, and when. Whoever can write the database but has not that key can change an agreement only into one that counts for
 * nothing. Revocation is not part of what is signed: taking a permission away needs no signature.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../audit/record';
import { type PublicKey, type SignatureName, type Signer, verifySignature } from '../audit/signing';
import type { Agreement } from './agreement';

/** What is kept of an approval; hex. */
export interface Approval {
  algorithm: SignatureName;
  keyId: string;
  publicKey: string;
  signature: string;
  /** SHA-256 of the signed text, for people who compare two copies. */
  hash: string;
}

/** What is signed of an agreement. */
export type Approved = Omit<Agreement, 'state' | 'approval' | 'revokedBy' | 'revokedAt' | 'revokedReason' | 'version'>;

/** Says what the signature is for, so that one made for something else never fits. */
const ABOUT = 'heyan agreement 1';

/** The text that is signed: canonical JSON (RFC 8785). */
export function approvedText(agreement: Approved): string {
  const { id, provider, agency, purposes, caseRequired, covertDays, clauses, validFrom, validTo, personsPerDay } =
    agreement;
  const { proposedBy, proposedAt, approvedBy, approvedAt } = agreement;
  return canonicalJson({
    about: ABOUT, id, provider, agency, purposes, caseRequired, covertDays, clauses, validFrom, validTo, personsPerDay,
    proposedBy, proposedAt, approvedBy, approvedAt,
  }); // biome-ignore format: a list of words
}

/** Signs an approval. */
export function signApproval(agreement: Approved, signer: Signer): Approval {
  const { algorithm, keyId, publicKey } = signer;
  const text = approvedText(agreement);
  return { algorithm, keyId, publicKey, signature: signer.sign(text), hash: sha256(text) };
}

/** Approvals that were found to fit, by text, key and signature: an SM2 signature takes 5 ms to check, and none need be checked twice. */
const verified = new Set<string>();
const VERIFIED_MAX = 10_000;

/** Whether an agreement is what was approved, by two people, under one of these keys. */
export function isSigned(agreement: Agreement, keys: readonly PublicKey[]): boolean {
  const { approval, proposedBy, approvedBy } = agreement;
  if (!approval || !proposedBy || !approvedBy || isSamePerson(proposedBy, approvedBy)) return false;
  const { algorithm, publicKey, signature } = approval;
  // The key that stands beside the signature proves nothing: it must be one of ours.
  if (!keys.some((key) => key.algorithm === algorithm && key.publicKey === publicKey)) return false;
  const text = approvedText(agreement);
  const known = `${algorithm} ${publicKey} ${signature} ${text}`;
  if (verified.has(known)) return true;
  if (typeof signature !== 'string' || !verifySignature({ algorithm, publicKey }, text, signature)) return false;
  if (verified.size >= VERIFIED_MAX) verified.clear();
  verified.add(known);
  return true;
}

/** One officer does not become two by writing the name in another way. */
export function isSamePerson(one: string, other: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
  return plain(one) === plain(other);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
