/**
 * Nobody is enrolled after their death (民法典 第十三条): an enrolment that starts after the window. A resident whose premium for that year
 * was paid in life was enrolled in good faith, whoever paid it: the premium is to be refunded, and nothing is doubtful.
 */
import { READ_FOR_EVIDENCE, type Rule, record, recordsOf } from '../rule';

const isPremiumOfTheYear = (contribution: string) =>
  `${contribution}.scheme = 'RESIDENT' and ${contribution}.begins = date_trunc('year', e.start_date::timestamp)::date`;

export const rule: Rule = {
  code: 'D9',
  version: 1,
  title: { en: 'Enrolled after death', zh: '死亡后新增参保' },
  basis: [
    { en: 'Civil Code, article 13', zh: '民法典 第十三条' },
    { en: 'Social Insurance Law, article 57', zh: '社会保险法 第五十七条' },
    {
      en: 'Regulation on Social Insurance Administration (State Council Order 765), articles 8 and 9',
      zh: '社会保险经办条例（国务院令第765号）第八条、第九条',
    },
  ],
  class: 'ENROLLMENT',
  subjectKind: 'enrollment',
  parameters: {},
  reads: [
    ...READ_FOR_EVIDENCE,
    'contribution.paidAt',
    'enrollment.person',
    'enrollment.scheme',
    'enrollment.startDate',
    'enrollment.status',
  ],
  sql: (_, within) => `
    select e.source_id as subject, e.person_key, 0 as amount,
      jsonb_build_array(${record(`'enrollment'`, 'e')})
        || case e.scheme when 'RESIDENT' then ${recordsOf('contribution', 'e.person_key', isPremiumOfTheYear('o'))} else '[]' end as records
    from matching.death_window w
    join matching.enrollment e on e.person_key = w.person_key
    where w.tier in ('PROVEN', 'SUSPECTED') and e.status = 'ACTIVE' and e.start_date > w.latest
      and not (e.scheme = 'RESIDENT' and exists (
        select 1 from matching.contribution p
        where p.person_key = e.person_key and ${isPremiumOfTheYear('p')} and p.paid_on <= w.latest
          and p.status in ('PAID', 'REFUNDED')
      )) ${within('e')}`,
};
