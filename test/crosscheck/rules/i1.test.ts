import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** In the first institution from 10 to 20 February, and a second stay, in another unless told. */
const also = (second: Row, first: Row = {}): Records => ({
  household: [{}],
  enrollment: [{}],
  claim: [stay('2026-02-10', '2026-02-20', { institution: 1, ...first }), { institution: 2, ...second }],
});

testRule(
  'I1',
  'claim',
  { nth: 2, amount: '100.00', tier: null },
  {
    clean: {
      'one after the other': also(stay('2026-02-21', '2026-02-25')),
      'transferred on the day': also(stay('2026-02-20', '2026-02-25')),
      'overlapping by a day': also(stay('2026-02-19', '2026-02-25')),
      'a day within': also(stay('2026-02-12', '2026-02-13')),
      'at the same institution': also(stay('2026-02-12', '2026-02-18', { institution: 1 })),
      'an outpatient claim meanwhile': also({ service_date: '2026-02-15', discharge_date: '2026-03-01' }),
      'a capitation meanwhile': also({ service_date: '2026-02-15', claim_type: 'CAPITATION' }),
      'an outpatient claim before it': also(stay('2026-02-12', '2026-02-18'), {
        claim_type: 'OUTPATIENT',
        service_date: '2026-02-10',
      }),
      'a capitation before it': also(stay('2026-02-12', '2026-02-18'), {
        claim_type: 'CAPITATION',
        service_date: '2026-02-10',
      }),
      'of two persons': {
        household: [{}, { person: 'other' }],
        claim: [
          stay('2026-02-10', '2026-02-20', { institution: 1 }),
          stay('2026-02-10', '2026-02-20', { institution: 2, person: 'other' }),
        ],
      },
      ...Object.fromEntries(
        ['REVERSED', 'RECOVERED', 'REFUSED'].flatMap((status) => [
          [`the later ${status}`, also(stay('2026-02-12', '2026-02-18', { status }))],
          [`the earlier ${status}`, also(stay('2026-02-12', '2026-02-18'), { status })],
        ]),
      ),
      'the later without fund money': also(stay('2026-02-12', '2026-02-18', { pooled_paid: 0, account_paid: 5 })),
      'the earlier without fund money': also(stay('2026-02-12', '2026-02-18'), { pooled_paid: 0 }),
    },
    flagged: {
      'overlapping by two days': {
        ...also(stay('2026-02-18', '2026-02-25', { aid_paid: '0.05' })),
        finds: { amount: '100.05', records: ['claim-1', 'claim-2'] },
      },
      'two days within': also(stay('2026-02-12', '2026-02-14')),
      'the later admission, though it came first': {
        ...also(stay('2026-02-01', '2026-02-12')),
        finds: { nth: 1 },
      },
      'same admission: the larger key': also(stay('2026-02-10', '2026-02-12')),
      'same admission: larger by code point': {
        household: [{}],
        claim: [
          stay('2026-02-10', '2026-02-20', {
            institution: 1,
            pooled_paid: 1,
            source_id: 'same admission: larger by code point-claim-a',
          }),
          stay('2026-02-10', '2026-02-20', {
            institution: 2,
            pooled_paid: 2,
            source_id: 'same admission: larger by code point-claim-B',
          }),
        ],
        finds: { nth: 'a', amount: '1.00' },
      },
      'mortuary only': {
        ...also(stay('2026-02-18', '2026-02-25')),
        claim_line: [{ claim: 2, item_group: 'MORTUARY' }],
      },
      'three: each later one, once': {
        ...also(stay('2026-02-11', '2026-02-20')),
        claim: [
          stay('2026-02-10', '2026-02-20', { institution: 1 }),
          stay('2026-02-11', '2026-02-20', { institution: 2 }),
          stay('2026-02-12', '2026-02-20', { institution: 3 }),
        ],
        finds: [
          { nth: 2, records: ['claim-1', 'claim-2'] },
          { nth: 3, records: ['claim-1', 'claim-2', 'claim-3'] },
        ],
      },
      'under an earlier number': also(stay('2026-02-12', '2026-02-18', { filed: 'earlier' })),
      'of the dead, beside D3': {
        ...also(stay('2026-02-12', '2026-02-18')),
        death: [{}],
        finds: { tier: 'PROVEN', records: ['claim-1', 'claim-2', 'death-1', 'household-1'] },
      },
    },
  },
);
