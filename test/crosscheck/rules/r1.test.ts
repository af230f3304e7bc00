import type { Records, Row } from '../plant';
import { testRule } from '../rule-table';

const stopped = (rest: Row = {}): Row[] => [{ status: 'STOPPED', stop_reason: 'DEATH', ...rest }];
const alive: Records = { household: [{}], enrollment: [{}] };

testRule(
  'R1',
  'retirement',
  { amount: '0.00', tier: null },
  {
    clean: {
      'stopped for want of a proof of life': { ...alive, retirement: stopped({ stop_reason: 'NO_PROOF_OF_LIFE' }) },
      'stopped for custody': { ...alive, retirement: stopped({ stop_reason: 'CUSTODY' }) },
      'stopped for another reason': { ...alive, retirement: stopped({ stop_reason: 'OTHER' }) },
      'stopped, no reason given': { ...alive, retirement: stopped({ stop_reason: null }) },
      'being paid, whatever the reason says': { ...alive, retirement: stopped({ status: 'PAYING' }) },
      suspended: { ...alive, retirement: stopped({ status: 'SUSPENDED' }) },
      'a certificate': { ...alive, death: [{}], retirement: stopped() },
      'one that matches in part': { ...alive, death: [{ source: 'CREMATION' }], retirement: stopped() },
      'the register, without a date': {
        ...alive,
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        retirement: stopped(),
      },
      'no enrolment': { household: [{}], retirement: stopped() },
      'insurance suspended': { ...alive, enrollment: [{ status: 'SUSPENDED' }], retirement: stopped() },
      'insurance terminated': { ...alive, enrollment: [{ status: 'TERMINATED' }], retirement: stopped() },
      'insurance ended on the day of the check': {
        ...alive,
        enrollment: [{ end_date: '2026-06-30' }],
        retirement: stopped(),
      },
      'insurance begins the day after the check': {
        ...alive,
        enrollment: [{ start_date: '2026-07-01' }],
        retirement: stopped(),
      },
      'another person’s insurance': { ...alive, enrollment: [{ person: 'other' }], retirement: stopped() },
    },
    flagged: {
      'insurance runs on': {
        ...alive,
        retirement: stopped(),
        finds: { records: ['enrollment-1', 'household-1', 'retirement-1'] },
      },
      'a civil servant’s': { ...alive, retirement: stopped({ pension: 'CIVIL_SERVANT' }) },
      'a resident’s': { ...alive, retirement: stopped({ pension: 'RESIDENT' }) },
      'insurance ends the day after the check': {
        ...alive,
        enrollment: [{ end_date: '2026-07-01' }],
        retirement: stopped(),
      },
      'insurance begins on the day of the check': {
        ...alive,
        enrollment: [{ start_date: '2026-06-30' }],
        retirement: stopped(),
      },
      'of several enrolments the running one': {
        ...alive,
        enrollment: [{ end_date: '2020-01-01' }, { scheme: 'RESIDENT' }],
        retirement: stopped(),
        finds: { records: ['enrollment-2', 'household-1', 'retirement-1'] },
      },
      'a voided certificate is no evidence': {
        ...alive,
        death: [{ status: 'VOIDED' }],
        retirement: stopped(),
        finds: { records: ['death-1', 'enrollment-1', 'household-1', 'retirement-1'] },
      },
      'a conflicting certificate is no evidence': { ...alive, death: [{ name: 'other' }], retirement: stopped() },
      'an impossible certificate is no evidence': {
        ...alive,
        death: [{ registered_on: '2026-01-01' }],
        retirement: stopped(),
      },
      'cancelled for another reason is no evidence': {
        ...alive,
        household: [{ status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }],
        retirement: stopped(),
      },
      'on a shared number there is no evidence': {
        ...alive,
        household: [{}, { name: 'other' }],
        death: [{}],
        retirement: stopped(),
      },
      'no household row': {
        enrollment: [{}],
        retirement: stopped(),
        finds: { records: ['enrollment-1', 'retirement-1'] },
      },
      'under an earlier number': { ...alive, retirement: stopped({ filed: 'earlier' }) },
      'two pensions': {
        ...alive,
        retirement: [...stopped(), ...stopped({ pension: 'RESIDENT' })],
        finds: [{ nth: 1 }, { nth: 2 }],
      },
    },
  },
);
