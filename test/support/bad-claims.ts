/** Tokens whose signature is good and whose claims, headers or form are not. */
import { CLAIMS, each, headerOf, type Kind, seconds, token } from './good-token';
import { base64, compact, type TestKey } from './tokens';

export const CLAIM_KINDS: Kind[] = (
  [
    ['typ JWT', {}, { typ: 'JWT' }],
    ['no typ', {}, { typ: undefined }],
    ['typ of an ID token', {}, { typ: 'id+jwt' }],
    ['typ with more after it', {}, { typ: 'at+jwt; x' }],
    ['typ that is no text', {}, { typ: ['at+jwt'] }],
    ['another audience', { aud: 'elsewhere' }],
    ['no audience', { aud: undefined }],
    ['an empty audience', { aud: '' }],
    ['audiences without us', { aud: ['elsewhere'] }],
    ['audiences, we among them', { aud: ['elsewhere', 'hub'] }],
    ['audiences, we twice', { aud: ['hub', 'hub'] }],
    ['an empty list of audiences', { aud: [] }],
    ['an audience that only begins like ours', { aud: 'hub.evil' }],
    ['an audience in other letters', { aud: 'HUB' }],
    ['another issuer', { iss: 'elsewhere' }],
    ['no issuer', { iss: undefined }],
    ['an issuer in other letters', { iss: 'Bureau' }],
    ['an issuer with a blank', { iss: 'bureau ' }],
    ['a list of issuers', { iss: ['bureau'] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is no text', { sub: 7 }],
    ['a subject of the issuer, in other letters', { sub: 'Tax' }],
    ['an agency that the issuer may not speak for', { sub: 'civil-affairs' }],
    ['an agency that the issuer may speak for and nobody registered', { sub: 'ghost' }],
    ['no id', { jti: undefined }],
    ['an empty id', { jti: '' }],
    ['an id that is no text', { jti: 5 }],
    ['ended', { exp: seconds - 31 }],
    ['ended long ago', { exp: 1 }],
    ['no end', { exp: undefined }],
    ['an end in words', { exp: '2030-01-01' }],
    ['an end as text', { exp: String(seconds + 600) }],
    ['an end that is null', { exp: null }],
    ['an end in milliseconds', { exp: (seconds + 600) * 1_000 }],
    ['an end beyond what holds a number', { exp: 1e300 }],
    ['a negative end', { exp: -seconds }],
    ['more than a day', { iat: seconds, exp: seconds + 86_401 }],
    ['not before soon', { nbf: seconds + 31 }],
    ['not before, as text', { nbf: String(seconds - 60) }],
    ['not before, null', { nbf: null }],
    ['issued in the future', { iat: seconds + 31 }],
    ['issued far in the future', { iat: seconds + 1e9, exp: seconds + 1e9 + 60 }],
    ['issued in milliseconds', { iat: (seconds - 60) * 1_000, exp: seconds * 1_000 }],
    ['no time of issue', { iat: undefined }],
    ['time of issue as text', { iat: String(seconds - 60) }],
    ['issued after it ends', { iat: seconds + 20, exp: seconds + 10 }],
    ['issued before time', { iat: -1 }],
    ['an officer without a name', { act: {} }],
    ['an officer as bare text', { act: '王五' }],
    ['an officer that is null', { act: null }],
    ['an officer with an empty name', { act: { sub: '' } }],
    ['an officer with two names', { act: { sub: ['王五', '赵六'] } }],
    ['an officer with too long a name', { act: { sub: '王'.repeat(101) } }],
    ['an officer with a line break', { act: { sub: '王\n五' } }],
    ['an unknown critical extension', {}, { crit: ['exp2'], exp2: 1 }],
    ['a critical extension that is not there', {}, { crit: ['exp2'] }],
    ['an empty list of critical extensions', {}, { crit: [] }],
    ['critical extensions that are no list', {}, { crit: 'exp' }],
    ['critical extensions that are null', {}, { crit: null }],
    ['a critical registered name', {}, { crit: ['alg'] }],
    ['a payload that is not encoded', {}, { crit: ['b64'], b64: false }],
    ['a payload that says it is encoded', {}, { crit: ['b64'], b64: true }],
    ['b64 alone', {}, { b64: false }],
    ['compressed', {}, { zip: 'DEF' }],
    ['encrypted', {}, { enc: 'A128GCM' }],
  ] as [string, object, object?][]
).flatMap(([name, claims, header]) => each(name, (key) => token(key, claims, header)));

const json = (value: object) => JSON.stringify(value).slice(1, -1);
/** Signed as they are, so that nothing but the form of the text can be what is refused. */
const written = (key: TestKey, header: string, claims: string) => {
  const text = `${header}.${claims}`;
  return `${text}.${base64(key.signs(text))}`;
};
export const FORMS: Kind[] = [
  ...each('algorithm twice, none first', (key) => compact(`{"alg":"none",${json(headerOf(key))}}`, CLAIMS, key.signs)),
  ...each('algorithm twice, the same', (key) =>
    compact(`{"alg":"${key.algorithm}",${json(headerOf(key))}}`, CLAIMS, key.signs),
  ),
  ...each('a claim twice', (key) => compact(headerOf(key), `{"sub":"civil-affairs",${json(CLAIMS)}}`, key.signs)),
  ...each('a claim twice, once spelt in escapes', (key) =>
    compact(headerOf(key), `{"s\\u0075b":"civil-affairs",${json(CLAIMS)}}`, key.signs),
  ),
  ...each('a name twice deep inside', (key) =>
    compact(headerOf(key), `{"act":{"sub":"a","sub" : "b"},${json(CLAIMS)}}`, key.signs),
  ),
  ...each('claims that are a list', (key) => compact(headerOf(key), [CLAIMS], key.signs)),
  ...each('claims that are text', (key) => compact(headerOf(key), '"tax"', key.signs)),
  ...each('claims that are null', (key) => compact(headerOf(key), 'null', key.signs)),
  ...each('claims that are no JSON', (key) => compact(headerOf(key), 'sub=tax', key.signs)),
  ...each('claims with more after them', (key) => compact(headerOf(key), `${JSON.stringify(CLAIMS)}{}`, key.signs)),
  ...each('claims that are no UTF-8', (key) =>
    compact(
      headerOf(key),
      Buffer.concat([Buffer.from(`{"x":"`), Buffer.from([0xff]), Buffer.from(`",${json(CLAIMS)}}`)]),
      key.signs,
    ),
  ),
  ...each('claims behind a byte order mark', (key) =>
    compact(headerOf(key), `\ufeff${JSON.stringify(CLAIMS)}`, key.signs),
  ),
  ...each('a header that is a list', (key) => compact([headerOf(key)], CLAIMS, key.signs)),
  ...each('unused bits in the payload', (key) => written(key, base64(headerOf(key)), looseBits(CLAIMS))),
  ...each('unused bits in the header', (key) => written(key, looseBits(headerOf(key)), base64(CLAIMS))),
  ...each('padding with =', (key) => written(key, base64(headerOf(key)), `${looseBits(CLAIMS).slice(0, -1)}Q==`)),
  ...each('base64 with + and /', (key) =>
    written(
      key,
      base64(headerOf(key)),
      Buffer.from(JSON.stringify({ ...CLAIMS, x: '???>>>' }))
        .toString('base64')
        .replace(/=+$/, ''),
    ),
  ),
  ...each('a blank in the header', (key) => token(key).replace('.', ' .')),
  ...each('a line break in the payload', (key) => token(key).replace('.', '.\n')),
  ...each('a tab in the signature', (key) => token(key).replace(/\.([^.]*)$/, '.\t$1')),
  ...each('a question mark in the signature', (key) => `${token(key).slice(0, -1)}?`),
  ...each('the payload altered', (key) => {
    const [head, , signature] = token(key).split('.');
    return [head, base64({ ...CLAIMS, jti: 'two' }), signature].join('.');
  }),
  ...each('the header altered', (key) => {
    const [, body, signature] = token(key).split('.');
    return [base64({ ...headerOf(key), x: 1 }), body, signature].join('.');
  }),
  ...each('no header', (key) => token(key).replace(/^[^.]*/, '')),
  ...each('no payload', (key) => token(key).replace(/\.[^.]*\./, '..')),
  ...each('an empty payload, signed', (key) => compact(headerOf(key), '', key.signs)),
  ...each('no signature and no dot', (key) => token(key).split('.').slice(0, 2).join('.')),
  ...each('payload alone', (key) => token(key).split('.')[1] as string),
  ...each('a fourth part', (key) => `${token(key)}.x`),
  ...each('an empty fourth part', (key) => `${token(key)}.`),
  ...each('five parts, as if encrypted', (key) => `${token(key)}.x.y`),
  ...each('JSON serialisation', (key) => {
    const [head, payload, signature] = token(key).split('.');
    return JSON.stringify({ protected: head, payload, signature });
  }),
  ...each('too long', (key) => token(key, { x: 'x'.repeat(8_000) })),
  ['words', () => 'let me in'],
  ['nothing', () => ''],
];

/** Canonical base64url whose last character is changed in the bits that decode to nothing. */
function looseBits(value: object): string {
  const text = [value, { ...value, x: 1 }, { ...value, x: 12 }]
    .map(base64)
    .find((one) => one.length % 4 !== 0) as string;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.at(-1) as string) + 1]}`;
}
