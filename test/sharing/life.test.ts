import { makeKey, signerOf } from '../../src/audit/signing';
import { isDay } from '../../src/bureaus/calendar';
import type { Database } from '../../src/db/database';
import { Agency } from '../../src/sharing/agency';
import { Agreement, type AgreementState } from '../../src/sharing/agreement';
import { isSigned } from '../../src/sharing/approval';
import {
  type Actor,
  AgreementRefused,
  approve,
  draft,
  historyOf,
  type Office,
  propose,
  revoke,
} from '../../src/sharing/life';
import type { Terms } from '../../src/sharing/terms';
import { tamper } from '../support/agreement';
import { testDatabase } from '../support/database';

const signer = signerOf(makeKey('ed25519'));
const ID = 'civil-affairs/pensions/1';
const A: Actor = { agency: 'civil-affairs', officer: '甲' };
const B: Actor = { agency: 'civil-affairs', officer: '乙' };
const USER: Actor = { agency: 'pensions', officer: '丙' };
const STRANGER: Actor = { agency: 'tax', officer: '丁' };
const NOBODY: Actor = { agency: 'civil-affairs', officer: null };

const TERMS: Terms = {
  id: ID, provider: 'civil-affairs', agency: 'pensions', purposes: ['REVIEW'], caseRequired: true, covertDays: { REVIEW: 30 },
  clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'], masks: { deathDate: 'YEAR' }, districts: ['3403'] }],
  validFrom: '2026-07-01', validTo: '2026-12-31', personsPerDay: 9,
}; // biome-ignore format: one agreement

