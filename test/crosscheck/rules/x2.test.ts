import type { Row } from '../plant';
import { testRule } from '../rule-table';

const died = (day: string, registered: string, rest: Row = {}): Row[] => [
  { death_date: day, registered_on: registered, ...rest },
];
const toTheMonth = { date_precision: 'MONTH' };
const toTheYear = { date_precision: 'YEAR' };
const born = (day: string): Row[] => [{ birth_date: day }];

testRule(
  'X2',
  'death',
  { amount: '0.00', tier: null },
  {
    clean: {
      'an ordinary death': { household: [{}], death: [{}] },
      'on the day of birth': { household: born('2026-01-10'), death: [{}] },
      '130 years after birth': { household: born('1896-01-10'), death: [{}] },
      'on the day of its registration': { household: [{}], death: died('2026-01-10', '2026-01-10') },
      'on the day of the check': { household: [{}], death: died('2026-06-30', '2026-07-01') },
      voided: { household: [{}], death: died('2026-01-10', '2026-01-09', { status: 'VOIDED' }) },
      'a month of which the last day is that of birth': {
        household: born('2026-01-31'),
        death: died('2026-01-01', '2026-02-05', toTheMonth),
      },
      'a month of which the first day is 130 years after birth': {
        household: born('1896-01-01'),
        death: died('2026-01-31', '2026-02-05', toTheMonth),
      },
      'a month registered on its first day': {
        household: [{}],
        death: died('2026-01-31', '2026-01-01', toTheMonth),
      },
      'a month whose first day is that of the check is not over': {
        household: [{}],
        death: died('2026-06-15', '2026-06-20', toTheMonth),
      },
      'a year of which the last day is that of birth': {
        household: born('2025-12-31'),
        death: died('2025-01-01', '2026-02-05', toTheYear),
      },
      'a year registered on its first day': { household: [{}], death: died('2026-12-31', '2026-01-01', toTheYear) },
      'the household row speaks before the number': {
        household: born('1950-01-01'),
        death: died('2026-01-10', '2026-01-20', { number_birth_date: '2026-01-11' }),
      },
      'not asked on a shared number': {
        household: [{}, { name: 'other' }],
        death: died('2026-01-10', '2026-01-09'),
      },
      'the police’s date is no document': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH', death_date: '1949-12-31' }],
      },
    },
    flagged: {
      'the day before birth': {
        household: born('2026-01-11'),
        death: [{}],
        finds: { records: ['death-1', 'household-1'] },
      },
      'the day before birth, by the number': {
        death: died('2026-01-10', '2026-01-20', { number_birth_date: '2026-01-11' }),
        finds: { records: ['death-1'] },
      },
      '130 years and a day after birth': { household: born('1896-01-09'), death: [{}] },
      'the day after its registration': { household: [{}], death: died('2026-01-10', '2026-01-09') },
      'the day after the check': { household: [{}], death: died('2026-07-01', '2026-07-01') },
      'a month before birth': { household: born('2026-02-01'), death: died('2026-01-15', '2026-02-05', toTheMonth) },
      'a month more than 130 years after birth': {
        household: born('1895-12-31'),
        death: died('2026-01-15', '2026-02-05', toTheMonth),
      },
      'a month after its registration': { household: [{}], death: died('2026-01-15', '2025-12-31', toTheMonth) },
      'a month after the check': { household: [{}], death: died('2026-07-15', '2026-08-05', toTheMonth) },
      'a year after its registration': { household: [{}], death: died('2026-01-15', '2025-12-31', toTheYear) },
      'a year before birth': { household: born('2026-01-01'), death: died('2025-06-15', '2026-02-05', toTheYear) },
      'no day that is after birth and not after registration': {
        household: born('2026-01-20'),
        death: died('2026-01-15', '2026-01-19', toTheMonth),
      },
      'beside a good one, which gives the person a tier and this none': {
        household: [{}],
        death: [{}, ...died('2026-01-10', '2026-01-09', { source: 'CREMATION' })],
        finds: { nth: 2, records: ['death-2', 'household-1'] },
      },
      'in conflict as well': { household: [{}], death: died('2026-01-10', '2026-01-09', { name: 'other' }) },
      'under an earlier number': {
        household: [{}],
        death: died('2026-01-10', '2026-01-09', { filed: 'earlier' }),
      },
    },
  },
);
