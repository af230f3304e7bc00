/**
 * Which encoding a file is in, decided by the whole file: UTF-8 or GB18030 (GB 18030-2022, of which GBK and GB 2312 are parts).
 *
 * Valid UTF-8 proves itself, because hardly any Chinese text in GB18030 is valid UTF-8. The opposite proof would be wrong: one broken byte must
 * not turn a UTF-8 file into a GB18030 one, in which nearly every byte means something. So what is counted is evidence: Chinese characters
 * that read as three or four bytes of UTF-8, against places where UTF-8 breaks. In GB18030 text about every other character breaks.
 */
import { isUtf8 } from 'node:buffer';

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

/** Adds the evidence of some whole lines; a line end is no part of a longer character in either encoding. */
export function weigh(evidence: Evidence, lines: Buffer): void {
  if (isUtf8(lines)) {
    const text = lines.toString('utf8');
    const extraBytes = lines.length - text.length;
    if (extraBytes === 0) return;
    if (/[\u0800-\uffff]/.test(text)) evidence.long += Math.ceil(extraBytes / 2);
    else if (/[\u0100-\u07ff]/.test(text)) evidence.short += extraBytes;
    return;
  }
  for (let at = 0; at < lines.length; ) at += weighCharacter(evidence, lines, at);
}

/** The encoding the evidence speaks for. Text without a single long character but with foreign short ones is no Chinese in UTF-8. */
export function decide({ long, short, breaks }: Evidence): Encoding {
  if (breaks === 0) return long === 0 && short > 0 ? 'gb18030' : 'utf-8';
  return long > breaks ? 'utf-8' : 'gb18030';
}

function weighCharacter(evidence: Evidence, bytes: Buffer, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
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
