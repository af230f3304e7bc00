import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { openIssuer, openJobsIssuer } from '../../src/gateway/issuer';

describe('the embedded issuer', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('makes its key once, for itself alone, and never hands out its secret', async () => {
    const file = path.join(directory, 'keys', 'issuer.json');
    const first = await openIssuer(directory);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    const second = await openIssuer(directory);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(first.publicKey.type).toBe('public');
    await expect(jwtVerify(await first.issue('tax'), second.publicKey)).resolves.toBeDefined();
  });

  test('two at once on one directory end with one key', async () => {
    const [one, other] = await Promise.all([openIssuer(directory), openIssuer(directory)]);
    await expect(jwtVerify(await one.issue('tax'), other.publicKey)).resolves.toBeDefined();
  });

  test.each<[string | null | undefined, number | undefined, object]>([
    [undefined, undefined, { sub: 'tax', iss: 'heyan', aud: 'heyan', jti: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    ['王五', 60, { sub: 'tax', act: { sub: '王五' } }],
  ])('a token for officer %s and %s seconds', async (officer, seconds, expected) => {
    const issuer = await openIssuer(directory, () => new Date('2026-06-30T02:00:00.500Z'));
    const token = await issuer.issue('tax', officer, seconds);
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: issuer.keyId });
    expect(iat).toBe(Date.parse('2026-06-30T02:00:00.500Z') / 1_000);
    expect(claims).toMatchObject(expected);
    expect('act' in claims).toBe(officer !== undefined);
    expect(exp - iat).toBe(seconds ?? 43_200);
  });

  test('no two tokens have one id', async () => {
    const issuer = await openIssuer(directory);
    const ids = await Promise.all(Array.from({ length: 100 }, async () => decodeJwt(await issuer.issue('tax')).jti));
    expect(new Set(ids).size).toBe(100);
  });

  test('the issuer of jobs has a key of its own each time, and leaves none on disk', async () => {
    const now = () => new Date();
    const [one, other] = await Promise.all([openJobsIssuer(now), openJobsIssuer(now)]);
    expect(one.keyId).not.toBe(other.keyId);
    expect(decodeJwt(await one.issue('tax')).iss).toBe('heyan-jobs');
    expect(readdirSync(directory)).toEqual([]);
  });
});
