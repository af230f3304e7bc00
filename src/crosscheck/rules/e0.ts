/**
 * The fund pays for the insured: a claim on a day that no enrolment covers (社会保险法 第二十八条). A child is insured from birth when it is
 * enrolled within 90 days, so that its first claims may lie before its enrolment.
 */
import {
  careClaims,
  daysOfCare,
  fundRegulation,
  householdRows,
  READ_TO_TELL_ONCE,
  type Rule,
  record,
  recordsOf,
  TOLD_BY_PROVEN_DEATH,
} from '../rule';

export const rule: Rule = {
  code: 'E0',
  version: 1,
  title: { en: 'Claim on a day without cover', zh: '未参保期间结算' },
  basis: [
    { en: 'Social Insurance Law, articles 23, 25 and 28', zh: '社会保险法 第二十三条、第二十五条、第二十八条' },
    fundRegulation('article 38 (6)', '第三十八条第六项'),
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: { newbornDays: 90 },
  reads: [
    ...READ_TO_TELL_ONCE,
    'claim.numberBirthDate',
    'enrollment.person',
    'enrollment.status',
    'enrollment.startDate',
    'enrollment.endDate',
  ],
  supersededBy: TOLD_BY_PROVEN_DEATH,
  sql: ({ newbornDays }, within) => `
    select u.source_id as subject, u.person_key, u.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'u')})
        || case when h.person_key is null then '[]' else jsonb_build_array(${record(`'household'`, 'h')}) end
        || ${recordsOf('enrollment', 'u.person_key')} as records
    from (
      select c.* from ${careClaims} c
      left join matching.cover v on v.person_key = c.person_key
      where (v.covered && ${daysOfCare}) is not true ${within('c')}
    ) u
    left join lateral ${householdRows('entry.person_key = u.person_key')} h on true
    where not exists (
      select 1 from matching.enrollment n
      where n.person_key = u.person_key
        and coalesce(h.birth_date, u.number_birth_date) between u.care_first - ${newbornDays} and u.care_last
        and n.start_date <= coalesce(h.birth_date, u.number_birth_date) + ${newbornDays}
    )`,
};
