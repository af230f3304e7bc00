/**
 * 户籍信息, the household register of the public security bureau: who holds which identity number, and which numbers were theirs before
 * (户口登记条例, articles 4 and 8). A cancellation date is the day the register was changed, never a date of death.
 */
import { SEX } from '../codes';
import { code, day, derived, district, idNumber, pattern, text } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const STATUS = { ACTIVE: { en: 'registered', zh: '正常' }, CANCELLED: { en: 'cancelled', zh: '注销' } };

const CANCEL_REASON = {
  DEATH: { en: 'death', zh: '死亡' },
  MOVED_OUT: { en: 'moved out', zh: '迁出' },
  EMIGRATED: { en: 'settled abroad', zh: '出国（境）定居' },
  DUPLICATE: { en: 'registered twice', zh: '重复户口' },
  ENLISTED: { en: 'enlisted', zh: '参军入伍' },
  OTHER: { en: 'other', zh: '其他' },
};

@Kind({
  kind: 'household',
  type: 'Household',
  table: 'household.revision',
  filedUnder: 'idNumber',
  provider: 'public-security',
  district: 'r.district_code',
  answers: ['aliveOn'],
  en: 'Household register entry',
  zh: '户籍信息（公安局）',
  check: (row) =>
    row.deathDate !== null && row.cancelReason !== 'DEATH'
      ? 'death_date is only allowed with cancel_reason DEATH'
      : undefined,
})
export class Household {
  @Shared(idNumber, { required: true, sensitivity: 'SENSITIVE', en: 'Citizen identity number', zh: '公民身份号码' })
  idNumber!: string;

  @Shared(
    { form: 'numberList' },
    { sensitivity: 'SENSITIVE', en: 'Earlier or wrongly shared numbers', zh: '曾用公民身份号码' },
  )
  previousIdNumbers!: string[] | null;

  @Shared(derived('numberKeys', 'previousIdNumbers'), {
    sensitivity: 'PERSONAL',
    en: 'Keys of the earlier numbers',
    zh: '曾用号码的人员键',
  })
  previousKeys!: Buffer[] | null;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Name', zh: '姓名' })
  name!: string;

  @Shared(derived('nameKey', 'name'), { sensitivity: 'PERSONAL', en: 'Keyed hash of the name', zh: '姓名比对键' })
  nameKey!: Buffer;

  @Shared(code(SEX), { required: true, sensitivity: 'PERSONAL', en: 'Sex (GB/T 2261.1)', zh: '性别' })
  sex!: string;

  @Shared(day, { required: true, sensitivity: 'PERSONAL', en: 'Date of birth', zh: '出生日期' })
  birthDate!: string;

  @Shared(pattern(/^\d{2}$/, 'a two-digit code of GB/T 3304'), {
    sensitivity: 'SENSITIVE',
    en: 'Ethnicity (GB/T 3304)',
    zh: '民族',
  })
  ethnicity!: string | null;

  @Shared(text, { required: true, sensitivity: 'INTERNAL', en: 'Household number', zh: '户号' })
  householdNo!: string;

  @Shared(pattern(/^\d{2}$/, 'a two-digit code of GB/T 4761'), {
    sensitivity: 'PERSONAL',
    en: 'Relation to the head (GB/T 4761)',
    zh: '与户主关系',
  })
  relationToHead!: string | null;

  @Shared(text, { sensitivity: 'PERSONAL', en: 'Registered address', zh: '户籍地址' })
  address!: string | null;

  @Shared(district, {
    required: true,
    sensitivity: 'INTERNAL',
    en: 'Place of registration (GB/T 2260)',
    zh: '户籍地行政区划代码',
  })
  districtCode!: string;

  @Shared(code(STATUS, { name: 'HouseholdStatus' }), {
    required: true,
    sensitivity: 'INTERNAL',
    en: 'Status of the entry',
    zh: '户籍状态',
  })
  status!: string;

  @Shared(code(CANCEL_REASON, { name: 'CancelReason' }), {
    sensitivity: 'PERSONAL',
    en: 'Why it was cancelled',
    zh: '注销原因',
  })
  cancelReason!: string | null;

  @Shared(day, { sensitivity: 'INTERNAL', en: 'Day the register was changed; not a date of death', zh: '注销日期' })
  cancelDate!: string | null;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Date of death, when the police know it', zh: '死亡日期' })
  deathDate!: string | null;
}

export interface Household extends FiledUnderPerson {}
