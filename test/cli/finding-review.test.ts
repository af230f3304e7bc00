/** `heyan findings review` as officers type it: each a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { CHILD_MILLISECONDS_MAX, ended, startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';

jest.setTimeout(3 * CHILD_MILLISECONDS_MAX);

const ID = 'ab'.repeat(16);

describe('heyan findings review', () => {
  let directory: string;
  let database: Database;
  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
    // Founds the hub.
    expect(await run('audit', 'head')).toMatchObject({ code: 0 });
    await database.pool.query(
      `with run as (insert into crosscheck.run (as_of, is_full, started_at, finished_at) values ('2026-06-30', true, now(), now()) returning id),
       found as (
         insert into crosscheck.finding (id, rule, rule_version, subject_kind, subject, amount, class, advice, state, evidence, found_at, changed_at, found_run, changed_run)
         select $1, 'C2', 1, 'claim', 'JS1', 1, 'CLAIM', 'VERIFY', 'OPEN', '{}', now(), now(), id, id from run returning id
       )
       insert into crosscheck.finding_event (finding_id, version, at, act, to_state, run)
       select found.id, 1, now(), 'FOUND', 'OPEN', run.id from found, run`,
      [ID],
    );
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = (...args: string[]) => ended(startCommand({ directory, database }, args));
  const review = (...args: string[]) => run('findings', 'review', ...args, '--officer', '张三');

  test('takes up, refuses what has changed since, and decides; the history names the officer', async () => {
    const taken = await review(`${ID}@1`, '--take-up', '--json');
    expect([taken.code, JSON.parse(taken.out)]).toEqual([0, [{ id: ID, state: 'UNDER_REVIEW', version: 2 }]]);
    expect(await review(`${ID}@1`, '--give-back')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/has changed since you looked at it: it is UNDER_REVIEW, version 2/),
    });
    const decided = await review(`${ID}@2`, '--decide', 'LEGITIMATE', '--reason', '先付后知');
    expect([decided.code, decided.out]).toEqual([0, expect.stringMatching(/^finding +state +version\n[ab]{32} +LEGITIMATE +3\n$/)]);
    const { rows } = await database.pool.query('select act, officer, reason from crosscheck.finding_event order by version desc limit 1');
    expect(rows).toEqual([{ act: 'DECIDED', officer: '张三', reason: '先付后知' }]);
  }); // biome-ignore format: short enough

  test('wrong usage ends with 2 and says what is missing', async () => {
    const wrong: [string[], RegExp][] = [
      [[`${ID}@1`], /say what to do/],
      [[`${ID}@1`, '--take-up', '--give-back'], /cannot be used with option/],
      [[`${ID}@1`, '--decide', 'RECOVER'], /go together/],
      [[ID, '--take-up'], /write ID@VERSION/],
    ];
    const said = await Promise.all(wrong.map(([args]) => review(...args)));
    expect(said).toEqual(wrong.map(([, what]) => ({ code: 2, out: '', err: expect.stringMatching(what) })));
  });
});
