/** A capitation pays for the living, month by month: one for a month after that of death (条例 第三十八条). The month of death is due. */
import {
  fundClaims,
  fundRegulation,
  isMonthAfterDeath,
  READ_FOR_EVIDENCE,
  READ_FOR_FUND_CLAIMS,
  type Rule,
  record,
} from '../rule';

export const rule: Rule = {
  code: 'D6',
  version: 1,
  title: { en: 'Capitation for a month after death', zh: '死亡月份之后仍按人头付费' },
  basis: [
    fundRegulation('articles 38 (6) and 40', '第三十八条第六项、第四十条'),
    { en: 'Social Insurance Law, articles 87 and 88', zh: '社会保险法 第八十七条、第八十八条' },
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: {},
  reads: [...READ_FOR_EVIDENCE, ...READ_FOR_FUND_CLAIMS],
  sql: (_, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount, jsonb_build_array(${record(`'claim'`, 'c')}) as records
    from matching.death_window w
    join ${fundClaims} c on c.person_key = w.person_key
    where c.claim_type = 'CAPITATION' and ${isMonthAfterDeath} ${within('c')}`,
};
