/**
 * A hospital that discharged a patient as dead knows of a death that no document tells of: later care of that patient (条例 第四十条,
 * 第四十一条). Where documents give a window, D1 and D3 speak; a shared number makes nobody dead.
 */
import { careClaims, fundRegulation, READ_FOR_CARE_CLAIMS, READ_FOR_EVIDENCE, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'D5',
  version: 1,
  title: { en: 'Claim after a discharge as dead', zh: '出院方式为死亡之后仍有结算' },
  basis: [
    fundRegulation('articles 40 and 41', '第四十条、第四十一条'),
    { en: 'Social Insurance Law, article 88', zh: '社会保险法 第八十八条' },
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: { graceDays: 1 },
  reads: [...READ_FOR_EVIDENCE, ...READ_FOR_CARE_CLAIMS, 'claim.dischargeDate', 'claim.dischargeWay'],
  sql: ({ graceDays }, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'c')}) || jsonb_agg(${record(`'claim'`, 'f')}) as records
    from matching.claim f
    join ${careClaims} c on c.person_key = f.person_key and c.source_id <> f.source_id
    where f.discharge_way = '5' and f.status in ('PAID', 'RECOVERED')
      and c.claim_type <> 'CAPITATION' and c.care_day > f.discharge_date + ${graceDays}
      and not exists (select 1 from matching.death_window w where w.person_key = f.person_key and w.latest is not null)
      and not exists (select 1 from matching.shared_number s where s.person_key = f.person_key) ${within('f')}
    group by c.person_key, c.source_id, c.revision, c.recorded_at, c.fund_paid`,
};
