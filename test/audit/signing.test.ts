import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sm2 } from 'sm-crypto-v2';
import { makeKey, openSigner, signerOf, verifySignature } from '../../src/audit/signing';

const ALGORITHMS = ['ed25519', 'sm2'] as const;

describe('known answers', () => {
  test.each([
    ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
    ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
  ])('SM3 of %j (GB/T 32905-2016, A.1 and A.2)', (text, expected) => {
    expect(createHash('sm3').update(text).digest('hex')).toBe(expected);
  });

  // GB/T 32918.5-2017, A.2: the private key, the random number k, and the signature of "message digest".
  const SM2 = {
    privateKey: '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8',
    publicKey:
      '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
    k: '59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21',
    signature:
      'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  };

  test('SM2: the signature of GB/T 32918.5-2017, A.2 is verified', () => {
    expect(verifySignature({ algorithm: 'sm2', publicKey: SM2.publicKey }, 'message digest', SM2.signature)).toBe(true);
  });

  test('SM2: with the k of GB/T 32918.5-2017, A.2 the library makes its signature', () => {
    const x1 = BigInt(`0x${sm2.getPublicKeyFromPrivateKey(SM2.k).slice(2, 66)}`);
    const signature = sm2.doSignature('message digest', SM2.privateKey, {
      hash: true,
      pointPool: [{ k: BigInt(`0x${SM2.k}`), x1 }],
    });
    expect([sm2.getPublicKeyFromPrivateKey(SM2.privateKey), signature]).toEqual([SM2.publicKey, SM2.signature]);
  });

  test.each([
    [
      '', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '\x72', '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ])('Ed25519 of %j (RFC 8032, 7.1)', (text, privateKey, publicKey, signature) => {
    const key = { algorithm: 'ed25519', privateKey, publicKey } as const;
    expect(signerOf(key).sign(text)).toBe(signature);
    expect(verifySignature(key, text, signature)).toBe(true);
  }); // biome-ignore format: a table
});

describe.each(ALGORITHMS)('%s', (algorithm) => {
  const signer = signerOf(makeKey(algorithm));
  const text = '核验 a head';
  const signature = signer.sign(text);

  test('what was signed is verified, and names its key in 16 digits', () => {
    expect(verifySignature(signer, text, signature)).toBe(true);
    expect(signer.keyId).toMatch(/^[0-9a-f]{16}$/);
  });

  const flipped = (hex: string, at: number) =>
    `${hex.slice(0, at)}${(Number.parseInt(hex[at] as string, 16) ^ 1).toString(16)}${hex.slice(at + 1)}`;
  test.each([
    ['another text', signer, `${text}.`, signature],
    ['another key', signerOf(makeKey(algorithm)), text, signature],
    [
      'the other algorithm',
      { ...signer, algorithm: algorithm === 'sm2' ? 'ed25519' : 'sm2' } as const,
      text,
      signature,
    ],
    ['an unknown algorithm', { ...signer, algorithm: 'constructor' as 'sm2' }, text, signature],
    ['a flipped bit at the front', signer, text, flipped(signature, 0)],
    ['a flipped bit at the end', signer, text, flipped(signature, 127)],
    ['a signature cut short', signer, text, signature.slice(2)],
    ['a signature that goes on', signer, text, `${signature}00`],
    ['zeros', signer, text, '0'.repeat(128)],
    ['no signature', signer, text, ''],
    ['numbers out of range', signer, text, 'f'.repeat(128)],
    ['no key', { ...signer, publicKey: '' }, text, signature],
    ['a point that is not on the curve', { ...signer, publicKey: flipped(signer.publicKey, 40) }, text, signature],
  ])('%s is refused', (_, key, given, signed) => {
    expect(verifySignature(key, given, signed)).toBe(false);
  });
});

describe('the key of a data directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test.each(ALGORITHMS)('%s: made once, for its owner only, and the same ever after', (algorithm) => {
    const first = openSigner(directory, algorithm);
    const again = openSigner(directory, algorithm);
    expect(again.publicKey).toBe(first.publicKey);
    expect(verifySignature(first, 'text', again.sign('text'))).toBe(true);
    expect(statSync(path.join(directory, `keys/hub-${algorithm}.json`)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['nothing', ''],
    ['the key of the other algorithm', JSON.stringify(makeKey('sm2'))],
    ['half a key', '{"algorithm":"ed25519","privateKey":"00"}'],
  ])('a file that holds %s is named, and never replaced', (_, text) => {
    openSigner(directory);
    const file = path.join(directory, 'keys/hub-ed25519.json');
    writeFileSync(file, text);
    expect(() => openSigner(directory)).toThrow(file);
  });
});
