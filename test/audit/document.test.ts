import { createHash } from 'node:crypto';
import { documentHash, partHashes } from '../../src/audit/document';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('each part is hashed as canonical JSON, and their hashes once more', () => {
  const document = { b: [], a: { y: 1, x: '死' } };
  const parts = { a: sha256('{"x":"死","y":1}'), b: sha256('[]') };
  expect(partHashes(document, 'sha256')).toEqual(parts);
  expect(documentHash(document, 'sha256')).toBe(sha256(`{"a":"${parts.a}","b":"${parts.b}"}`));
  expect(documentHash(document, 'sm3')).not.toBe(documentHash(document, 'sha256'));
});

test.each([
  ['another value', { a: 2 }],
  ['another name', { b: 1 }],
  ['a part more', { a: 1, b: 1 }],
])('%s is another hash', (_, other) => {
  expect(documentHash(other, 'sha256')).not.toBe(documentHash({ a: 1 }, 'sha256'));
});
