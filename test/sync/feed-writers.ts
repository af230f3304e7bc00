/**
 * Four writers in a process of their own, each on its own connections, who take random deliveries in for some seconds: half of them as every load
 * does, under their bureau's lease, half without it, so that the change log's own lock is all that orders their commits.
 *
 *     node -r run-typescript.cjs feed-writers.ts DATABASE-URL SEED SECONDS
 *
 * Says `ready`, begins with the first line that it is given, and ends with how many deliveries it took in, as JSON.
 */
import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Bureau, bureaus } from '../../src/bureaus/bureau';
import { type Database, openDatabase } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { keysUnder } from '../../src/sync/number-keys';
import { takeDelivery } from '../../src/sync/take-delivery';
import { hubKey } from './delivery';

const WRITERS = 4;
const RECORDS = 300;
const NUMBERS = ['340303194605071015', '340303198001022026', '340303197003033031'];

/** A number from 0 up to, but not including, `below`. */
type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Some records, each once, in any order. */
function some(count: number, random: Random): number[] {
  const all = Array.from({ length: RECORDS }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const other = i + random(RECORDS - i);
    [all[i], all[other]] = [all[other] as number, all[i] as number];
  }
  return all.slice(0, count);
}

const CLAIM =
  'source_id,op,updated_at,id_number,name,institution_code,care_district,pooling_district,claim_type,service_date,settled_at,total_amount,pooled_paid,benefit_tier,status';

/** When a source touched a record: mostly later than whatever stands, at times by so much earlier that it is stale. */
function touched(random: Random): string {
  return new Date(Date.now() - random(random(5) === 0 ? 3_000 : 50)).toISOString();
}

/** Claims that are new, changed, deleted, the same, or older than what stands; some of them in another district than before. */
function claims(count: number, random: Random): string {
  const rows = some(count, random).map((record) => {
    const op = random(8) === 0 ? 'D' : 'U';
    const status = ['PAID', 'REVERSED', 'RECOVERED'][random(3)];
    return `C${record},${op},${touched(random)},${NUMBERS[record % 3]},金丝雀${record},H1,340303,34030${3 + random(2)},OUTPATIENT,2026-01-05,2026-01-06T08:00:00+08:00,${random(900)}.50,1.00,BASIC,${status}`;
  });
  return `${[CLAIM, ...rows].join('\n')}\n`;
}

function lines(count: number, random: Random): string {
  const head =
    'source_id,updated_at,claim_source_id,line_no,item_code,item_group,service_date,quantity,unit_price,amount';
  const rows = some(count, random).map(
    (record) => `C${record}-1,${touched(random)},C${record},1,X,DRUG,2026-01-05,1,${random(90)}.00,1.00`,
  );
  return `${[head, ...rows].join('\n')}\n`;
}

async function write(database: Database, random: Random, until: number, isLeased: boolean): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-writer-'));
  const bureau = bureaus().find(({ name }) => name === 'claim') as Bureau;
  const keys = keysUnder(hubKey);
  let deliveries = 0;
  for (; Date.now() < until; deliveries++) {
    writeFileSync(path.join(directory, 'claim.csv'), claims(1 + random(random(4) === 0 ? RECORDS : 20), random));
    rmSync(path.join(directory, 'claim_line.csv'), { force: true });
    if (random(3) === 0) writeFileSync(path.join(directory, 'claim_line.csv'), lines(1 + random(20), random));
    if (isLeased) {
      await loadDelivery(database, { directory, hubKey });
      continue;
    }
    const names = readdirSync(directory).map((name) => path.basename(name, '.csv'));
    const files = new Map(names.map((name) => [name, { path: path.join(directory, `${name}.csv`) }]));
    const client = await database.pool.connect();
    await takeDelivery(client, { bureau, directory, files, manifest: null }, { keys }).finally(() => client.release());
  }
  rmSync(directory, { recursive: true });
  return deliveries;
}

async function main([url = '', seed = '', seconds = '']: string[]): Promise<void> {
  const databases = await Promise.all(Array.from({ length: WRITERS }, () => openDatabase(url, { poolSize: 2 })));
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  const until = Date.now() + Number(seconds) * 1_000;
  const written = await Promise.all(
    databases.map((database, i) => write(database, randomFrom(Number(seed) + i * 7_919), until, i % 2 === 0)),
  );
  for (const database of databases) await database.close();
  process.stdout.write(`${JSON.stringify(written)}\n`);
  process.exit();
}

void main(process.argv.slice(2));
