import { troubleOf } from '../../src/db/trouble';
import { testDatabase } from '../support/database';

const failed = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('what is wrong with a database', () => {
  test.each([
    [failed('53100', 'could not extend file "base/1/2": No space left on device'), /^The disk of the database is full: .* free space there, then run it again\. .*\(could not extend file/],
    [failed('53300', 'sorry, too many clients already'), /^The database has no connection left: end other clients, or raise its max_connections \(sorry/],
    [failed('53200', 'out of memory'), /^The database has no memory left: /],
    [failed('23505', 'Key (id)=(11010119) already exists'), /^SQLSTATE 23505$/],
    [failed('57P03', 'the database system is starting up'), /^the database system is starting up$/],
    ['nothing', /^nothing$/],
  ])('%s', (error, sentence) => expect(troubleOf(error)).toMatch(sentence)); // biome-ignore format: a table

  test('every connection of the pool in use', async () => {
    const { pool, close } = await testDatabase({ poolSize: 1, waitMilliseconds: 50 });
    const held = await pool.connect();
    const error = await pool.query('select 1').catch((one) => one);
    held.release();
    await close();
    expect(troubleOf(error)).toBe('No connection to the database became free in time: all of this process are in use');
  });
});
