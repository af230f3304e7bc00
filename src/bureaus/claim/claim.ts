/**
 * 医保结算, settled medical insurance claims (医疗保障基金使用监督管理条例). The day of care is `serviceDate`, for a stay `admissionDate`; the
 * day of settlement says nothing about either.
 */
import { code, day, derived, district, idNumber, instant, money, text } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const CLAIM_TYPE = {
  OUTPATIENT: { en: 'outpatient', zh: '门诊' },
  INPATIENT: { en: 'inpatient', zh: '住院' },
  PHARMACY: { en: 'pharmacy', zh: '药店购药' },
  CAPITATION: { en: 'monthly capitation', zh: '按人头按月付费' },
};

const DISCHARGE_WAY = {
  1: { en: 'home, by medical advice', zh: '医嘱离院' },
  2: { en: 'transferred', zh: '医嘱转院' },
  3: { en: 'to community care', zh: '医嘱转社区卫生服务机构' },
  4: { en: 'against advice', zh: '非医嘱离院' },
  5: { en: 'died', zh: '死亡' },
  9: { en: 'other', zh: '其他' },
};

const BENEFIT_TIER = {
  BASIC: { en: 'basic', zh: '普通待遇' },
  RETIREE: { en: 'retiree', zh: '退休待遇' },
  POVERTY: { en: 'preferential for monitored poverty', zh: '倾斜待遇' },
};

const STATUS = {
  PAID: { en: 'paid', zh: '已结算' },
  REVERSED: { en: 'reversed', zh: '已冲销' },
  RECOVERED: { en: 'recovered', zh: '已追回' },
  REFUSED: { en: 'refused, nothing paid', zh: '拒付' },
};

@Kind({
  kind: 'claim',
  type: 'Claim',
  table: 'claim.revision',
  filedUnder: 'idNumber',
  provider: 'medical-insurance',
  district: 'r.pooling_district',
  en: 'Settled claim',
  zh: '医保结算（医保局）',
  check: (row) => {
    if (row.claimType !== 'INPATIENT')
      return row.serviceDate === null ? `service_date is required for ${row.claimType}` : undefined;
    if (row.admissionDate === null) return 'admission_date is required for INPATIENT';
    return row.dischargeDate === null ? 'discharge_date is required for INPATIENT' : undefined;
  },
})
export class Claim {
  @Shared(idNumber, {
    required: true,
    sensitivity: 'SENSITIVE',
    en: 'Identity number of the patient',
    zh: '公民身份号码',
  })
  idNumber!: string;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Name of the patient', zh: '姓名' })
  name!: string;

  @Shared(text, { required: true, sensitivity: 'INTERNAL', en: 'Code of the institution', zh: '定点医药机构代码' })
  institutionCode!: string;

  @Shared(text, { sensitivity: 'INTERNAL', en: 'Name of the institution', zh: '定点医药机构名称' })
  institutionName!: string | null;

  @Shared(text, { sensitivity: 'INTERNAL', en: 'Code of the doctor', zh: '医保医师代码' })
  doctorCode!: string | null;

  @Shared(district, { required: true, sensitivity: 'INTERNAL', en: 'Place of care (GB/T 2260)', zh: '就医地' })
  careDistrict!: string;

  @Shared(district, { required: true, sensitivity: 'INTERNAL', en: 'Place of insurance (GB/T 2260)', zh: '参保地' })
  poolingDistrict!: string;

  @Shared(code(CLAIM_TYPE, { name: 'ClaimType' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Kind of claim',
    zh: '结算类别',
  })
  claimType!: string;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Day of service; empty for a stay', zh: '服务日期' })
  serviceDate!: string | null;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Day of admission', zh: '入院日期' })
  admissionDate!: string | null;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Day of discharge', zh: '出院日期' })
  dischargeDate!: string | null;

  @Shared(code(DISCHARGE_WAY), { sensitivity: 'PERSONAL', en: 'Way of discharge: 5 is died', zh: '离院方式' })
  dischargeWay!: string | null;

  @Shared(instant, {
    required: true,
    sensitivity: 'INTERNAL',
    en: 'When it was settled; never the date of service',
    zh: '结算时间',
  })
  settledAt!: string;

  @Shared(instant, { sensitivity: 'INTERNAL', en: 'When it was uploaded; never the date of service', zh: '上传时间' })
  uploadedAt!: string | null;

  @Shared(money, { required: true, sensitivity: 'PERSONAL', en: 'Total amount', zh: '总费用' })
  totalAmount!: string;

  @Shared(money, { required: true, sensitivity: 'PERSONAL', en: 'Paid by the pooled fund', zh: '统筹基金支付' })
  pooledPaid!: string;

  @Shared(money, { sensitivity: 'PERSONAL', en: 'Paid by serious illness insurance', zh: '大病保险支付' })
  seriousIllnessPaid!: string | null;

  @Shared(money, { sensitivity: 'PERSONAL', en: 'Paid by medical aid', zh: '医疗救助支付' })
  aidPaid!: string | null;

  @Shared(money, { sensitivity: 'PERSONAL', en: 'Paid from a personal account', zh: '个人账户支付' })
  accountPaid!: string | null;

  @Shared(money, { sensitivity: 'PERSONAL', en: 'Paid by the patient', zh: '个人自付' })
  selfPaid!: string | null;

  @Shared(idNumber, {
    sensitivity: 'SENSITIVE',
    en: 'Owner of the account used; empty is the patient',
    zh: '个人账户所有人号码（家庭共济）',
  })
  accountOwnerIdNumber!: string | null;

  @Shared(derived('personKey', 'accountOwnerIdNumber'), {
    hidden: true,
    sensitivity: 'PERSONAL',
    en: 'Key of the account owner',
    zh: '账户所有人人员键',
  })
  accountOwnerKey!: Buffer | null;

  @Shared(code(BENEFIT_TIER, { name: 'BenefitTier' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Tier of benefit',
    zh: '待遇类别',
  })
  benefitTier!: string;

  @Shared(code(STATUS, { name: 'ClaimStatus' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Status',
    zh: '结算状态',
  })
  status!: string;
}

export interface Claim extends FiledUnderPerson {}
