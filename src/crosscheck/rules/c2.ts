/**
 * Employees are insured by monthly contributions (社会保险法 第二十三条): a claim in the third month without any, of someone whom nothing else
 * covers. Who never had a contribution on record is not known to be in arrears.
 */
import {
  careClaims,
  daysOfCover,
  fundRegulation,
  often,
  READ_FOR_COVER,
  READ_TO_TELL_ONCE,
  type Rule,
  record,
  recordsOf,
  TOLD_BY_PROVEN_DEATH,
} from '../rule';

export const rule: Rule = {
  code: 'C2',
  version: 1,
  title: { en: 'Claim of an employee in arrears', zh: '职工医保断缴期间结算' },
  basis: [
    { en: 'Social Insurance Law, articles 23, 28 and 60', zh: '社会保险法 第二十三条、第二十八条、第六十条' },
    {
      en: 'Interim measures on transfer of basic medical insurance (2021 No. 43 of the offices of the Healthcare Security Administration and the Ministry of Finance): an interruption of up to three months can be made up for',
      zh: '基本医疗保险关系转移接续暂行办法（医保办发〔2021〕43号）：中断缴费3个月（含）以内可补缴',
    },
    fundRegulation('article 38 (6)', '第三十八条第六项'),
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: { monthsBefore: 2 },
  reads: [...READ_TO_TELL_ONCE, ...READ_FOR_COVER],
  supersededBy: TOLD_BY_PROVEN_DEATH,
  sql: ({ monthsBefore = 0 }, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'c')})
        || ${recordsOf('enrollment', 'c.person_key', `${daysOfCover('o')} @> c.care_day`)}
        || ${recordsOf('contribution', 'c.person_key', `o.scheme = 'EMPLOYEE'`)} as records
    from ${careClaims} c
    join matching.cover v on v.person_key = c.person_key
    where ${often('v.working @> c.care_day and not v.resident @> c.care_day and not v.other @> c.care_day')}
      and exists (select 1 from matching.contribution p where p.person_key = c.person_key and p.scheme = 'EMPLOYEE')
      and not exists (
        select 1 from matching.contribution p
        where p.person_key = c.person_key and p.scheme = 'EMPLOYEE' and p.status = 'PAID'
          and p.begins <= c.care_day and p.begins + interval '${monthsBefore + 1} months' > c.care_day
      ) ${within('c')}`,
};
