/**
 * 死亡信息, deaths as civil affairs, health commission and courts document them (死亡医学证明 under 国卫规划发〔2013〕57号, cremation under
 * 殡葬管理条例, declarations of death under 民法典, article 46).
 */
import { code, day, derived, district, idNumber, instant, text } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const SOURCE = {
  DEATH_CERTIFICATE: { en: 'medical certificate of death', zh: '死亡医学证明' },
  CREMATION: { en: 'cremation record', zh: '火化' },
  COURT_DECLARATION: { en: 'declared dead by a court', zh: '宣告死亡' },
};

const PRECISION = {
  DAY: { en: 'to the day', zh: '精确到日' },
  MONTH: { en: 'to the month', zh: '精确到月' },
  YEAR: { en: 'to the year', zh: '精确到年' },
};

const STATUS = { VALID: { en: 'valid', zh: '有效' }, VOIDED: { en: 'voided', zh: '作废' } };

@Kind({
  kind: 'death',
  type: 'Death',
  table: 'death.revision',
  filedUnder: 'idNumber',
  provider: 'civil-affairs',
  district: 'r.place_district',
  answers: ['aliveOn'],
  en: 'Death record',
  zh: '死亡信息（民政局、卫健委、法院）',
})
export class Death {
  @Shared(code(SOURCE, { name: 'DeathSource' }), {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Kind of document',
    zh: '信息来源',
  })
  source!: string;

  @Shared(idNumber, {
    required: true,
    sensitivity: 'SENSITIVE',
    en: 'Identity number on the document',
    zh: '公民身份号码',
  })
  idNumber!: string;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Name on the document', zh: '姓名' })
  name!: string;

  @Shared(derived('nameKey', 'name'), { sensitivity: 'PERSONAL', en: 'Keyed hash of the name', zh: '姓名比对键' })
  nameKey!: Buffer;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Date of birth on the document', zh: '出生日期' })
  birthDate!: string | null;

  @Shared(day, {
    required: true,
    sensitivity: 'PERSONAL',
    en: 'Date of death, as exact as datePrecision says',
    zh: '死亡日期',
  })
  deathDate!: string;

  @Shared(code(PRECISION, { name: 'DatePrecision', default: 'DAY' }), {
    sensitivity: 'INTERNAL',
    en: 'How exact the date of death is',
    zh: '死亡日期精度',
  })
  datePrecision!: string;

  @Shared(text, { sensitivity: 'INTERNAL', en: 'Number of the document', zh: '证明编号' })
  certificateNo!: string | null;

  @Shared(district, { sensitivity: 'PERSONAL', en: 'Place of death (GB/T 2260)', zh: '死亡地行政区划代码' })
  placeDistrict!: string | null;

  @Shared(instant, { required: true, sensitivity: 'INTERNAL', en: 'When the document was registered', zh: '登记时间' })
  registeredAt!: string;

  @Shared(code(STATUS, { name: 'DeathStatus' }), {
    required: true,
    sensitivity: 'INTERNAL',
    en: 'Status of the document',
    zh: '证明状态',
  })
  status!: string;
}

export interface Death extends FiledUnderPerson {}
