import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { authenticator, CaseMalformed, PurposeRequired, Unauthenticated } from '../../src/gateway/authenticate';
import { type Issuer, openIssuer } from '../../src/gateway/issuer';

const now = () => Math.floor(Date.now() / 1_000);
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a caller', () => {
  let directory: string;
  let issuer: Issuer;
  let sign: (payload?: JWTPayload, header?: object) => Promise<string>;
  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    issuer = { ...(await openIssuer(directory)), publicKey };
    sign = (payload = {}, header = {}) =>
      new SignJWT({ sub: 'tax', iss: 'heyan', aud: 'heyan', iat: now(), exp: now() + 60, ...payload })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header })
        .sign(privateKey);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const ask = (token: string, more: object = {}) =>
    authenticator(issuer.publicKey)({ authorization: `Bearer ${token}`, purpose: 'REVIEW', ...more });

  test('is who the token says, for the purpose and case of the headers', async () => {
    expect(await ask(await sign({ act: { sub: '王五' } }), { case: '皖医保〔2026〕12号' })).toEqual({
      agency: 'tax',
      officer: '王五',
      purpose: 'REVIEW',
      case: '皖医保〔2026〕12号',
    });
    expect(await ask(await sign())).toEqual({ agency: 'tax', officer: null, purpose: 'REVIEW', case: null });
  });

  test.each<[string, (good: string) => string | Promise<string>]>([
    [
      'no signature algorithm',
      () =>
        `${base64({ alg: 'none', typ: 'at+jwt' })}.${base64({ sub: 'tax', iss: 'heyan', aud: 'heyan', iat: now(), exp: now() + 60 })}.`,
    ],
    [
      'no signature algorithm, with the signature of a good one',
      (good) => `${base64({ alg: 'none', typ: 'at+jwt' })}.${good.split('.').slice(1).join('.')}`,
    ],
    [
      'HS256 with the public key as secret',
      async (good) => {
        const text = `${base64({ alg: 'HS256', typ: 'at+jwt' })}.${good.split('.')[1]}`;
        return `${text}.${createHmac('sha256', await exportSPKI(issuer.publicKey))
          .update(text)
          .digest('base64url')}`;
      },
    ],
    ['another issuer', () => sign({ iss: 'elsewhere' })],
    ['another audience', () => sign({ aud: 'elsewhere' })],
    ['expired', () => sign({ exp: now() - 1 })],
    ['not yet', () => sign({ nbf: now() + 60 })],
    ['no end', () => sign({ exp: undefined })],
    ['no beginning', () => sign({ iat: undefined })],
    ['no agency', () => sign({ sub: undefined })],
    ['an empty agency', () => sign({ sub: '' })],
    ['another type', () => sign({}, { typ: 'JWT' })],
    ['no type', () => sign({}, { typ: undefined })],
    ['a critical extension nobody knows', () => sign({}, { crit: ['exp2'], exp2: 1 }).catch(() => 'a.b.c')],
    [
      "another key's",
      async () =>
        new SignJWT({ sub: 'tax', iss: 'heyan', aud: 'heyan', iat: now(), exp: now() + 60 })
          .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
          .sign((await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey),
    ],
    ['one character of the payload changed', (good) => good.replace(/\.(.)/, (_, c) => `.${c === 'e' ? 'f' : 'e'}`)],
    ['no signature', (good) => good.split('.').slice(0, 2).join('.')],
    ['words', () => 'let me in'],
    ['nothing', () => ''],
  ])('a token is refused: %s', async (_, make) => {
    await expect(ask(await make(await sign()))).rejects.toThrow(Unauthenticated);
  });

  test.each([undefined, '', 'Basic dGF4', 'Bearer', 'Bearer  '])(
    'authorization %j is refused',
    async (authorization) => {
      await expect(authenticator(issuer.publicKey)({ authorization, purpose: 'REVIEW' })).rejects.toThrow(
        Unauthenticated,
      );
    },
  );

  test.each([undefined, '', 'review', 'A B', 'A'.repeat(65), "A';--"])('purpose %j is no purpose', async (purpose) => {
    await expect(ask(await sign(), { purpose })).rejects.toThrow(PurposeRequired);
  });

  test('whoever is not known is told so before being told of a missing purpose', async () => {
    await expect(ask('a.b.c', { purpose: undefined })).rejects.toThrow(Unauthenticated);
  });

  test.each(['a\nb', ' a', 'x'.repeat(101), '<b>', '\u0000'])('case %j is no case number', async (number) => {
    await expect(ask(await sign(), { case: number })).rejects.toThrow(CaseMalformed);
  });
});
