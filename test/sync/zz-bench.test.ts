import type { Database } from '../../src/db/database';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { from } from 'pg-copy-streams';
import { loadDelivery } from '../../src/sync/load';
import { openExchangeFile } from '../../src/sync/sources/file';
import { layoutOf } from '../../src/sync/check';
import { keysUnder } from '../../src/sync/number-keys';
import { recordKinds } from '../../src/bureaus/bureau';
import { testDatabase } from '../support/database';
const hubKey = Buffer.alloc(32, 3);
test('bench', async () => {
  const log: string[] = [];
  const d: Database = await testDatabase();
  const file = '/tmp/heyan-d/big/claim.csv';
  const kind = recordKinds().find((k) => k.kind === 'claim')!;
  for (let i = 0; i < 2; i++) {
    let t = performance.now(); let n = 0;
    for await (const b of (await openExchangeFile(file)).rows) n += b.length;
    log.push(`parse ${Math.round(n / (performance.now() - t) * 1000)} rows/s`);
    t = performance.now(); n = 0;
    const f = await openExchangeFile(file); const l = layoutOf(kind, f.columns, keysUnder(hubKey)); if (typeof l === 'string') throw l;
    for await (const b of f.rows) for (const r of b) { l.check(r.cells!); n++; }
    log.push(`parse+check ${Math.round(n / (performance.now() - t) * 1000)} rows/s`);
  }
  let peak = 0; const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss); }, 50);
  for (let i = 0; i < 3; i++) {
    const t = performance.now();
    let w = 0;
    const r = await loadDelivery(d, { directory: '/tmp/heyan-d/big', hubKey, onProgress: (p) => { if (p.phase === 'WRITING') w = performance.now(); } });
    log.push(`load ${i} ${(performance.now() - t).toFixed(0)} ms; write ${(performance.now() - w).toFixed(0)} ${Math.round(500000 / (performance.now() - t) * 1000)} rows/s rss ${Math.round(peak / 1e6)} ${JSON.stringify(r.kinds[0])}`);
  }
  clearInterval(timer);
  const c = await d.pool.connect();
  await c.query(`copy claim.revision to '/tmp/heyan-d-copy.txt'`);
  for (let i = 0; i < 2; i++) {
    await c.query('truncate claim.revision');
    const t = performance.now();
    await c.query(`copy claim.revision from '/tmp/heyan-d-copy.txt'`);
    log.push(`bare copy (server file) ${Math.round(500000 / (performance.now() - t) * 1000)} rows/s`);
    await c.query('truncate claim.revision');
    const t2 = performance.now();
    await pipeline(createReadStream('/tmp/heyan-d-copy.txt', { highWaterMark: 1 << 18 }), c.query(from('copy claim.revision from stdin')));
    log.push(`bare copy ${Math.round(500000 / (performance.now() - t2) * 1000)} rows/s`);
  }
  c.release();
  await d.close();
  console.log(log.join('\n'));
}, 600000);
