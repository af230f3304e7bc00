import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Filed under a 15-digit number of nobody. */
const old: Row = { old_number: true };
/** Filed under a 15-digit number that the person's entry lists. */
const listed: Row = { old_number: true, filed: 'earlier' };
const FILED = ['death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim'] as const;

testRule(
  'X3',
  'claim',
  { amount: '0.00', tier: null },
  {
    clean: {
      '18 digits everywhere': { household: [{}], ...Object.fromEntries(FILED.map((kind) => [kind, [{}]])) },
      '18 digits without a household row': { claim: [{}] },
      ...Object.fromEntries(
        FILED.map((kind) => [`a listed number: ${kind}`, { household: [{}], [kind]: [listed] } as Records]),
      ),
      'a listed number that an older entry of the same person holds': {
        household: [{}, listed],
      },
      'the account owner’s is not asked': { household: [{}], claim: [{ owner: 'fifteen', account_paid: 5 }] },
      ...Object.fromEntries(
        ['REVERSED', 'RECOVERED', 'REFUSED'].map((status) => [
          `a claim ${status} gives no finding`,
          { claim: [{ ...old, status }] } as Records,
        ]),
      ),
    },
    flagged: {
      'every kind': {
        ...Object.fromEntries([...FILED, 'household' as const].map((kind) => [kind, [old]])),
        finds: ['claim', 'contribution', 'death', 'enrollment', 'household', 'poverty', 'retirement'].map((kind) => ({
          kind: kind as 'claim',
          records: [`${kind}-1`],
        })),
      },
      'whatever its status': {
        death: [{ ...old, status: 'VOIDED' }],
        enrollment: [{ ...old, status: 'TERMINATED' }],
        contribution: [{ ...old, status: 'REFUNDED' }],
        household: [{ ...old, status: 'CANCELLED', cancel_reason: 'OTHER' }],
        finds: ['contribution', 'death', 'enrollment', 'household'].map((kind) => ({ kind: kind as 'claim' })),
      },
      'a claim without fund money': { claim: [{ ...old, pooled_paid: 0 }] },
      'a stay': { claim: [stay('2026-02-01', '2026-02-03', old)] },
      'every record': { claim: [old, old], finds: [{ nth: 1 }, { nth: 2 }] },
      'listed by an entry that itself has 15 digits': {
        household: [old],
        claim: [listed],
        finds: [{}, { kind: 'household' }],
      },
      'evidence of a death gives no tier': { death: [old], claim: [old], finds: [{}, { kind: 'death' }] },
    },
  },
);
