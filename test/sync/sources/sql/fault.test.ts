import type { SqlSetting } from '../../../../src/sync/setting';
import { SourceFault } from '../../../../src/sync/sources/source';
import { faultOf, isLate } from '../../../../src/sync/sources/sql/fault';

const setting = { table: 'death', watermark: 'w', key: 'k', statementTimeoutSeconds: 300 } as SqlSetting;
const secret = 'mysql://reader:secret@host says 340302197410037308';

/** An error as a driver throws it. */
const thrown = (parts: object, message = secret) => Object.assign(new Error(message), parts);

describe('errors in words', () => {
  test.each<[string, Error, 'connect' | 'read', RegExp]>([
    ['no route', thrown({ code: 'ECONNREFUSED' }), 'connect', /^cannot be reached \(ECONNREFUSED\)/],
    ['a connection that breaks while it is made', thrown({ code: 'ECONNRESET' }), 'connect', /^cannot be reached/],
    ['one that breaks later', thrown({ code: 'ECONNRESET' }), 'read', /^lost the connection/],
    ['a port that closes later', thrown({ code: 'ECONNREFUSED' }), 'read', /^lost the connection/],
    ['a number of SQL Server', thrown({ code: 'EREQUEST', number: 4060 }), 'connect', /^has no database of that name/],
    ['a number of Oracle', thrown({ errorNum: 1017 }), 'connect', /^refuses the user or password \(ORA-01017\)/],
    ['a number that MariaDB’s driver has no name of', thrown({ errno: 1969 }), 'read', /^took longer than 300 s/],
    [
      'an error within TypeORM’s',
      thrown({ driverError: thrown({ code: '42501' }) }),
      'read',
      /^does not let this user/,
    ],
    ['no connection left', thrown({ code: '53300' }), 'connect', /^has no connection left/],
    ['a server that starts', thrown({ code: '57P03' }), 'connect', /^is starting or stopping/],
    ['a strange certificate', thrown({ code: 'CERT_HAS_EXPIRED' }), 'connect', /^shows no certificate/],
    ['no encryption', thrown({}, 'The server does not support SSL connections'), 'connect', /^shows no certificate/],
    ['pg’s word for a lost one', thrown({}, 'Connection terminated unexpectedly'), 'read', /^lost the connection/],
    ['no code', thrown({}), 'read', /^answers with an error \(without a code\)/],
  ])('%s', (_, error, doing, words) => {
    const fault = faultOf(error, doing, setting);
    expect(fault).toBeInstanceOf(SourceFault);
    expect(fault.message).toMatch(words);
    expect(fault.message).not.toMatch(/secret|3403/);
  });

  test('a fault stays what it is, and a mistake of the program is none', () => {
    const fault = new SourceFault('is empty');
    expect(faultOf(fault, 'read', setting)).toBe(fault);
    expect(() => faultOf(new TypeError('x is not a function'), 'read', setting)).toThrow(TypeError);
  });

  test('late is what the server ended', () => {
    expect([thrown({ code: '57014' }), thrown({ code: '42P01' })].map(isLate)).toEqual([true, false]);
  });
});
