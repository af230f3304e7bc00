/** A stay ends with the patient: lines of a stay dated after the window of death, those of the mortuary aside (条例 第四十条). */
import { fundClaims, fundRegulation, READ_FOR_EVIDENCE, READ_FOR_FUND_CLAIMS, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'D2',
  version: 1,
  title: { en: 'Items of a hospital stay given after death', zh: '住院期间死亡后仍发生费用' },
  basis: [
    fundRegulation('articles 38 (6) and 40 (3)', '第三十八条第六项、第四十条第三项'),
    { en: 'Social Insurance Law, articles 87 and 88', zh: '社会保险法 第八十七条、第八十八条' },
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: { graceDays: 1 },
  reads: [
    ...READ_FOR_EVIDENCE,
    ...READ_FOR_FUND_CLAIMS,
    'claim_line.claimSourceId',
    'claim_line.itemGroup',
    'claim_line.serviceDate',
    'claim_line.amount',
  ],
  sql: ({ graceDays }, within) => `
    select c.source_id as subject, c.person_key, sum(l.amount) as amount,
      jsonb_build_array(${record(`'claim'`, 'c')}) || jsonb_agg(${record(`'claim_line'`, 'l')}) as records
    from matching.death_window w
    join ${fundClaims} c on c.person_key = w.person_key
    join matching.claim_line l on l.person_key = c.person_key and l.claim_source_id = c.source_id
    where c.claim_type = 'INPATIENT' and c.care_day <= w.latest + ${graceDays}
      and l.service_date > w.latest + ${graceDays} and l.item_group <> 'MORTUARY' ${within('c')}
    group by c.person_key, c.source_id, c.revision, c.recorded_at`,
};
