import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { testDatabase } from '../support/database';
import { hubKey, writeDelivery } from './delivery';

jest.setTimeout(120_000);

const MUTATIONS = 300;
const SEED = 20_260_630;
const BYTES = Buffer.from('",\n\r\0 ;\\\t\u00e9', 'utf8');

/** Mulberry32: the same numbers for the same seed, everywhere. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutated(bytes: Buffer, below: (bound: number) => number): Buffer {
  const at = below(bytes.length);
  const byte = below(2) === 0 ? (BYTES[below(BYTES.length)] as number) : below(256);
  switch (below(3)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(4))]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
  }
}

const file = Buffer.from(
  `source_id,op,updated_at,id_number,previous_id_numbers,name,sex,birth_date,household_no,address,district_code,status
H1,,2026-01-01T00:00:00+08:00,340302197410037308,340302741003730;x\\y,张伟,1,1974-10-03,1,"怀远路 ""1"" 号,\n二单元",340302,ACTIVE
H2,U,20260101,340302741003730,,买买提·艾力,1,19741003,2,,340302,CANCELLED
H3,D,2026-01-02T00:00:00Z,,,,,,,,,
`,
  'utf8',
);

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test(`${MUTATIONS} damaged files: none stops the loader, and every row is accounted for`, async () => {
  const below = seeded(SEED);
  const states = new Set<string>();
  for (let i = 0; i < MUTATIONS; i++) {
    let bytes: Buffer = file;
    for (let damage = 0; damage <= below(4); damage++) bytes = mutated(bytes, below);
    const { directory, remove } = writeDelivery({ 'household.csv': bytes });
    const report = await loadDelivery(database, { directory, hubKey, quarantineLimit: 0.9 }).finally(remove);
    const [kind] = report.kinds;
    if (!kind) throw new Error('no report');
    states.add(kind.state);
    if (kind.state === 'FAILED') expect([i, kind.reason?.length ?? 0, kind.rowsIn]).toEqual([i, expect.any(Number), 0]);
    if (kind.state !== 'COMPLETE') continue;
    const { rowsIn, inserted, changed, unchanged, deleted, stale, quarantined } = kind;
    expect([i, inserted + changed + unchanged + deleted + stale + quarantined]).toEqual([i, rowsIn]);
  }
  expect(states).toContain('COMPLETE');
  expect(states).toContain('FAILED');
});
