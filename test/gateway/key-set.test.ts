import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK } from 'jose';
import { type Algorithm, type FindKeys, keysAt, keysInFile, publicKeySet } from '../../src/gateway/key-set';
import { testKey } from '../support/tokens';

const RSA = testKey('RS256', 'r').jwk;
const EC = testKey('ES256', 'e').jwk;
const ED = testKey('EdDSA', 'd').jwk;
const OTHER = testKey('ES256', 'o').jwk;
const set = (...keys: unknown[]) => JSON.stringify({ keys });

/** The keys found, by what makes each of them. */
async function found(find: FindKeys, algorithm: Algorithm, keyId?: string): Promise<(string | undefined)[]> {
  const keys = await find(algorithm, keyId);
  return Promise.all(keys.map(async (key) => ((await exportJWK(key)) as { x?: string; n?: string }).x ?? 'RSA'));
}

describe('keys in a file', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    file = path.join(directory, 'keys.json');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('serve the algorithm that they are made for, and no other', async () => {
    writeFileSync(file, set(RSA, EC, ED));
    const find = keysInFile(file);
    expect(await found(find, 'RS256')).toEqual(['RSA']);
    expect(await found(find, 'ES256')).toEqual([EC.x]);
    expect(await found(find, 'EdDSA')).toEqual([ED.x]);
    expect(await found(find, 'ES256', 'e')).toEqual([EC.x]);
    expect(await found(find, 'ES256', 'd')).toEqual([]);
    expect(await found(find, 'HS256' as never)).toEqual([]);
  });

  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ format: 'jwk' });
  const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  test.each<[string, unknown]>([
    ['for encryption', { ...EC, use: 'enc' }],
    ['for other operations', { ...EC, key_ops: ['encrypt'] }],
    ['for another algorithm', { ...EC, alg: 'ES384' }],
    ['for a symmetric algorithm', { ...RSA, alg: 'HS256' }],
    ['for PS256', { ...RSA, alg: 'PS256' }],
    ['symmetric', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', alg: 'ES256', kid: 'e' }],
    ['of 1024 bits', weak],
    ['of another curve', curve('P-384')],
    ['of secp256k1', curve('secp256k1')],
    ['of another curve that calls itself P-256', { ...curve('P-384'), crv: 'P-256' }],
    ['of no point of the curve', { ...EC, x: ED.x }],
    ['without its parts', { kty: 'EC', crv: 'P-256' }],
    ['null', null],
    ['text', 'key'],
  ])('a key is passed over: %s', async (_, jwk) => {
    writeFileSync(file, set(jwk, OTHER));
    const find = keysInFile(file);
    expect(await found(find, 'ES256')).toEqual([OTHER.x]);
    expect(await found(find, 'RS256')).toEqual([]);
  });

  test('are read again when the file changes, also by another put in its place', async () => {
    const find = keysInFile(file);
    expect(await found(find, 'ES256')).toEqual([]);
    writeFileSync(file, set(EC));
    expect(await found(find, 'ES256')).toEqual([EC.x]);
    writeFileSync(`${file}.new`, set(OTHER));
    renameSync(`${file}.new`, file);
    expect(await found(find, 'ES256')).toEqual([OTHER.x]);
    writeFileSync(file, set(EC, OTHER));
    expect(await found(find, 'ES256')).toEqual([EC.x, OTHER.x]);
    rmSync(file);
    expect(await found(find, 'ES256')).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '{"keys":{}}', `${' '.repeat(300_000)}{"keys":[]}`])(
    'a file that is no key set holds none (%#)',
    async (text) => {
      writeFileSync(file, text);
      expect(await found(keysInFile(file), 'ES256')).toEqual([]);
    },
  );

  test('a private part is dropped, and five keys at most are tried for a token that names none', async () => {
    const keys = Array.from({ length: 8 }, (_, i) => testKey('ES256', `k${i}`));
    writeFileSync(file, set(...keys.map((key) => key.privateKey.export({ format: 'jwk' }))));
    const tried = await keysInFile(file)('ES256', undefined);
    expect(tried.map(({ type }) => type)).toEqual(Array(5).fill('public'));
  });
});

