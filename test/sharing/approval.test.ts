import { makeKey, signerOf } from '../../src/audit/signing';
import { Agreement } from '../../src/sharing/agreement';
import { type Approval, approvedText, isSamePerson, isSigned, signApproval } from '../../src/sharing/approval';

const signer = signerOf(makeKey('ed25519'));

function agreement(more: Partial<Agreement> = {}): Agreement {
  const made = Object.assign(new Agreement(), {
    id: 'civil-affairs/pensions/1', provider: 'civil-affairs', agency: 'pensions', purposes: ['REVIEW'], caseRequired: true,
    covertDays: { REVIEW: 30 }, clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'], districts: ['3403'] }],
    validFrom: '2026-07-01', validTo: '2026-12-31', personsPerDay: 9, state: 'APPROVED', version: 3,
    proposedBy: '甲', proposedAt: '2026-06-30T02:00:00.000Z', approvedBy: '乙', approvedAt: '2026-06-30T03:00:00.000Z',
  }); // biome-ignore format: one agreement
  made.approval = signApproval(made, signer);
  return Object.assign(made, more);
}

describe.each(['ed25519', 'sm2'] as const)('an approval signed by %s', (algorithm) => {
  const own = signerOf(makeKey(algorithm));
  test('counts under its own key, and under no other', () => {
    const signed = agreement();
    signed.approval = signApproval(signed, own);
    expect(isSigned(signed, [own])).toBe(true);
    expect(isSigned(signed, [signer, own])).toBe(true);
    expect(isSigned(signed, [signerOf(makeKey(algorithm))])).toBe(false);
    expect(isSigned(signed, [])).toBe(false);
    expect(isSigned({ ...signed, personsPerDay: 10 }, [own])).toBe(false);
  });
});

const clause = { recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP' as const], districts: ['3403'] };
test.each<[string, Partial<Agreement>]>([
  ['id', { id: 'civil-affairs/pensions/2' }],
  ['provider', { provider: 'tax' }],
  ['agency', { agency: 'tax' }],
  ['purposes', { purposes: ['REVIEW', 'OTHER'] }],
  ['case', { caseRequired: false }],
  ['covert days', { covertDays: {} }],
  ['first day', { validFrom: '2026-01-01' }],
  ['last day', { validTo: '2027-12-31' }],
  ['number of persons', { personsPerDay: null }],
  ['proposer', { proposedBy: '丙' }],
  ['approver', { approvedBy: '丙' }],
  ['time of the proposal', { proposedAt: '2026-06-30T02:00:00.001Z' }],
  ['time of the approval', { approvedAt: null }],
  ['a field', { clauses: [{ ...clause, fields: ['deathDate', 'name'] }] }],
  ['a verb', { clauses: [{ ...clause, verbs: ['LOOKUP', 'FEED'] }] }],
  ['a mask', { clauses: [{ ...clause, masks: { deathDate: 'YEAR' } }] }],
  ['a district', { clauses: [{ ...clause, districts: ['34'] }] }],
  ['no district', { clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'] }] }],
  ['another clause', { clauses: [clause, clause] }],
  ['no signature', { approval: null }],
  ['a signature that is no text', { approval: { ...agreement().approval, signature: 1 } as never }],
  ['an empty approval', { approval: {} as Approval }],
  ['one person twice', { approvedBy: '甲' }],
])('%s changed after the approval: it counts for nothing', (_, more) => {
  expect(isSigned(agreement(), [signer])).toBe(true);
  expect(isSigned(agreement(more), [signer])).toBe(false);
});

test('a forger who signs with a key of his own, and puts it beside, gains nothing', () => {
  const forged = agreement({ personsPerDay: null });
  forged.approval = signApproval(forged, signerOf(makeKey('ed25519')));
  expect(isSigned(forged, [signer])).toBe(false);
});

test('one person signed as two counts for nothing, even under the right key', () => {
  const alone = agreement({ approvedBy: ' 甲' });
  alone.approval = signApproval(alone, signer);
  expect(isSigned(alone, [signer])).toBe(false);
});

test('what is signed does not hang on the order of keys, nor on what became of the agreement', () => {
  const one = agreement();
  const reordered = agreement({ clauses: [Object.fromEntries(Object.entries(clause).reverse()) as never] });
  expect(approvedText(reordered)).toBe(approvedText(one));
  expect(isSigned({ ...one, state: 'REVOKED', revokedBy: '丙', version: 9 }, [signer])).toBe(true);
});

test.each([
  ['Wang Wu', 'wang  wu', true],
  ['Ｗang', 'wang', true],
  ['王五', '王武', false],
])('%s and %s: the same person is %s', (one, other, expected) => {
  expect(isSamePerson(one, other)).toBe(expected);
});