describe('the life of an agreement', () => {
  let database: Database;
  let office: Office;
  let now: string;
  let deathFields: string[];
  beforeAll(async () => {
    database = await testDatabase({ entities: [Agency, Agreement] });
    for (const code of ['civil-affairs', 'pensions', 'tax'])
      await database.pool.query('insert into sharing.agency (code, name_en, name_zh) values ($1, $1, $1)', [code]);
    office = {
      dataSource: database.dataSource,
      signer,
      catalogue: () => ({
        kinds: [
          {
            kind: 'death',
            provider: 'civil-affairs',
            hasDistricts: true,
            fields: deathFields.map((name) => ({ name, masks: ['PLAIN', 'YEAR'], isAnswer: false })),
          },
        ],
        isDay,
        isProvince: () => true,
      }),
      now: () => new Date(now),
      today: () => now.slice(0, 10),
    };
  });
  beforeEach(async () => {
    now = '2026-06-30T02:00:00.000Z';
    deathFields = ['deathDate', 'status'];
    await tamper(database, 'delete from sharing.agreement_event');
    await tamper(database, 'delete from sharing.agreement');
  });
  afterAll(() => database.close());

  /** Brings a fresh agreement to a state. */
  async function bring(state: AgreementState): Promise<void> {
    await draft(office, A, TERMS);
    if (state === 'DRAFT') return;
    await propose(office, A, ID);
    if (state === 'PROPOSED') return;
    await approve(office, B, ID);
    if (state === 'EXPIRED') now = '2027-01-01T02:00:00.000Z';
    if (state === 'REVOKED') await revoke(office, A, ID, 'done');
  }

  const kept = () => database.dataSource.getRepository(Agreement).findOneByOrFail({ id: ID });
  const DO: Record<string, (actor: Actor) => Promise<Agreement>> = {
    draft: (actor) => draft(office, actor, TERMS),
    redraft: (actor) => draft(office, actor, { ...TERMS, personsPerDay: 10 }),
    propose: (actor) => propose(office, actor, ID),
    approve: (actor) => approve(office, actor, ID),
    revoke: (actor) => revoke(office, actor, ID, 'no longer needed'),
  };

  test('from draft to revocation: who, when, why, signed, and all of it kept', async () => {
    await bring('DRAFT');
    now = '2026-06-30T03:00:00.000Z';
    await propose(office, A, ID);
    now = '2026-06-30T04:00:00.000Z';
    await approve(office, B, ID);
    const approved = await kept();
    expect(approved).toMatchObject({
      ...TERMS,
      state: 'APPROVED',
      proposedBy: '甲',
      proposedAt: '2026-06-30T03:00:00.000Z',
      approvedBy: '乙',
      approvedAt: '2026-06-30T04:00:00.000Z',
      approval: { algorithm: 'ed25519', keyId: signer.keyId, publicKey: signer.publicKey },
      version: 3,
    });
    expect(isSigned(approved, [signer])).toBe(true);
    now = '2026-08-01T04:00:00.000Z';
    await revoke(office, A, ID, ' no longer needed ');
    expect(await kept()).toMatchObject({
      state: 'REVOKED',
      revokedBy: '甲',
      revokedAt: '2026-08-01T04:00:00.000Z',
      revokedReason: 'no longer needed',
      approval: approved.approval,
      version: 4,
    });
    expect(
      (await historyOf(database.dataSource, ID)).map(
        ({ at, officer, fromState, toState, reason }) =>
          `${at.slice(5, 13)} ${officer} ${fromState} ${toState} ${reason}`,
      ),
    ).toEqual([
      '06-30T02 甲 null DRAFT null',
      '06-30T03 甲 DRAFT PROPOSED null',
      '06-30T04 乙 PROPOSED APPROVED null',
      '08-01T04 甲 APPROVED REVOKED no longer needed',
    ]);
  });

  const ends = /terms cannot change any more\. Draft another under another id$/;
  test.each<[AgreementState, string, Actor, AgreementState | RegExp]>([
    ['DRAFT', 'draft', B, 'DRAFT'],
    ['DRAFT', 'redraft', B, 'DRAFT'],
    ['DRAFT', 'propose', B, 'PROPOSED'],
    ['DRAFT', 'approve', B, /is DRAFT: only what is PROPOSED can be approved$/],
    ['DRAFT', 'revoke', B, 'REVOKED'],
    ['PROPOSED', 'draft', A, 'PROPOSED'],
    ['PROPOSED', 'redraft', A, ends],
    ['PROPOSED', 'propose', A, 'PROPOSED'],
    ['PROPOSED', 'propose', B, /is PROPOSED: only what is DRAFT can be proposed$/],
    ['PROPOSED', 'approve', A, /was proposed by the same officer: another officer of civil-affairs must approve it$/],
    ['PROPOSED', 'approve', { ...A, officer: ' 甲 ' }, /was proposed by the same officer/],
    ['PROPOSED', 'approve', B, 'APPROVED'],
    ['PROPOSED', 'revoke', A, 'REVOKED'],
    ['APPROVED', 'redraft', A, ends],
    ['APPROVED', 'propose', A, /is APPROVED: only what is DRAFT can be proposed$/],
    ['APPROVED', 'approve', B, 'APPROVED'],
    ['APPROVED', 'approve', { ...B, officer: '戊' }, /is APPROVED: only what is PROPOSED can be approved$/],
    ['APPROVED', 'revoke', B, 'REVOKED'],
    ['REVOKED', 'draft', A, 'REVOKED'],
    ['REVOKED', 'redraft', A, /is REVOKED: its terms cannot change any more/],
    ['REVOKED', 'propose', A, /is REVOKED: only what is DRAFT can be proposed$/],
    ['REVOKED', 'approve', B, /is REVOKED: only what is PROPOSED can be approved$/],
    ['REVOKED', 'revoke', B, 'REVOKED'],
    ['EXPIRED', 'redraft', A, /is EXPIRED: its terms cannot change any more/],
    ['EXPIRED', 'approve', B, /is EXPIRED: only what is PROPOSED can be approved$/],
    ['EXPIRED', 'revoke', A, /ended on 2026-12-31$/],
  ])('%s: %s by %j gives %s', async (from, act, actor, expected) => {
    await bring(from);
    const before = await kept();
    const done = (DO[act] as (typeof DO)[string])(actor);
    if (expected instanceof RegExp) {
      await expect(done).rejects.toThrow(expected);
      await expect(done).rejects.toBeInstanceOf(AgreementRefused);
      expect(await kept()).toEqual(before);
    } else {
      const after = await done;
      expect([after.state, (await kept()).state]).toEqual([expected, expected]);
      // What changes nothing leaves no trace; what changes something leaves one.
      const steps = await historyOf(database.dataSource, ID);
      expect(after.version).toBe(steps.length);
      expect(after.version - before.version).toBe(from === expected && act !== 'redraft' ? 0 : 1);
    }
  });

  const noOfficer = /^An officer is required: use a token that names one$/;
  const noSuch = /^There is no agreement civil-affairs\/pensions\/1 of which your agency is a side$/;
  test.each<[string, Actor, RegExp]>([
    ...Object.keys(DO).map((act): [string, Actor, RegExp] => [act, NOBODY, noOfficer]),
    ['draft', { ...A, officer: 'x\ny' }, noOfficer],
    ['approve', { ...A, officer: '' }, noOfficer],
    ['draft', USER, /^Only civil-affairs can give its own records: you act for pensions$/],
    ['propose', USER, /can be proposed by officers of civil-affairs only$/],
    ['approve', USER, /can be approved by officers of civil-affairs only$/],
    ['revoke', USER, /can be revoked by officers of civil-affairs only$/],
    ['propose', STRANGER, noSuch],
    ['approve', STRANGER, noSuch],
    ['revoke', STRANGER, noSuch],
  ])('%s by %j is refused', async (act, actor, expected) => {
    for (const state of ['DRAFT', 'PROPOSED'] as const) {
      if (state === 'DRAFT') await bring(state);
      else await propose(office, A, ID);
      await expect((DO[act] as (typeof DO)[string])(actor)).rejects.toThrow(expected);
      expect((await kept()).state).toBe(state);
    }
  });

  test('to a stranger an agreement reads like one that does not exist', async () => {
    await bring('PROPOSED');
    const said = async (id: string) => {
      const error: Error = await approve(office, STRANGER, id).then(
        () => new Error('approved'),
        (refused) => refused,
      );
      return error.message.replace(id, 'ID');
    };
    expect(await said(ID)).toBe(await said('civil-affairs/pensions/2'));
    await expect(approve(office, STRANGER, 'a\0b')).rejects.toThrow('There is no agreement a?b of which');
  });

  test('what is over before it begins, what lost its field, and a reason that is none are refused', async () => {
    await bring('DRAFT');
    now = '2027-01-01T02:00:00.000Z';
    await expect(propose(office, A, ID)).rejects.toThrow(/would have ended on 2026-12-31 already: draft another$/);
    now = '2026-12-31T02:00:00.000Z';
    await propose(office, A, ID);
    now = '2027-01-01T02:00:00.000Z';
    await expect(approve(office, B, ID)).rejects.toThrow(/would have ended on 2026-12-31 already/);
    now = '2026-12-31T02:00:00.000Z';
    deathFields = ['status'];
    await expect(approve(office, B, ID)).rejects.toThrow(/clause 1, field deathDate: death has no such field/);
    for (const reason of ['', '  ', 'a\nb', 'x'.repeat(501)])
      await expect(revoke(office, A, ID, reason)).rejects.toThrow(/^A reason is required/);
    expect((await kept()).state).toBe('PROPOSED');
  });

  test('wrong terms and an agency that is not registered are told together, and nothing is written', async () => {
    const wrong = {
      ...TERMS,
      agency: 'ghost',
      clauses: [{ recordKind: 'death', fields: ['sin'], verbs: ['LOOKUP' as const] }],
    };
    const refused: AgreementRefused = await draft(office, A, wrong).then(
      () => {
        throw new Error('drafted');
      },
      (error) => error,
    );
    expect(refused.mistakes).toEqual([
      { path: ['agency'], message: 'agency ghost is not registered: add it first (heyan agency add)' },
      { path: ['clauses', 0, 'fields', 0], message: 'clause 1, field sin: death has no such field' },
    ]);
    expect(refused.message).toMatch(
      /^The terms of civil-affairs\/pensions\/1 cannot stand: agency ghost .*; clause 1, field sin/,
    );
    expect(await database.dataSource.getRepository(Agreement).count()).toBe(0);
  });

  test('two officers at once: one approves; a draft written twice at once is one', async () => {
    await Promise.all([draft(office, A, TERMS), draft(office, B, TERMS)]);
    await propose(office, { ...A, officer: '己' }, ID);
    const ended = await Promise.allSettled([
      approve(office, A, ID),
      approve(office, B, ID),
      revoke(office, A, ID, 'no'),
    ]);
    const steps = (await historyOf(database.dataSource, ID)).map(({ toState }) => toState);
    expect(steps.filter((state) => state === 'DRAFT')).toHaveLength(1);
    expect(steps.filter((state) => state === 'APPROVED').length).toBeLessThanOrEqual(1);
    expect(ended.some(({ status }) => status === 'rejected')).toBe(true);
    const after = await kept();
    expect([after.state, after.version]).toEqual(['REVOKED', steps.length]);
  });

  test.each<[string, AgreementState, string, RegExp]>([
    [
      'terms',
      'PROPOSED',
      `update sharing.agreement set clauses = '[]'`,
      /terms of agreement .* cannot change any more: it is PROPOSED/,
    ],
    ['agency', 'APPROVED', `update sharing.agreement set agency = 'tax'`, /terms of agreement/],
    ['validity', 'APPROVED', `update sharing.agreement set valid_to = '2030-01-01'`, /terms of agreement/],
    ['number of persons', 'REVOKED', `update sharing.agreement set persons_per_day = null`, /terms of agreement/],
    ['provider of a draft', 'DRAFT', `update sharing.agreement set provider = 'tax'`, /keeps its id and its provider/],
    ['revocation', 'REVOKED', `update sharing.agreement set state = 'APPROVED'`, /cannot go from REVOKED to APPROVED/],
    ['way from draft', 'DRAFT', `update sharing.agreement set state = 'APPROVED'`, /cannot go from DRAFT to APPROVED/],
    ['approver', 'APPROVED', `update sharing.agreement set approved_by = 'x'`, /who proposed and approved agreement/],
    ['signature', 'APPROVED', `update sharing.agreement set approval = null`, /who proposed and approved agreement/],
    ['existence', 'DRAFT', 'delete from sharing.agreement', /is kept: revoke it instead/],
    ['existence, all at once', 'DRAFT', 'truncate sharing.agreement cascade', /is history/],
    ['history', 'DRAFT', `update sharing.agreement_event set officer = 'x'`, /is history/],
    ['history, taken out', 'DRAFT', 'delete from sharing.agreement_event', /is history/],
  ])('the database itself keeps: %s of what is %s', async (_, state, statement, expected) => {
    await bring(state);
    await expect(database.pool.query(statement)).rejects.toThrow(expected);
  });
});
