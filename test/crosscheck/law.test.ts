/** The rules as SQL against the law as plain words: over the sample city, which proves the words, and over random cities. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { decode } from 'iconv-lite';
import { personKey } from '../../src/bureaus/keys';
import { listFindings } from '../../src/crosscheck/finding';
import { allRules } from '../../src/crosscheck/rulebook';
import { check } from '../../src/crosscheck/run';
import { testDatabase } from '../support/database';
import { SAMPLE_CITY, SAMPLE_DAY, SAMPLE_KEY } from '../support/hub';
import { type City, KINDS, type Row } from './law';
import { findingsOf } from './law-rules';
import { AS_OF, DELIVERED, markFollowed } from './plant';
import { keyOf, plantCity, randomCity } from './random-city';

function sampleCity(...deliveries: string[]): City {
  const standing = (kind: string) => {
    const rows = new Map<string, Row>();
    for (const row of deliveries.flatMap((delivery) => readRows(path.join(SAMPLE_CITY, delivery, `${kind}.csv`)))) {
      const before = rows.get(row.source_id as string);
      const at = (of: Row | undefined) => Date.parse(of?.updated_at ?? '1900-01-01');
      if (at(row) >= at(before)) rows.set(row.source_id as string, row);
    }
    return [...rows.values()].filter((row) => row.op !== 'D');
  };
  return Object.fromEntries(KINDS.map((kind) => [kind, standing(kind)])) as unknown as City;
}

function readRows(file: string): Row[] {
  const bytes = readFileSync(file);
  const utf8 = bytes.toString('utf8');
  const rows = parse(utf8.includes('\uFFFD') ? decode(bytes, 'gb18030') : utf8, { columns: true, bom: true }) as Row[];
  const dashed = (text: string) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value = '']) => [
        column,
        /_(on|at|date)$/.test(column) && /^\d{8}$/.test(value) ? dashed(value) : value,
      ]),
    ),
  );
}

const withoutHeader = (file: string) =>
  readFileSync(path.join(SAMPLE_CITY, file), 'utf8').trim().split('\n').slice(1).sort();
const sampleKey = (number: string) => personKey(SAMPLE_KEY, number).toString('hex');

test('the words find in the sample city what is there', () => {
  expect(findingsOf(sampleCity('delivery'), SAMPLE_DAY, sampleKey)).toEqual(withoutHeader('expected.csv'));
  expect(findingsOf(sampleCity('delivery', 'delivery-2'), SAMPLE_DAY, sampleKey)).toEqual(
    withoutHeader('expected-2.csv'),
  );
});

describe.each([1, 2, 3])('random city %i', (seed) => {
  test('the rules find what the words say, and every rule something', async () => {
    const city = randomCity(seed, 400);
    const database = await testDatabase();
    try {
      await markFollowed(database);
      await plantCity(database, city);
      await check({ database, asOf: AS_OF, freshness: DELIVERED });
      const { findings } = await listFindings(database, { first: 5_000 });
      const found = findings.map(({ rule, subjectKind, subject, amount, tier }) =>
        [rule, subjectKind, subject, amount, tier ?? ''].join(','),
      );
      expect(found.sort()).toEqual(findingsOf(city, AS_OF, keyOf));
      expect([...new Set(findings.map(({ rule }) => rule))].sort()).toEqual(allRules().map(({ code }) => code));
    } finally {
      await database.close();
    }
  });
});
