import type { SqlSetting } from '../../../../src/sync/setting';
import { SourceFault } from '../../../../src/sync/sources/source';
import { addressOf } from '../../../../src/sync/sources/sql/address';

const PORT = 7;

describe('an address, taken apart', () => {
  test.each<[SqlSetting['type'], string, object]>([
    [
      'mysql',
      'mysql://reader:p%40ss%2F%25@db.example:3307/swdj',
      {
        host: 'db.example',
        port: 3307,
        database: 'swdj',
        user: 'reader',
        password: 'p@ss/%',
        name: 'mysql://db.example:3307/swdj',
      },
    ],
    ['mysql', 'mysql://r@h/%E6%AD%BB%E4%BA%A1', { host: 'h', port: PORT, database: '死亡', password: '' }],
    ['mssql', 'mssql://r:p@[::1]:1433/db?sslmode=require', { host: '::1', port: 1433, tls: 'require' }],
    ['postgres', 'postgres://r:p@/db?host=/run/postgres', { host: '/run/postgres', port: PORT, tls: undefined }],
    ['postgres', 'postgres://r:p@h/db?sslmode=prefer&options=x', { host: 'h', tls: undefined }],
  ])('%s %s', (type, url, expected) => {
    expect(addressOf({ type, url }, PORT)).toMatchObject(expected);
  });
});

describe('no address', () => {
  test.each<[string, RegExp]>([
    ['secret', /^has a url that is none: write type:\/\/user:password@host/],
    ['mysql://r:secret%@h/db', /% that begins no escape/],
    ['mysql://r:secret@h/db?ssl=true', /^has a url with the parameter ssl: only sslmode is known$/],
    ['mysql://r:secret@h/db?sslmode=perhaps', /sslmode is none of disable, require, verify-full$/],
  ])('%s', (url, says) => {
    let fault: unknown;
    try {
      addressOf({ type: 'mysql', url }, PORT);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(SourceFault);
    expect((fault as Error).message).toMatch(says);
    expect((fault as Error).message).not.toContain('secret');
  });
});
