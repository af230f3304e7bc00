import { checkIdNumber, type IdNumber } from '../bureaus/id-number';
import { nameKey, personKey } from '../bureaus/keys';

/** What a loaded row needs to know of an identity number: its key in hex, and what the number says by itself. */
export interface NumberFacts {
  key: string;
  checked: IdNumber;
}

/** Keys under one hub key, remembered because HMAC-SM3 costs about 10 µs and the same few persons come again and again. */
export interface Keys {
  ofNumber(idNumber: string): NumberFacts;
  /** Key of a name in hex. */
  ofName(name: string): string;
}

const REMEMBERED_MAX = 200_000;

/** At most `rememberedMax` numbers and as many names stay in memory, some 200 bytes each. */
export function keysUnder(hubKey: Buffer, rememberedMax = REMEMBERED_MAX): Keys {
  return {
    ofNumber: remembering(rememberedMax, (idNumber) => ({
      key: personKey(hubKey, idNumber).toString('hex'),
      checked: checkIdNumber(idNumber),
    })),
    ofName: remembering(rememberedMax, (name) => nameKey(hubKey, name).toString('hex')),
  };
}

/** Two generations instead of a list in order of use: what the older one holds and nobody asks for is dropped in one go. */
function remembering<T>(max: number, make: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const value = old.get(text) ?? make(text);
    if (young.size >= max / 2) {
      old = young;
      young = new Map();
    }
    // A copy: the text may be a slice that would keep the whole block it was read from in memory.
    young.set(Buffer.from(text, 'utf8').toString('utf8'), value);
    return value;
  };
}
