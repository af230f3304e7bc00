import type { Records } from '../plant';
import { testRule } from '../rule-table';

const both = (rest: Records['death']): Records => ({ household: [{}], death: rest });
const cremation = (day: string, rest = {}) => ({ source: 'CREMATION', death_date: day, ...rest });

testRule(
  'D10',
  'person',
  { amount: '0.00', tier: 'CONTESTED' },
  {
    clean: {
      'no death': { household: [{}] },
      'one date': both([{}]),
      'days 30 apart': both([{}, cremation('2026-02-09')]),
      'a day and a month far apart': both([{}, cremation('2026-05-01', { date_precision: 'MONTH' })]),
      'far apart, one impossible': both([{}, cremation('2026-05-01', { registered_on: '2026-04-30' })]),
      'far apart, one voided': both([{}, cremation('2026-05-01', { status: 'VOIDED' })]),
      'far apart, one in conflict': both([{}, cremation('2026-05-01', { name: 'other' })]),
      'far apart on a shared number': {
        household: [{}, { name: 'other' }],
        death: [{}, cremation('2026-05-01')],
      },
      'a month that begins 60 days after': {
        household: [{}],
        death: [{ death_date: '2026-01-31' }],
        contribution: [{ period: '2026-04' }],
      },
      'a contribution for a month before': { ...both([{}]), contribution: [{ period: '2025-12' }] },
      'a life sign refunded': { ...both([{}]), contribution: [{ period: '2026-04', status: 'REFUNDED' }] },
      'a contribution paid by the person': { ...both([{}]), contribution: [{ period: '2026-04', payer: 'SELF' }] },
      'a life sign without a window': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        contribution: [{ period: '2026-04' }],
      },
    },
    flagged: {
      'days 31 apart': {
        ...both([{}, cremation('2026-02-10')]),
        finds: { records: ['death-1', 'death-2', 'household-1'] },
      },
      'days 31 apart, the police’s and a document’s': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH', death_date: '2026-02-10' }],
        death: [{}],
        finds: { records: ['death-1', 'household-1'] },
      },
      'days far apart with a month between them': both([
        {},
        cremation('2026-03-10'),
        cremation('2026-02-01', { date_precision: 'MONTH' }),
      ]),
      'a life sign: a month that begins 61 days after': {
        household: [{}],
        death: [{ death_date: '2026-01-30' }],
        contribution: [{ period: '2026-05' }, { period: '2026-04' }],
        finds: { records: ['contribution-2', 'death-1', 'household-1'] },
      },
      'a life sign of someone without a household row': { death: [{}], contribution: [{ period: '2026-06' }] },
      'a life sign under an earlier number': {
        ...both([{}]),
        contribution: [{ period: '2026-06', filed: 'earlier' }],
      },
    },
  },
);
