import { createHash } from 'node:crypto';
import { comparableName, nameKey, personKey } from '../../src/bureaus/keys';

const sm3 = (...parts: Buffer[]) => createHash('sm3').update(Buffer.concat(parts)).digest();

/** HMAC as RFC 2104 writes it, over SM3 with its block of 64 bytes. */
function hmacSm3(key: Buffer, message: string): Buffer {
  const block = Buffer.alloc(64);
  (key.length > 64 ? sm3(key) : key).copy(block);
  const pad = (byte: number) => Buffer.from(block.map((one) => one ^ byte));
  return sm3(pad(0x5c), sm3(pad(0x36), Buffer.from(message, 'utf8')));
}

test('SM3 is SM3: the digest of "abc" (GB/T 32905-2016, annex A)', () => {
  expect(sm3(Buffer.from('abc')).toString('hex')).toBe(
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  );
});

test.each([16, 32, 64, 65, 100])(
  'a person key is the first half of HMAC-SM3 of the number, under a key of %i bytes',
  (bytes) => {
    const key = Buffer.alloc(bytes, 0xa5);
    expect(personKey(key, '11010519491231002X').toString('hex')).toBe(
      hmacSm3(key, '11010519491231002X').subarray(0, 16).toString('hex'),
    );
  },
);

test('another hub key, and another form of the number, give another person key', () => {
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  expect(personKey(one, '340303460507101')).not.toEqual(personKey(other, '340303460507101'));
  expect(personKey(one, '340303460507101')).not.toEqual(personKey(one, '340303194605071015'));
});

test.each([
  ['阿依古丽·买买提', '阿依古丽·买买提'], ['阿依古丽.买买提', '阿依古丽·买买提'], ['阿依古丽•买买提', '阿依古丽·买买提'], ['阿依古丽‧买买提', '阿依古丽·买买提'],
  ['阿依古丽∙买买提', '阿依古丽·买买提'], ['阿依古丽⋅买买提', '阿依古丽·买买提'], ['阿依古丽・买买提', '阿依古丽·买买提'], ['阿依古丽．买买提', '阿依古丽·买买提'],
  ['阿依古丽･买买提', '阿依古丽·买买提'], [' 阿依古丽 · 买买提 ', '阿依古丽·买买提'], ['张　伟', '张伟'], ['张\u00a0伟\t', '张伟'], ['ＬＩ', 'LI'], ['Ⅷ', 'VIII'], ['⼀', '一'],
  ['张伟', '张伟'], ['張偉', '張偉'], ['', ''],
])('%j is compared as %j', (name, expected) => {
  expect(comparableName(name)).toBe(expected);
}); // biome-ignore format: a table

test('name keys are equal exactly when names are, differ under another hub key, and are no person keys', () => {
  const key = Buffer.alloc(32, 1);
  expect(nameKey(key, '张 伟')).toEqual(nameKey(key, '张伟'));
  expect(nameKey(key, '张伟')).not.toEqual(nameKey(key, '张炜'));
  expect(nameKey(key, '张伟')).not.toEqual(nameKey(Buffer.alloc(32, 2), '张伟'));
  expect(nameKey(key, '340303460507101')).not.toEqual(personKey(key, '340303460507101'));
  expect(nameKey(key, '张伟').toString('hex')).toBe(hmacSm3(key, 'name:张伟').subarray(0, 16).toString('hex'));
});
