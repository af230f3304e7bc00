/** Insurance ends with the person (民法典 第十三条): an enrolment still running more than 90 days after a proven death. */
import { READ_FOR_EVIDENCE, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'D8',
  version: 1,
  title: { en: 'Enrolment still running after a proven death', zh: '死亡后仍处于参保状态' },
  basis: [
    { en: 'Civil Code, article 13', zh: '民法典 第十三条' },
    { en: 'Social Insurance Law, article 57', zh: '社会保险法 第五十七条' },
  ],
  class: 'ENROLLMENT',
  subjectKind: 'enrollment',
  parameters: { closingDays: 90 },
  reads: [...READ_FOR_EVIDENCE, 'enrollment.person', 'enrollment.status', 'enrollment.startDate', 'enrollment.endDate'],
  sql: ({ closingDays }, within) => `
    select e.source_id as subject, e.person_key, 0 as amount, jsonb_build_array(${record(`'enrollment'`, 'e')}) as records
    from matching.death_window w
    join matching.enrollment e on e.person_key = w.person_key
    where w.tier = 'PROVEN' and $1::date > w.latest + ${closingDays}
      and e.status = 'ACTIVE' and e.start_date <= w.latest
      and (e.end_date is null or e.end_date > w.latest + ${closingDays}) ${within('e')}`,
  turns: ({ closingDays }) => `
    select w.person_key from matching.death_window w
    where w.tier = 'PROVEN' and w.latest >= $1::date - ${closingDays} and w.latest < $2::date - ${closingDays}`,
};
