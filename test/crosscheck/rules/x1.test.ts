import type { Row } from '../plant';
import { testRule } from '../rule-table';

/** A certificate of 2026-01-10, registered on a day; 2026-05-01 is 60 days before the check. */
const registered = (day: string, rest: Row = {}): Row[] => [{ registered_on: day, ...rest }];
const long = registered('2026-05-01');

testRule(
  'X1',
  'person',
  { amount: '0.00', tier: 'PROVEN' },
  {
    clean: {
      'registered 59 days before the check': { household: [{}], death: registered('2026-05-02') },
      'the register knows it': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }], death: long },
      'cancelled for another reason': {
        household: [{ status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }],
        death: long,
      },
      'no household row': { death: long },
      'an active row under an earlier number only': { household: [{ filed: 'earlier' }], death: long },
      voided: { household: [{}], death: registered('2026-05-01', { status: 'VOIDED' }) },
      'in conflict': { household: [{}], death: registered('2026-05-01', { name: 'other' }) },
      impossible: { household: [{}], death: registered('2026-01-09') },
      'shared number': { household: [{}, { birth_date: '1960-01-01' }], death: long },
      'long ago in conflict, lately a good one': {
        household: [{}],
        death: [...registered('2026-04-01', { name: 'other' }), ...registered('2026-06-10')],
      },
      'long ago an impossible one, lately a good one': {
        household: [{}],
        death: [...registered('2026-01-09'), ...registered('2026-06-10')],
      },
      'only the police': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH', death_date: '2026-01-10' }] },
    },
    flagged: {
      'registered 60 days before the check': {
        household: [{}],
        death: long,
        finds: { records: ['death-1', 'household-1'] },
      },
      'long ago': { household: [{}], death: registered('2026-01-10') },
      'a court’s declaration': {
        household: [{}],
        death: registered('2026-05-01', { source: 'COURT_DECLARATION' }),
        finds: { tier: 'SUSPECTED' },
      },
      'a partial match': {
        household: [{}],
        death: registered('2026-05-01', { birth_date: '1950-01-02' }),
        finds: { tier: 'SUSPECTED' },
      },
      'one of two registered long enough ago: once': {
        household: [{}],
        death: [...long, ...registered('2026-06-01', { source: 'CREMATION' })],
        finds: { records: ['death-1', 'death-2', 'household-1'] },
      },
      'two registered long enough ago: once': {
        household: [{}],
        death: [...long, ...registered('2026-04-01', { source: 'CREMATION' })],
      },
      contested: {
        household: [{}],
        death: long,
        contribution: [{ period: '2026-06' }],
        finds: { tier: 'CONTESTED' },
      },
      'active before cancelled': {
        household: [{}, { status: 'CANCELLED', cancel_reason: 'DEATH', updated_at: '2026-06-01' }],
        death: long,
        finds: { records: ['death-1', 'household-1'] },
      },
      'a document under an earlier number': { household: [{}], death: registered('2026-05-01', { filed: 'earlier' }) },
    },
  },
);
