/** The retirees' share is for retirees (社会保险法 第二十七条): a claim settled at the RETIREE tier by someone not retired on that day. */
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
  code: 'T1',
  version: 1,
  title: { en: 'Retiree benefit without retirement', zh: '未退休享受退休人员待遇' },
  basis: [
    { en: 'Social Insurance Law, article 27', zh: '社会保险法 第二十七条' },
    fundRegulation('article 38 (6)', '第三十八条第六项'),
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: {},
  reads: [...READ_TO_TELL_ONCE, 'claim.benefitTier', 'retirement.person', 'retirement.pension', 'retirement.retiredOn'],
  supersededBy: TOLD_BY_PROVEN_DEATH,
  sql: (_, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'c')}) || ${recordsOf('retirement', 'c.person_key')} as records
    from ${careClaims} c
    where c.benefit_tier = 'RETIREE' and not exists (
      select 1 from matching.retirement r
      where r.person_key = c.person_key and r.pension in ('EMPLOYEE', 'CIVIL_SERVANT') and r.retired_on <= c.care_last
    ) ${within('c')}`,
};
