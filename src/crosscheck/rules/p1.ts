/**
 * The preferential share is for monitored households (国办发〔2021〕42号): a claim settled at the POVERTY tier by someone who was not
 * monitored on that day.
 */
import {
  careClaims,
  fundRegulation,
  READ_TO_TELL_ONCE,
  type Rule,
  record,
  recordsOf,
  TOLD_BY_PROVEN_DEATH,
} from '../rule';

export const rule: Rule = {
  code: 'P1',
  version: 1,
  title: { en: 'Preferential benefit without monitoring', zh: '非监测对象享受倾斜待遇' },
  basis: [
    {
      en: 'Opinions on the System of Insurance and Assistance for Serious and Major Illness (General Office of the State Council, 2021 No. 42), sections 2 and 3',
      zh: '国务院办公厅关于健全重特大疾病医疗保险和救助制度的意见（国办发〔2021〕42号）第二、三部分',
    },
    fundRegulation('article 38 (6)', '第三十八条第六项'),
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: {},
  reads: [...READ_TO_TELL_ONCE, 'claim.benefitTier', 'poverty.person', 'poverty.identifiedOn', 'poverty.riskRemovedOn'],
  supersededBy: TOLD_BY_PROVEN_DEATH,
  sql: (_, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'c')}) || ${recordsOf('poverty', 'c.person_key')} as records
    from ${careClaims} c
    where c.benefit_tier = 'POVERTY' and not exists (
      select 1 from matching.poverty p
      where p.person_key = c.person_key and p.identified_on <= c.care_last
        and (p.risk_removed_on is null or greatest(p.identified_on, c.care_first) < p.risk_removed_on)
    ) ${within('c')}`,
};
