import pg from 'pg';

type Parse = (text: string) => unknown;

/** PostgreSQL's own numbers of its types (pg_type.oid), which never change. */
const oid = {
  date: 1082,
  dates: 1182,
  timestamp: 1114,
  timestamps: 1115,
  timestamptz: 1184,
  timestamptzs: 1185,
  numerics: 1231,
};
const textArrayOid: number = 1009;

const asText: Parse = (text) => text;
const asTexts = pg.types.getTypeParser(textArrayOid, 'text') as (text: string) => (string | null)[];

/**
 * '2026-06-30 08:00:00.123456+00' → '2026-06-30T08:00:00.123456Z'. Sessions are in UTC, so no other offset occurs; 'infinity' stays.
 */
export function isoText(text: string): string {
  return text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');
}

const parsers = new Map<number, Parse>([
  [oid.date, asText],
  [oid.dates, asTexts],
  [oid.timestamp, isoText],
  [oid.timestamps, (text) => asTexts(text).map((item) => item && isoText(item))],
  [oid.timestamptz, isoText],
  [oid.timestamptzs, (text) => asTexts(text).map((item) => item && isoText(item))],
  // pg makes numbers of them, which would round money.
  [oid.numerics, asTexts],
]);

/** pg's `types` option: ours where pg would make a Date or a rounded number, pg's own otherwise (bigint and numeric are text there). */
export const typeParsers = {
  getTypeParser: (type: number, format?: 'text' | 'binary'): unknown =>
    (format !== 'binary' && parsers.get(type)) || pg.types.getTypeParser(type, format ?? 'text'),
};
