import { makeKey, signerOf } from '../../src/audit/signing';
import { recordKinds } from '../../src/bureaus/bureau';
import type { Database } from '../../src/db/database';
import { CASE_INVESTIGATION, FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { foundHub } from '../../src/hub/founding';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { isSigned } from '../../src/sharing/approval';
import { stands } from '../../src/sharing/decide';
import { historyOf } from '../../src/sharing/life';
import { tamper } from '../support/agreement';
import { testDatabase } from '../support/database';

const signer = signerOf(makeKey('ed25519'));

describe('founding agreements', () => {
  let database: Database;
  beforeEach(async () => {
    database = await testDatabase({ entities: [Agency, Agreement] });
  });
  afterEach(() => database.close());
  const all = () => database.dataSource.getRepository(Agreement).find();

  test('are made once, also by two processes at once, and never again', async () => {
    const made = await Promise.all([
      foundHub(database.dataSource, signer, '2026-06-30'),
      foundHub(database.dataSource, signer, '2026-06-30'),
    ]);
    const agreements = await all();
    expect(agreements.length).toBeGreaterThan(0);
    expect(made.sort((a, b) => a - b)).toEqual([0, agreements.length]);
    expect(await foundHub(database.dataSource, signer, '2030-01-01')).toBe(0);
    expect(await all()).toEqual(agreements);
  });

  test('stay revoked, and stay gone while one is left', async () => {
    await foundHub(database.dataSource, signer, '2026-06-30');
    await database.pool.query(`update sharing.agreement set state = 'REVOKED'`);
    expect(await foundHub(database.dataSource, signer, '2026-07-01')).toBe(0);
    expect(new Set((await all()).map(({ state }) => state))).toEqual(new Set(['REVOKED']));
    await tamper(database, 'delete from sharing.agreement where id not in (select min(id) from sharing.agreement)');
    expect(await foundHub(database.dataSource, signer, '2026-07-01')).toBe(0);
    expect(await all()).toHaveLength(1);
  });

  test('are proposed by one and approved by another, signed, and have their history', async () => {
    await foundHub(database.dataSource, signer, '2026-06-30', () => new Date('2026-06-30T01:02:03.004Z'));
    const agreements = await all();
    expect(agreements.filter((agreement) => !isSigned(agreement, [signer]))).toEqual([]);
    for (const { id, provider, approvedAt } of agreements) {
      expect(approvedAt).toBe('2026-06-30T01:02:03.004Z');
      const events = await historyOf(database.dataSource, id);
      expect(events.map(({ agency, toState }) => [agency, toState])).toEqual([
        [provider, 'PROPOSED'],
        [provider, 'APPROVED'],
      ]);
      expect(events[0]?.officer).not.toBe(events[1]?.officer);
    }
  });

  test('fund supervision reads no number, name or address of anybody', async () => {
    await foundHub(database.dataSource, signer, '2026-06-30');
    const agreements = (await all()).filter(
      ({ agency, purposes }) => agency === SUPERVISION && purposes.includes(FUND_SUPERVISION),
    );
    const clauses = agreements.flatMap((agreement) => agreement.clauses);
    expect(new Set(clauses.map(({ recordKind }) => recordKind))).toEqual(
      new Set([...recordKinds().map(({ kind }) => kind), 'finding']),
    );
    const granted = clauses.flatMap(({ recordKind, fields }) => fields.map((field) => `${recordKind}.${field}`));
    expect(
      granted.filter((field) => /idNumber|previousIdNumbers|\.name$|address|certificate|doctor|ethnicity/i.test(field)),
    ).toEqual([]);
    const sensitive = recordKinds().flatMap(({ kind, fields }) =>
      fields
        .filter(({ sensitivity, name }) => sensitivity === 'SENSITIVE' && !/Date|On$/.test(name))
        .map(({ name }) => `${kind}.${name}`),
    );
    expect(granted.filter((field) => sensitive.includes(field))).toEqual([]);
  });

  test('are for what is the provider’s own, name only fields there are, and hold for a year from the day', async () => {
    await foundHub(database.dataSource, signer, '2028-02-29');
    for (const agreement of await all()) {
      for (const { recordKind, fields } of agreement.clauses) {
        const kind = recordKinds().find(({ kind: word }) => word === recordKind);
        expect([agreement.id, recordKind, agreement.provider]).toEqual([
          agreement.id,
          recordKind,
          kind?.provider ?? SUPERVISION,
        ]);
        const known = [
          'sourceId',
          'revision',
          'updatedAt',
          'recordedAt',
          'validAsOf',
          'person',
          'accountOwner',
          ...(kind?.fields ?? []).map(({ name }) => name),
          ...(kind?.answers ?? []),
        ];
        if (kind) expect(fields.filter((field) => !known.includes(field))).toEqual([]);
        expect(new Set(fields).size).toBe(fields.length);
      }
      expect(['2028-02-28', '2028-02-29', '2029-02-28', '2029-03-01'].map((day) => stands(agreement, day))).toEqual([
        false,
        true,
        true,
        false,
      ]);
      expect(agreement.proposedBy).not.toBe(agreement.approvedBy);
      expect(agreement.caseRequired).toBe(
        agreement.purposes.includes(CASE_INVESTIGATION) && agreement.provider !== SUPERVISION,
      );
    }
  });
});
