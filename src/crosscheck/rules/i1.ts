/** Nobody lies in two beds (条例 第十五条, 第三十八条: no stays on paper): two stays at different institutions that overlap by days. */
import { fundClaims, fundRegulation, READ_FOR_EVIDENCE, READ_FOR_FUND_CLAIMS, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'I1',
  version: 1,
  title: { en: 'Two hospital stays at once', zh: '同一时段在两家机构住院' },
  basis: [fundRegulation('articles 15, 17 and 38 (1)', '第十五条、第十七条、第三十八条第一项')],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: { overlapDaysMin: 2 },
  reads: [...READ_FOR_EVIDENCE, ...READ_FOR_FUND_CLAIMS, 'claim.dischargeDate', 'claim.institutionCode'],
  sql: ({ overlapDaysMin }, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'c')}) || jsonb_agg(${record(`'claim'`, 'o')}) as records
    from ${fundClaims} c
    join ${fundClaims} o on o.person_key = c.person_key and (c.care_day, c.source_id) > (o.care_day, o.source_id)
    where c.claim_type = 'INPATIENT' and o.claim_type = 'INPATIENT' and c.institution_code <> o.institution_code
      and least(c.discharge_date, o.discharge_date) - c.care_day >= ${overlapDaysMin} ${within('c')}
    group by c.person_key, c.source_id, c.revision, c.recorded_at, c.fund_paid`,
};
