/**
 * 参保信息, enrolment in basic medical insurance (社会保险法, chapter 3). Coverage runs on `[startDate, endDate)`; a suspension is an enrolment
 * of its own.
 */
import { SCHEME } from '../codes';
import { code, day, district, idNumber, text } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const CATEGORY = {
  WORKING: { en: 'working', zh: '在职职工' },
  RETIRED: { en: 'retired', zh: '退休人员' },
  ADULT: { en: 'adult resident', zh: '成年居民' },
  MINOR: { en: 'minor', zh: '未成年人' },
  STUDENT: { en: 'student', zh: '学生' },
  NEWBORN: { en: 'newborn', zh: '新生儿' },
  AIDED: { en: 'aided', zh: '医疗救助资助对象' },
};

const STATUS = {
  ACTIVE: { en: 'active', zh: '正常参保' },
  SUSPENDED: { en: 'suspended', zh: '暂停参保' },
  TERMINATED: { en: 'terminated', zh: '终止参保' },
};

@Kind({
  kind: 'enrollment',
  type: 'Enrollment',
  table: 'enrollment.revision',
  filedUnder: 'idNumber',
  provider: 'medical-insurance',
  district: 'r.pooling_district',
  answers: ['insuredOn'],
  en: 'Enrolment in medical insurance',
  zh: '参保信息（医保局）',
})
export class Enrollment {
  @Shared(idNumber, { required: true, sensitivity: 'SENSITIVE', en: 'Identity number', zh: '公民身份号码' })
  idNumber!: string;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Name', zh: '姓名' })
  name!: string;

  @Shared(code(SCHEME, { name: 'Scheme' }), { required: true, sensitivity: 'PERSONAL', en: 'Scheme', zh: '险种' })
  scheme!: string;

  @Shared(district, { required: true, sensitivity: 'INTERNAL', en: 'Pooling district (GB/T 2260)', zh: '统筹区' })
  poolingDistrict!: string;

  @Shared(code(CATEGORY, { name: 'EnrollmentCategory' }), {
    sensitivity: 'PERSONAL',
    en: 'Category of the insured',
    zh: '人员类别',
  })
  category!: string | null;

  @Shared(text, {
    sensitivity: 'PERSONAL',
    en: 'Unified social credit code of the employer',
    zh: '单位统一社会信用代码',
  })
  employerCode!: string | null;

  @Shared(day, { required: true, sensitivity: 'PERSONAL', en: 'First day of coverage', zh: '参保开始日期' })
  startDate!: string;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'First day no longer covered; empty while it runs', zh: '参保终止日期' })
  endDate!: string | null;

  @Shared(code(STATUS, { name: 'EnrollmentStatus' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Status',
    zh: '参保状态',
  })
  status!: string;
}

export interface Enrollment extends FiledUnderPerson {}
