/** Nobody is admitted to hospital after their death: a stay whose admission lies after the window of death (条例 第四十条, 第四十一条). */
import { fundRegulation, READ_FOR_CARE_CLAIMS, READ_FOR_EVIDENCE, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'D3',
  version: 1,
  title: { en: 'Hospital admission after death', zh: '死亡后入院结算' },
  basis: [
    fundRegulation('articles 40 and 41', '第四十条、第四十一条'),
    { en: 'Social Insurance Law, article 88', zh: '社会保险法 第八十八条' },
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: { graceDays: 1 },
  reads: [...READ_FOR_EVIDENCE, ...READ_FOR_CARE_CLAIMS],
  sql: ({ graceDays }, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount, jsonb_build_array(${record(`'claim'`, 'c')}) as records
    from matching.care_after_death c
    where c.claim_type = 'INPATIENT' and c.is_live and c.days_after > ${graceDays} ${within('c')}`,
};
