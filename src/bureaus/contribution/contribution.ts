/**
 * 征缴信息, medical insurance contributions that the tax bureau collects (社会保险费征缴暂行条例): monthly for employees, yearly for residents.
 */
import { SCHEME } from '../codes';
import { code, idNumber, instant, money, period } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const PAYER = {
  SELF: { en: 'the insured', zh: '个人缴费' },
  EMPLOYER: { en: 'the employer', zh: '单位缴费' },
  AID: { en: 'medical aid', zh: '医疗救助资助' },
};

const STATUS = { PAID: { en: 'paid', zh: '已缴费' }, REFUNDED: { en: 'refunded', zh: '已退费' } };

@Kind({
  kind: 'contribution',
  type: 'Contribution',
  table: 'contribution.revision',
  filedUnder: 'idNumber',
  provider: 'tax',
  answers: ['paidFor'],
  en: 'Contribution paid',
  zh: '征缴信息（税务局）',
  check: (row) => {
    const months = row.period?.length === 7;
    if (row.scheme === 'EMPLOYEE' && !months) return 'period of an EMPLOYEE contribution must be a month, YYYY-MM';
    if (row.scheme === 'RESIDENT' && months) return 'period of a RESIDENT contribution must be a year, YYYY';
    return undefined;
  },
})
export class Contribution {
  @Shared(idNumber, { required: true, sensitivity: 'SENSITIVE', en: 'Identity number', zh: '公民身份号码' })
  idNumber!: string;

  @Shared(code(SCHEME, { name: 'Scheme' }), { required: true, sensitivity: 'PERSONAL', en: 'Scheme', zh: '险种' })
  scheme!: string;

  @Shared(period, {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Period paid for: YYYY-MM for employees, YYYY for residents',
    zh: '费款所属期',
  })
  period!: string;

  @Shared(money, { required: true, sensitivity: 'PERSONAL', en: 'Amount', zh: '缴费金额' })
  amount!: string;

  @Shared(code(PAYER, { name: 'Payer' }), { required: true, sensitivity: 'PERSONAL', en: 'Who paid', zh: '缴费主体' })
  payer!: string;

  @Shared(instant, { required: true, sensitivity: 'PERSONAL', en: 'When it was paid', zh: '缴费时间' })
  paidAt!: string;

  @Shared(code(STATUS, { name: 'ContributionStatus' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Status',
    zh: '缴费状态',
  })
  status!: string;
}

export interface Contribution extends FiledUnderPerson {}
