/**
 * Which encoding a file is in, decided by the whole file: UTF-8 or GB18030 (GB 18030-2022, of which GBK and GB 2312 are parts).
 *
 * Valid UTF-8 proves itself, because hardly any Chinese text in GB18030 is valid UTF-8. The opposite proof would be wrong: one broken byte must
 * not turn a UTF-8 file into a GB18030 one, in which nearly every byte means something. So what is counted is evidence: Chinese characters
 * that read as three or four bytes of UTF-8, against places where UTF-8 breaks. In GB18030 text about every other character breaks.
 */
import { isAscii, isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'gb18030';

/** Three and four byte characters, two byte characters beyond Latin-1, and breaks, all read as UTF-8. */
export interface Evidence {
  long: number;
  short: number;
  breaks: number;
}

export function noEvidence(): Evidence {
  return { long: 0, short: 0, breaks: 0 };
}

/** Of lines that are valid as UTF-8 so much is counted and the rest estimated: weights are compared, and a file of gigabytes is read twice. */
const SAMPLE_BYTES = 16 * 1024;

/** Adds the evidence of some whole lines; a line end is no part of a longer character in either encoding. */
export function weigh(evidence: Evidence, lines: Buffer): void {
  if (isAscii(lines)) return;
  if (!isUtf8(lines)) {
    count(evidence, lines);
    return;
  }
  const sample = noEvidence();
  count(sample, lines.subarray(0, SAMPLE_BYTES));
  const scale = lines.length / Math.min(lines.length, SAMPLE_BYTES);
  if (sample.long > 0) evidence.long += sample.long * scale;
  else {
    const whole = noEvidence();
    count(whole, lines);
    evidence.long += whole.long;
    evidence.short += whole.short;
  }
}

function count(evidence: Evidence, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    if ((bytes[at] as number) < 0x80) at++;
    else at += weighCharacter(evidence, bytes, at);
  }
}

/** The encoding the evidence speaks for. Text without a single long character but with foreign short ones is no Chinese in UTF-8. */
export function decide({ long, short, breaks }: Evidence): Encoding {
  if (breaks === 0) return long === 0 && short > 0 ? 'gb18030' : 'utf-8';
  return long > breaks ? 'utf-8' : 'gb18030';
}

function weighCharacter(evidence: Evidence, bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  const length =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) {
      evidence.breaks++;
      return i;
    }
  }
  if (length === 0) evidence.breaks++;
  else if (length > 2) evidence.long++;
  else if (lead > 0xc3) evidence.short++;
  return length || 1;
}
