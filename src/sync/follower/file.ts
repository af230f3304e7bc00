/**
 * Changes of a feed as one file of the exchange format: `source_id`, `op`, `updated_at` and the fields that were asked for, a row per change.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { SharedField } from '../../bureaus/record';
import { exportedCell } from '../csv-cell';
import type { FeedChange } from './feed';

export interface FollowedFile {
  rows: number;
  /** Whether a change of this record is in it: a file holds one row of a record at most, so the next one needs another file. */
  holds(sourceId: string): boolean;
  write(change: FeedChange): Promise<void>;
  /** Closes it when its bytes are on the disk, and gives their SHA-256 in hex. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

const CHUNK_CHARACTERS = 65_536;
/** What is in it concerns persons: nobody but the owner and the group reads it. */
const MODE = 0o640;

/** Makes a file, which must not be there yet, and writes its header. */
export async function makeFollowedFile(file: string, fields: readonly SharedField[]): Promise<FollowedFile> {
  const handle = await open(file, 'wx', MODE);
  const digest = createHash('sha256');
  const records = new Set<string>();
  let held = `${['source_id', 'op', 'updated_at', ...fields.map(({ column }) => column)].join(',')}\n`;

  async function flush(): Promise<void> {
    const bytes = Buffer.from(held, 'utf8');
    held = '';
    digest.update(bytes);
    await handle.appendFile(bytes);
  }

  return {
    get rows() {
      return records.size;
    },
    holds: (sourceId) => records.has(sourceId),
    async write(change) {
      records.add(change.sourceId);
      held += `${lineOf(change, fields)}\n`;
      if (held.length >= CHUNK_CHARACTERS) await flush();
    },
    async finish() {
      await flush();
      await handle.sync();
      await handle.close();
      return digest.digest('hex');
    },
    close: () => handle.close(),
  };
}

function lineOf({ op, sourceId, time, record }: FeedChange, fields: readonly SharedField[]): string {
  const cells = [sourceId, op === 'DELETE' ? 'D' : 'U', time, ...fields.map((field) => cellOf(field, record))];
  return cells.map(exportedCell).join(',');
}

/** Values travel in the forms of the exchange format; a list is joined as there. */
function cellOf({ name, form }: SharedField, record: FeedChange['record']): string {
  const value = record?.[name] ?? '';
  return form.form === 'numberList' && Array.isArray(value) ? value.join(';') : String(value);
}