describe('keys at an address', () => {
  let server: Server;
  let address: string;
  let fetched: number;
  let elapsed: number;
  let answer: (response: ServerResponse) => void;
  beforeEach(async () => {
    fetched = 0;
    elapsed = 0;
    server = createServer((_request, response) => {
      fetched += 1;
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const holds = (...keys: unknown[]) => {
    answer = (response) => response.setHeader('content-type', 'application/json').end(set(...keys));
  };
  const at = () => keysAt(address, () => elapsed);

  test('are fetched once for many, and again after ten minutes', async () => {
    holds(EC);
    const find = at();
    const many = await Promise.all(Array.from({ length: 20 }, () => found(find, 'ES256', 'e')));
    expect([fetched, ...new Set(many.flat())]).toEqual([1, EC.x]);
    holds(OTHER);
    elapsed = 599_999;
    expect([await found(find, 'ES256', 'e'), fetched]).toEqual([[EC.x], 1]);
    elapsed = 600_000;
    expect([await found(find, 'ES256', 'e'), fetched]).toEqual([[], 2]);
  });

  test('a key not seen before has them fetched again, twice a minute at most', async () => {
    holds(EC);
    const find = at();
    await found(find, 'ES256', 'e');
    holds(EC, OTHER);
    elapsed = 29_999;
    expect([await found(find, 'ES256', 'o'), fetched]).toEqual([[], 1]);
    elapsed = 30_000;
    expect([await found(find, 'ES256', 'o'), fetched]).toEqual([[OTHER.x], 2]);
    for (let i = 0; i < 50; i += 1) expect(await found(find, 'ES256', `made-up-${i}`)).toEqual([]);
    expect(fetched).toBe(2);
  });

  test('while they cannot be fetched, those known hold out their ten minutes, and the address is left alone for five seconds', async () => {
    holds(EC);
    const find = at();
    await found(find, 'ES256', 'e');
    answer = (response) => response.writeHead(500).end();
    elapsed = 590_000;
    expect([await found(find, 'ES256', 'o'), fetched]).toEqual([[], 2]);
    expect([await found(find, 'ES256', 'o'), fetched]).toEqual([[], 2]);
    expect(await found(find, 'ES256', 'e')).toEqual([EC.x]);
    elapsed = 600_000;
    expect([await found(find, 'ES256', 'e'), fetched]).toEqual([[], 3]);
    holds(EC);
    elapsed = 604_999;
    expect([await found(find, 'ES256', 'e'), fetched]).toEqual([[], 3]);
    elapsed = 605_000;
    expect([await found(find, 'ES256', 'e'), fetched]).toEqual([[EC.x], 4]);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => response.writeHead(500).end(set(EC))],
    ['nothing', (response) => response.end()],
    ['no JSON', (response) => response.end('<html>')],
    ['no set', (response) => response.end('[]')],
    ['more than anybody needs', (response) => response.end(set(EC, 'x'.repeat(300_000)))],
    ['to look elsewhere', (response) => response.writeHead(302, { location: '/jwks' }).end()],
    ['a hang-up', (response) => response.destroy()],
  ])('an address that answers %s has no keys', async (_, made) => {
    answer = made;
    expect(await found(at(), 'ES256')).toEqual([]);
    expect(fetched).toBe(1);
  });

  test('an address where nobody listens has no keys', async () => {
    expect(
      await found(
        keysAt('http://127.0.0.1:1/jwks', () => 0),
        'ES256',
      ),
    ).toEqual([]);
  });
});

describe('the public key that a partner hands in', () => {
  test.each<[string, string, object[]]>([
    ['a set', set(RSA, EC, ED), [RSA, EC, ED]],
    ['one key', JSON.stringify(EC), [EC]],
    ['a set with keys for other uses', set({ ...RSA, use: 'enc' }, EC), [EC]],
  ])('%s is kept as its public parts', async (_, text, expected) => {
    const kept = expected.map(({ use: _use, ...jwk }: { use?: string }) => jwk);
    expect(await publicKeySet(text)).toEqual({ keys: kept });
  });

  test.each<[string, string, RegExp]>([
    ['a private key', JSON.stringify({ ...EC, d: 'AA' }), /^it holds a private or secret key/],
    ['a private key among others', set(RSA, { ...ED, d: 'AA' }), /^it holds a private or secret key/],
    ['a secret', JSON.stringify({ kty: 'oct', k: 'AA' }), /^it holds a private or secret key/],
    ['PEM', '-----BEGIN PUBLIC KEY-----', /^it holds no key for signatures by RS256, ES256, EdDSA/],
    ['an empty set', set(), /^it holds no key/],
    ['a key of another curve', JSON.stringify({ ...EC, crv: 'P-384' }), /^it holds no key/],
    ['null', 'null', /^it holds no key/],
    ['a list', '[1]', /^it holds no key/],
  ])('%s is refused', async (_, text, sentence) => {
    await expect(publicKeySet(text)).rejects.toThrow(sentence);
  });
});
