/**
 * Signatures under which the hub gives its word: on tree heads of the audit log, on approvals of agreements. Ed25519 (RFC 8032) by Node's
 * own code; SM2 (GB/T 32918.2-2016, user id `1234567812345678` as GB/T 35276-2017, 10 says, hash SM3) by sm-crypto-v2, because what Node 20
 * signs as SM2 does not agree with the known answer of GB/T 32918.5-2017. Keys and signatures are text in hex, so that they can be compared
 * by eye: an Ed25519 key has 32 bytes, an SM2 key 65 (`04`, x, y), a signature 64 (for SM2: r, s).
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sm2 } from 'sm-crypto-v2';

export type SignatureName = 'ed25519' | 'sm2';

/** Whose signature it is, as others are told. */
export interface PublicKey {
  algorithm: SignatureName;
  /** Hex. */
  publicKey: string;
}

export interface Signer extends PublicKey {
  /** The first 16 hex digits of the hash (SHA-256 for Ed25519, SM3 for SM2) of the public key's bytes. */
  keyId: string;
  /** The signature of the text's UTF-8, in hex. */
  sign(text: string): string;
}

export interface PrivateKey extends PublicKey {
  /** Hex, 32 bytes. */
  privateKey: string;
}

const PUBLIC_KEY_FORM: Record<SignatureName, RegExp> = { ed25519: /^[0-9a-f]{64}$/, sm2: /^04[0-9a-f]{128}$/ };

/** Both algorithms sign in 64 bytes. No SM2 signature has an r or s of 0. */
const SIGNATURE_FORM = /^(?!0{64})(?![0-9a-f]{64}0{64})[0-9a-f]{128}$/;

/**
 * The hub's key of an algorithm, in `<dataDirectory>/keys/hub-<algorithm>.json` (mode 0600); made at first use.
 * @throws when the file cannot be read or written, or holds no such key
 */
export function openSigner(dataDirectory: string, algorithm: SignatureName = 'ed25519'): Signer {
  const file = path.join(dataDirectory, 'keys', `hub-${algorithm}.json`);
  if (!existsSync(file)) writeOnce(file, JSON.stringify(makeKey(algorithm)));
  let key: PrivateKey;
  try {
    key = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) throw error;
    throw new Error(`${file} holds no key: bring back the copy that was kept of it`);
  }
  if (key.algorithm !== algorithm || !/^[0-9a-f]{64}$/.test(key.privateKey) || !isPublicKey(key))
    throw new Error(`${file} holds no ${algorithm} key: bring back the copy that was kept of it`);
  return signerOf(key);
}

/** A new key. */
export function makeKey(algorithm: SignatureName): PrivateKey {
  if (algorithm === 'sm2') return { algorithm, ...sm2.generateKeyPairHex() };
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { d: string; x: string };
  return { algorithm, privateKey: hexOf(d), publicKey: hexOf(x) };
}

/** Who signs with this key. */
export function signerOf({ algorithm, privateKey, publicKey }: PrivateKey): Signer {
  const own = { algorithm, publicKey, keyId: keyIdOf({ algorithm, publicKey }) };
  if (algorithm === 'sm2')
    return {
      ...own,
      sign: (text) => sm2.doSignature(Buffer.from(text, 'utf8'), privateKey, { hash: true, publicKey }),
    };
  const key = createPrivateKey({ format: 'jwk', key: { ...jwkOf(publicKey), d: base64url(privateKey) } });
  return { ...own, sign: (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('hex') };
}

/** How a key is named for short; see `Signer.keyId`. */
export function keyIdOf({ algorithm, publicKey }: PublicKey): string {
  const hash = createHash(algorithm === 'sm2' ? 'sm3' : 'sha256');
  return hash.update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 16);
}

/** Whether the text was signed under this key. What is no key or no signature is `false`: this never throws. */
export function verifySignature(key: PublicKey, text: string, signature: string): boolean {
  if (!isPublicKey(key) || !SIGNATURE_FORM.test(signature)) return false;
  try {
    const bytes = Buffer.from(text, 'utf8');
    if (key.algorithm === 'sm2') return sm2.doVerifySignature(bytes, signature, key.publicKey, { hash: true });
    const publicKey = createPublicKey({ format: 'jwk', key: jwkOf(key.publicKey) });
    return verify(null, bytes, publicKey, Buffer.from(signature, 'hex'));
  } catch {
    // A point that is not on the curve, a number that is out of range.
    return false;
  }
}

function isPublicKey({ algorithm, publicKey }: PublicKey): boolean {
  return (
    typeof publicKey === 'string' &&
    Object.hasOwn(PUBLIC_KEY_FORM, algorithm) &&
    PUBLIC_KEY_FORM[algorithm].test(publicKey)
  );
}

/** A link fails when the file is there: the process that is first has the key, and none ever reads half of one. */
function writeOnce(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, text, { mode: 0o600, flush: true });
  chmodSync(own, 0o600);
  try {
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own);
  }
}

function jwkOf(publicKey: string): { kty: string; crv: string; x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) };
}

function hexOf(base64: string): string {
  return Buffer.from(base64, 'base64url').toString('hex');
}

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}
