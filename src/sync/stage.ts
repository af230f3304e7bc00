import { finished } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Form } from '../bureaus/form';
import type { RecordKind } from '../bureaus/record';
import type { Checked, CheckedRow, Layout } from './check';
import type { Recognise } from './recognise';
import type { SourceRow } from './sources/source';

/** The temporary table that holds a kind's delivery while it is compared with what stands. */
export function stagedTable(kind: RecordKind): string {
  return `pg_temp.staged_${kind.kind}`;
}

/** The kind's columns that a load fills, in the order of its fields. */
export function loadedColumns(kind: RecordKind): string[] {
  return [
    'source_id',
    'op',
    'updated_at',
    'content_hash',
    'delivered_hash',
    ...kind.fields.map((field) => field.column),
  ];
}

/**
 * Copies a delivery into its temporary table: good rows with their values, those that stand already without (their `op` is null), the others
 * with the reason and the row itself. Answers with the number of rows. Memory holds two batches at a time.
 */
export async function stage(
  client: PoolClient,
  kind: RecordKind,
  layout: Layout,
  batches: AsyncIterable<SourceRow[]>,
  recognise: Recognise,
  onRows: (rows: number) => void,
): Promise<number> {
  const table = stagedTable(kind);
  const columns = loadedColumns(kind).join(', ');
  await client.query(`drop table if exists ${table}`);
  await client.query(
    `create temp table ${table.slice('pg_temp.'.length)} as select 0::bigint as line, null::text as reason, null::text as raw, ${columns} from ${kind.table} with no data`,
  );
  const encode = encoder(kind, layout);
  // One statement per batch, so that the connection is free in between; one is under way while the next batch is read.
  let copied = Promise.resolve();
  let rows = 0;
  try {
    for await (const batch of batches) {
      rows += batch.length;
      const { hashes, standing } = await recognise(batch, copied);
      let lines = '';
      for (let place = 0; place < batch.length; place++)
        lines += encode(batch[place] as SourceRow, hashes[place] ?? null, standing.has(place));
      await copied;
      if (lines !== '') copied = copyIn(client, `copy ${table} (line, reason, raw, ${columns}) from stdin`, lines);
      copied.catch(() => undefined);
      onRows(rows);
    }
  } finally {
    await copied;
  }
  return rows;
}

async function copyIn(client: PoolClient, statement: string, lines: string): Promise<void> {
  const copy = client.query(copyFrom(statement));
  const done = finished(copy);
  copy.end(Buffer.from(lines, 'utf8'));
  await done;
}

/** A source that knows keys has told the row's, or that it cannot be told; a line of a file is cut at its commas. */
function keyOf(row: SourceRow, layout: Layout): string | undefined {
  return 'sourceId' in row ? row.sourceId : layout.sourceIdOf(row.raw);
}

function encoder(
  kind: RecordKind,
  layout: Layout,
): (row: SourceRow, deliveredHash: string | null, stands: boolean) => string {
  const encodings = kind.fields.map((field) => encodingOf(field.form));
  const noValues = '\t\\N'.repeat(encodings.length);
  const sourceIdAt = layout.sourceIdAt;

  function good(
    line: number,
    { sourceId, op, updatedAt, contentHash, values }: CheckedRow,
    hash: string | null,
  ): string {
    const delivered = hash === null ? '\\N' : `\\\\x${hash}`;
    let text = `${line}\t\\N\t\\N\t${escaped(sourceId)}\t${op}\t${updatedAt}\t\\\\x${contentHash}\t${delivered}`;
    for (let i = 0; i < encodings.length; i++) {
      const value = values[i] as string | null;
      text += value === null ? '\t\\N' : `\t${(encodings[i] as Encode)(value)}`;
    }
    return `${text}\n`;
  }

  return (row, deliveredHash, stands) => {
    const { line, cells } = row;
    if (cells && stands)
      return `${line}\t\\N\t\\N\t${escaped(cells[sourceIdAt] as string)}\t\\N\t\\N\t\\N\t\\N${noValues}\n`;
    const checked: Checked = cells
      ? layout.check(cells)
      : { ok: false, reason: row.fault as string, sourceId: keyOf(row, layout) };
    if (checked.ok) return good(line, checked.row, deliveredHash);
    const sourceId = checked.sourceId === undefined ? '\\N' : escaped(checked.sourceId);
    return `${line}\t${escaped(checked.reason)}\t${escaped(row.raw)}\t${sourceId}\t\\N\t\\N\t\\N\t\\N${noValues}\n`;
  };
}

type Encode = (value: string) => string;

/** COPY's text format: a backslash stands before what has a meaning there. */
function encodingOf(form: Form): Encode {
  switch (form.form) {
    case 'text':
      return escaped;
    case 'personKey':
    case 'nameKey':
      return (hex) => `\\\\x${hex}`;
    case 'numberKeys':
      return (list) =>
        escaped(
          `{${list
            .split(';')
            .map((hex) => `"\\\\x${hex}"`)
            .join(',')}}`,
        );
    case 'numberList':
      return (list) =>
        escaped(
          `{${list
            .split(';')
            .map((number) => `"${number.replace(/["\\]/g, '\\$&')}"`)
            .join(',')}}`,
        );
    default:
      return (value) => value;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL's text cannot hold NUL, which a quarantined row may
const MEANINGFUL = /[\\\n\r\t\u0000]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u0000': '\u2400',
};

function escaped(text: string): string {
  if (!MEANINGFUL.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  return text.replace(/[\\\n\r\t\u0000]/g, (character) => ESCAPES[character] as string);
}
