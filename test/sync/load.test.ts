import path from 'node:path';
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { testDatabase } from '../support/database';

const hubKey = Buffer.from('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex');
const city = path.join(__dirname, '../sample-city');
let database: Database;
beforeEach(async () => { database = await testDatabase(); });
afterEach(() => database.close());
test('x', async () => {
  for (const d of ['delivery', 'delivery', 'delivery-2', 'dirty']) {
    const r = await loadDelivery(database, { directory: path.join(city, d), hubKey });
    console.table(r.kinds.map(({ warnings, bureau, ...rest }) => ({ ...rest, w: warnings.join() })));
  }
  console.table((await database.pool.query('select file,line,source_id,reason from sync.quarantine order by 1,3')).rows);
}, 60000);
