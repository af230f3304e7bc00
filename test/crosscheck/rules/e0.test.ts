import { type Records, stay } from '../plant';
import { testRule } from '../rule-table';

const alive: Records = { household: [{}] };
const on = (day: string, rest = {}) => [{ service_date: day, ...rest }];
const from = (start: string, end?: string, rest = {}) => ({ start_date: start, end_date: end, ...rest });
/** Born on 2026-01-01. */
const born = '2026-01-01';
const child: Records = { household: [{ birth_date: born }] };

testRule(
  'E0',
  'claim',
  { amount: '100.00', tier: null },
  {
    clean: {
      covered: { ...alive, enrollment: [{}], claim: on('2026-02-01') },
      'first day of cover': { ...alive, enrollment: [from('2026-02-01')], claim: on('2026-02-01') },
      'last day of cover': { ...alive, enrollment: [from('2020-01-01', '2026-02-02')], claim: on('2026-02-01') },
      'covered by a terminated enrolment': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-03-01', { status: 'TERMINATED' })],
        claim: on('2026-02-01'),
      },
      'transfer without a gap': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-02-01'), from('2026-02-01')],
        claim: on('2026-02-01'),
      },
      'suspended, but covered by another': {
        ...alive,
        enrollment: [{ status: 'SUSPENDED' }, { scheme: 'RESIDENT' }],
        claim: on('2026-02-01'),
      },
      'enrolled under an earlier number': { ...alive, enrollment: [{ filed: 'earlier' }], claim: on('2026-02-01') },
      'a stay covered at admission': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-02-02')],
        claim: [stay('2026-02-01', '2026-02-20')],
      },
      'capitation: cover begins on the last day of the month': {
        ...alive,
        enrollment: [from('2026-02-28')],
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
      'capitation: cover ends after the first day of the month': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-02-02')],
        claim: on('2026-02-20', { claim_type: 'CAPITATION' }),
      },
      'no fund money': { ...alive, claim: on('2026-02-01', { pooled_paid: 0, account_paid: 10 }) },
      reversed: { ...alive, claim: on('2026-02-01', { status: 'REVERSED' }) },
      recovered: { ...alive, claim: on('2026-02-01', { status: 'RECOVERED' }) },
      refused: { ...alive, claim: on('2026-02-01', { status: 'REFUSED' }) },
      'mortuary only': { ...alive, claim: on('2026-02-01'), claim_line: [{ item_group: 'MORTUARY' }] },
      'newborn: claim 90 days after birth, enrolled after it within 90': {
        ...child,
        enrollment: [from('2026-04-01')],
        claim: on('2026-03-31'),
      },
      'newborn: claim on the day of birth': { ...child, enrollment: [from('2026-03-01')], claim: on(born) },
      'newborn: birth date of the number where no household row is': {
        enrollment: [from('2026-03-01')],
        claim: on('2026-02-01', { number_birth_date: born }),
      },
      'newborn: the household row speaks before the number': {
        ...child,
        enrollment: [from('2026-03-01')],
        claim: on('2026-02-01', { number_birth_date: '2020-01-01' }),
      },
      'newborn: capitation for a month of which a day is within 90 days': {
        ...child,
        enrollment: [from('2026-04-01', '2026-04-01'), from('2026-05-01')],
        claim: on('2026-03-31', { claim_type: 'CAPITATION' }),
      },
      'dead for certain and told by D1': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2026-01-11')],
        claim: on('2026-02-01'),
      },
      'dead for certain and told by D3': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2026-01-11')],
        claim: [stay('2026-02-01', '2026-02-03')],
      },
      'dead for certain and told by D2': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2026-01-05')],
        claim: [stay('2026-01-08', '2026-02-03')],
        claim_line: [{}],
      },
      'dead for certain and told by D6': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2026-01-11')],
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
    },
    flagged: {
      'never enrolled': { ...alive, claim: on('2026-02-01'), finds: { records: ['claim-1', 'household-1'] } },
      'no household row': { claim: on('2026-02-01'), finds: { records: ['claim-1'] } },
      'an enrolment that ends before it starts': {
        ...alive,
        enrollment: [from('2026-03-01', '2026-01-01')],
        claim: on('2026-02-01'),
        finds: { records: ['claim-1', 'enrollment-1', 'household-1'] },
      },
      'the day before cover': { ...alive, enrollment: [from('2026-02-02')], claim: on('2026-02-01') },
      'the first day no longer covered': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-02-01')],
        claim: on('2026-02-01'),
      },
      'in a gap': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-01-15'), from('2026-02-15')],
        claim: on('2026-02-01'),
      },
      suspended: { ...alive, enrollment: [{ status: 'SUSPENDED' }], claim: on('2026-02-01') },
      'a stay, cover begins after admission': {
        ...alive,
        enrollment: [from('2026-02-02')],
        claim: [stay('2026-02-01', '2026-02-20')],
      },
      'capitation: cover begins after the month': {
        ...alive,
        enrollment: [from('2026-03-01')],
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
      'capitation: cover ended on the first day of the month': {
        ...alive,
        enrollment: [from('2020-01-01', '2026-02-01')],
        claim: on('2026-02-20', { claim_type: 'CAPITATION' }),
      },
      'capitation: an enrolment that covers no day at all': {
        ...alive,
        enrollment: [from('2026-02-10', '2026-02-10')],
        claim: on('2026-02-20', { claim_type: 'CAPITATION' }),
      },
      'newborn never enrolled': { ...child, claim: on('2026-02-01') },
      'newborn enrolled 91 days after birth': { ...child, enrollment: [from('2026-04-02')], claim: on('2026-02-01') },
      'newborn: claim 91 days after birth': {
        ...child,
        enrollment: [from('2026-03-01', '2026-03-02'), from('2026-05-01')],
        claim: on('2026-04-02'),
      },
      'claim before birth': { ...child, enrollment: [from('2026-03-01')], claim: on('2025-12-31') },
      'suspected death does not supersede': {
        ...alive,
        death: [{ source: 'CREMATION' }],
        claim: on('2026-02-01'),
        finds: { tier: 'SUSPECTED' },
      },
      'dead for certain, a stay without late items': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2026-01-05')],
        claim: [stay('2026-01-08', '2026-02-03')],
        finds: { tier: 'PROVEN' },
      },
      'dead for certain, a capitation for the month of death': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2025-11-01')],
        claim: on('2026-01-31', { claim_type: 'CAPITATION' }),
        finds: { tier: 'PROVEN' },
      },
      'told by D5, which supersedes nothing': {
        ...alive,
        enrollment: [from('2010-01-01', '2026-01-11')],
        claim: [stay('2026-01-05', '2026-01-10', { discharge_way: '5' }), {}],
        finds: { nth: 2 },
      },
      'contested death does not supersede': {
        ...alive,
        death: [{}, { source: 'CREMATION', death_date: '2026-02-28', registered_on: '2026-03-01' }],
        claim: on('2026-04-01'),
        finds: { tier: 'CONTESTED' },
      },
      'dead for certain, claim before death': {
        ...alive,
        death: [{}],
        enrollment: [from('2010-01-01', '2025-11-01')],
        claim: on('2025-12-01'),
        finds: { tier: 'PROVEN' },
      },
    },
  },
);
