/**
 * Person keys: the numbers under which records are joined without anyone seeing an identity number.
 *
 * `HMAC-SM3(hub key, number)` (GB/T 32905-2016 for SM3, GB/T 15852.2-2024 and RFC 2104 for HMAC), first 16 bytes. Without the hub key a
 * key cannot be tried against the few hundred million possible numbers, which a bare hash would allow in minutes.
 */
import { createHmac } from 'node:crypto';

const KEY_BYTES = 16;

/** The key of one identity number as written: 16 bytes. Numbers that belong to one person are joined by the household register, not here. */
export function personKey(hubKey: Buffer, idNumber: string): Buffer {
  return createHmac('sm3', hubKey).update(idNumber, 'utf8').digest().subarray(0, KEY_BYTES);
}

const DOTS = /[.·•‧∙⋅・]/gu;

/** A name as names are compared: NFKC, without spaces, every dot between name parts taken as the same one. */
export function comparableName(name: string): string {
  return name.normalize('NFKC').replace(/\s+/gu, '').replace(DOTS, '·');
}

/** A keyed hash of the comparable name, 16 bytes: equal exactly when names are equal, and useless to anyone without the hub key. */
export function nameKey(hubKey: Buffer, name: string): Buffer {
  return createHmac('sm3', hubKey)
    .update(`name:${comparableName(name)}`, 'utf8')
    .digest()
    .subarray(0, KEY_BYTES);
}
