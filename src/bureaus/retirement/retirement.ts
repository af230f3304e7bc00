/**
 * 离退休信息, pensions that human resources and social security pay (社会保险法, chapter 2). A pension stopped for want of a proof of life says
 * nothing about a death.
 */
import { code, day, idNumber, month, text } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const PENSION = {
  EMPLOYEE: { en: 'employees', zh: '企业职工基本养老保险' },
  CIVIL_SERVANT: { en: 'civil servants', zh: '机关事业单位养老保险' },
  RESIDENT: { en: 'residents', zh: '城乡居民基本养老保险' },
};

const STATUS = {
  PAYING: { en: 'being paid', zh: '正常发放' },
  SUSPENDED: { en: 'suspended', zh: '暂停发放' },
  STOPPED: { en: 'stopped', zh: '停止发放' },
};

const STOP_REASON = {
  DEATH: { en: 'death', zh: '死亡' },
  NO_PROOF_OF_LIFE: { en: 'no proof of life', zh: '未通过资格认证' },
  CUSTODY: { en: 'in custody', zh: '服刑羁押' },
  OTHER: { en: 'other', zh: '其他' },
};

@Kind({
  kind: 'retirement',
  type: 'Retirement',
  table: 'retirement.revision',
  filedUnder: 'idNumber',
  provider: 'social-security',
  answers: ['retiredOn'],
  en: 'Retirement and pension',
  zh: '离退休信息（人社局）',
})
export class Retirement {
  @Shared(idNumber, { required: true, sensitivity: 'SENSITIVE', en: 'Identity number', zh: '公民身份号码' })
  idNumber!: string;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Name', zh: '姓名' })
  name!: string;

  @Shared(code(PENSION, { name: 'Pension' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Kind of pension',
    zh: '养老待遇类别',
  })
  pension!: string;

  @Shared(day, { required: true, sensitivity: 'PERSONAL', en: 'Day of retirement', zh: '退休日期' })
  retiredOn!: string;

  @Shared(code(STATUS, { name: 'RetirementStatus' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Status of payment',
    zh: '发放状态',
  })
  status!: string;

  @Shared(code(STOP_REASON, { name: 'StopReason' }), {
    sensitivity: 'PERSONAL',
    en: 'Why payment stopped',
    zh: '停发原因',
  })
  stopReason!: string | null;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Day payment stopped', zh: '停发日期' })
  stoppedOn!: string | null;

  @Shared(month, { sensitivity: 'PERSONAL', en: 'Last month paid, YYYY-MM', zh: '最后发放月份' })
  lastPaidMonth!: string | null;
}

export interface Retirement extends FiledUnderPerson {}
