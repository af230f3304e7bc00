import type { Records, Row } from '../plant';
import { testRule } from '../rule-table';

const two = (second: Row, first: Row = {}): Records => ({ household: [first, second] });
const document = (rest: Row): Records => ({ household: [{}], death: [rest] });

testRule(
  'X4',
  'death',
  { amount: '0.00', tier: null },
  {
    clean: {
      'name and birth date equal': document({ birth_date: '1950-01-01' }),
      'name equal, birth date empty': document({}),
      'name equal, birth date differs': document({ birth_date: '1950-01-02' }),
      'name differs, birth date equal': document({ name: 'other', birth_date: '1950-01-01' }),
      'no household row': { death: [{ name: 'other' }] },
      'in conflict but voided': document({ name: 'other', status: 'VOIDED' }),
      'the entry that speaks is the later one': {
        household: [
          { name: 'other', status: 'CANCELLED', cancel_reason: 'MOVED_OUT' },
          { status: 'CANCELLED', cancel_reason: 'MOVED_OUT', updated_at: '2026-02-01' },
        ],
        death: [{}],
      },
      'the same person twice': two({}),
      'one of the two cancelled': two({ name: 'other', status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }),
      'both cancelled': two(
        { name: 'other', status: 'CANCELLED', cancel_reason: 'DUPLICATE' },
        { status: 'CANCELLED', cancel_reason: 'DEATH' },
      ),
      'different numbers': { household: [{}, { person: 'other', name: 'other' }] },
    },
    flagged: {
      'name differs, birth date empty': {
        ...document({ name: 'other' }),
        finds: { records: ['death-1', 'household-1'] },
      },
      'name and birth date differ': document({ name: 'other', birth_date: '1950-01-02' }),
      'in conflict and impossible': document({ name: 'other', registered_on: '2026-01-09' }),
      'beside a document that fits: the conflict alone, without tier': {
        household: [{}],
        death: [{}, { name: 'other' }],
        finds: { nth: 2, records: ['death-2', 'household-1'] },
      },
      'under an earlier number': document({ name: 'other', filed: 'earlier' }),
      'the entry that speaks is the active one': {
        household: [{ name: 'other' }, { status: 'CANCELLED', cancel_reason: 'MOVED_OUT', updated_at: '2026-06-01' }],
        death: [{}],
      },
      'a number of two: another name': {
        ...two({ name: 'other' }),
        finds: { kind: 'person', records: ['household-1', 'household-2'] },
      },
      'a number of two: another birth date': { ...two({ birth_date: '1960-01-01' }), finds: { kind: 'person' } },
      'a number of three: once': {
        household: [{}, { name: 'other' }, { name: 'third' }, { status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }],
        finds: { kind: 'person', records: ['household-1', 'household-2', 'household-3'] },
      },
      'a number of two with documents of both: the person alone': {
        ...two({ name: 'other' }),
        death: [{}, { name: 'other' }, { name: 'third' }],
        finds: { kind: 'person' },
      },
    },
  },
);
