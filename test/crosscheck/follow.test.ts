import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Like } from 'typeorm';
import { listFindings } from '../../src/crosscheck/finding';
import { type Ask, follow } from '../../src/crosscheck/follow';
import { recordKindNames } from '../../src/crosscheck/rule';
import { allRules } from '../../src/crosscheck/rulebook';
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import type { Hub } from '../../src/hub/hub';
import { Agreement } from '../../src/sharing/agreement';
import { loadDelivery } from '../../src/sync/load';
import { approve } from '../support/agreement';
import { SAMPLE_CITY, SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { AS_OF, DELIVERED } from './plant';

jest.setTimeout(120_000);

let opened: TestHub;
let database: Database;
let hub: Hub;
let milliseconds = 0;

/** One hub for all tests, in their order: what the first delivers and follows, the others find. */
beforeAll(async () => {
  opened = await testHub({ now: () => new Date(Date.parse(`${AS_OF}T02:00:00Z`) + milliseconds++) });
  ({ database, hub } = opened);
  await deliver('delivery');
});

afterAll(() => opened.close());

function emptyStore(): Promise<unknown> {
  const tables = [...recordKindNames, 'alias', 'progress', 'touched'].map((table) => `matching.${table}`);
  return database.pool.query(`truncate ${tables.join(', ')}`);
}

function deliver(name: string): Promise<unknown> {
  return loadDelivery(database, { directory: path.join(SAMPLE_CITY, name), hubKey: SAMPLE_KEY, quarantineLimit: 0.2 });
}

/** The hub's door, but for pages of fewer changes, and shut after so many of them. */
function pagesOf(first: number, pagesMax = Number.POSITIVE_INFINITY): Ask {
  let pages = 0;
  return (query, variables) => {
    pages += 1;
    if (pages > pagesMax) throw new Error('the line is cut');
    return hub.ask(query, { ...variables, first });
  };
}

/** Every row of the store, without who was touched; with the transaction that wrote it when asked. */
async function store(withWriter = false): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  for (const table of [...recordKindNames, 'alias', ...(withWriter ? ['progress', 'touched'] : [])]) {
    const { rows } = await database.pool.query(
      `select ${withWriter ? 'xmin::text,' : ''} t::text as row from matching.${table} t order by t::text collate "C"`,
    );
    tables[table] = rows;
  }
  return tables;
}

/** The findings of the rules there are, as the sample city's list of what must be found has them. */
async function found(): Promise<string[]> {
  await check({ database, asOf: AS_OF, freshness: DELIVERED });
  const { findings } = await listFindings(database, { first: 5_000, state: 'OPEN' });
  return findings
    .map(({ rule, subjectKind, subject, amount, tier }) => [rule, subjectKind, subject, amount, tier ?? ''].join())
    .sort();
}

function expected(file: string): string[] {
  const codes = new Set(allRules().map(({ code }) => code));
  const lines = readFileSync(path.join(SAMPLE_CITY, file), 'utf8').trim().split(/\r?\n/);
  return lines.filter((line) => codes.has(line.split(',')[0] as string)).sort();
}

test('a city followed through the door gives exactly its findings, also after the next delivery', async () => {
  const report = await follow({ database, ask: hub.ask });
  expect(report.failed).toEqual([]);
  expect(report.changes.claim).toBeGreaterThan(4_000);
  expect(report.numbersMoved).toBeGreaterThan(0);
  expect(await found()).toEqual(expected('expected.csv'));
  await deliver('delivery-2');
  await follow({ database, ask: hub.ask });
  expect(await found()).toEqual(expected('expected-2.csv'));
});

test('with nothing new a second follow writes nothing', async () => {
  const before = await store(true);
  const report = await follow({ database, ask: hub.ask });
  expect(Object.values(report.changes).every((changes) => changes === 0)).toBe(true);
  expect(report.numbersMoved).toBe(0);
  expect(await store(true)).toEqual(before);
});

test('small pages, cut lines and two followers at once end in the same store', async () => {
  const straight = await store();
  await emptyStore();
  const cut = await follow({ database, ask: pagesOf(900, 20) });
  expect(cut.failed).not.toEqual([]);
  await Promise.all([follow({ database, ask: pagesOf(700) }), follow({ database, ask: pagesOf(1_100) })]);
  expect(await store()).toEqual(straight);
});

test('a kind no longer granted is behind, the others go on, and only rules that read it are skipped', async () => {
  const agreements = database.dataSource.getRepository(Agreement);
  const poverty = { provider: 'rural-revitalisation', agency: 'medical-insurance-supervision' };
  await emptyStore();
  await agreements.update(poverty, { state: 'REVOKED' });
  const report = await follow({ database, ask: hub.ask });
  expect(report.failed.map(({ kind }) => kind)).toEqual(['poverty']);
  expect(report.changes.claim).toBeGreaterThan(0);
  const { rules } = await check({ database, asOf: AS_OF, freshness: DELIVERED });
  expect(rules.filter((rule) => 'skipped' in rule).map(({ rule }) => rule)).toEqual(['P1', 'X3']);
  const [revoked] = await agreements.findBy({ id: Like('%/FUND_SUPERVISION'), ...poverty });
  await approve(database, hub.signer, {
    ...(revoked as Agreement),
    id: `${revoked?.id}-2`,
    state: 'APPROVED',
    approval: null,
  });
  expect((await follow({ database, ask: hub.ask })).failed).toEqual([]);
  expect(await found()).toEqual(expected('expected-2.csv'));
});
