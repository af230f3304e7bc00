/**
 * 防止返贫致贫监测对象信息, households monitored against relapse into poverty (国乡振发〔2021〕7号). A person is monitored on
 * `[identifiedOn, riskRemovedOn)`.
 */
import { code, day, district, idNumber, text } from '../form';
import { type FiledUnderPerson, Kind, Shared } from '../record';

const CATEGORY = {
  UNSTABLE: { en: 'unstable after leaving poverty', zh: '脱贫不稳定户' },
  MARGINAL: { en: 'at the margin of poverty', zh: '边缘易致贫户' },
  HARDSHIP: { en: 'in sudden serious hardship', zh: '突发严重困难户' },
};

@Kind({
  kind: 'poverty',
  type: 'PovertyMonitoring',
  table: 'poverty.revision',
  filedUnder: 'idNumber',
  provider: 'rural-revitalisation',
  district: 'r.district_code',
  answers: ['monitoredOn'],
  en: 'Poverty-relapse monitoring',
  zh: '防止返贫致贫监测对象信息（乡村振兴局）',
})
export class PovertyMonitoring {
  @Shared(idNumber, { required: true, sensitivity: 'SENSITIVE', en: 'Identity number', zh: '公民身份号码' })
  idNumber!: string;

  @Shared(text, { required: true, sensitivity: 'PERSONAL', en: 'Name', zh: '姓名' })
  name!: string;

  @Shared(code(CATEGORY, { name: 'PovertyCategory' }), {
    required: true,
    sensitivity: 'SENSITIVE',
    en: 'Category',
    zh: '监测对象类别',
  })
  category!: string;

  @Shared(text, { sensitivity: 'INTERNAL', en: 'Household number', zh: '户编号' })
  householdNo!: string | null;

  @Shared(district, { required: true, sensitivity: 'INTERNAL', en: 'District (GB/T 2260)', zh: '行政区划代码' })
  districtCode!: string;

  @Shared(day, { required: true, sensitivity: 'PERSONAL', en: 'Day from which monitored', zh: '识别时间' })
  identifiedOn!: string;

  @Shared(day, { sensitivity: 'PERSONAL', en: 'Day from which no longer monitored', zh: '风险消除时间' })
  riskRemovedOn!: string | null;
}

export interface PovertyMonitoring extends FiledUnderPerson {}
