import { AuditUnavailable } from '../../src/audit/append';
import { reportTo } from '../../src/cli/session';
import { RemoteTrouble } from '../../src/federation/connection';

const noRoom = Object.assign(new Error('could not extend file'), { code: '53100' });

describe('what callers are not told in full goes to the log', () => {
  test.each([
    [new AuditUnavailable(noRoom), /^Not answered, since the audit log cannot take the record: The disk of the database is full/],
    [new AuditUnavailable(), /^Not answered, since the audit log cannot take the record$/],
    [new RemoteTrouble('death', 'did not answer within 5 ms'), /^The death bureau did not answer within 5 ms$/],
    [{ originalError: noRoom }, /^Not answered in full: Error: The disk of the database is full/],
    [Object.assign(new Error('Key (id)=(11010119)'), { code: '23505' }), /^Not answered in full: Error: SQLSTATE 23505$/],
  ])('%s', (error, line) => {
    const lines: string[] = [];
    reportTo((told) => lines.push(told))(error);
    expect(lines).toEqual([expect.stringMatching(line)]);
  }); // biome-ignore format: a table

  test('what goes wrong for everybody is told once in ten seconds, then with how often it was', () => {
    const lines: string[] = [];
    let now = 0;
    const report = reportTo((line) => lines.push(line), () => now); // biome-ignore format: short
    for (let i = 0; i < 50; i++) {
      report(new RemoteTrouble('death', 'answered 500'));
      report(new RemoteTrouble('claim', 'answered 500'));
      now += 100;
    }
    expect(lines).toEqual(['The death bureau answered 500', 'The claim bureau answered 500']);
    now += 10_000;
    report(new RemoteTrouble('death', 'answered 500'));
    expect(lines.slice(2)).toEqual(['The death bureau answered 500 (and 49 times since it was last told)']);
  });
});
