/**
 * Residents are insured by a premium for the year (社会保险法 第二十五条): a claim of someone covered as a resident alone, for whom nobody paid
 * that year's. Newborns owe none.
 */
import {
  careClaims,
  daysOfCare,
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

const isPremiumOfTheYear = (contribution: string) =>
  `${contribution}.scheme = 'RESIDENT' and ${contribution}.begins = date_trunc('year', c.care_day::timestamp)::date`;

export const rule: Rule = {
  code: 'C3',
  version: 1,
  title: { en: 'Claim of a resident without the premium of the year', zh: '居民未缴当年保费结算' },
  basis: [
    { en: 'Social Insurance Law, articles 25 and 28', zh: '社会保险法 第二十五条、第二十八条' },
    fundRegulation('article 38 (6)', '第三十八条第六项'),
  ],
  class: 'CLAIM',
  subjectKind: 'claim',
  parameters: {},
  reads: [...READ_TO_TELL_ONCE, ...READ_FOR_COVER],
  supersededBy: TOLD_BY_PROVEN_DEATH,
  sql: (_, within) => `
    select c.source_id as subject, c.person_key, c.fund_paid as amount,
      jsonb_build_array(${record(`'claim'`, 'c')})
        || ${recordsOf('enrollment', 'c.person_key', `${daysOfCover('o')} && ${daysOfCare}`)}
        || ${recordsOf('contribution', 'c.person_key', isPremiumOfTheYear('o'))} as records
    from ${careClaims} c
    join matching.cover v on v.person_key = c.person_key
    where ${often(`v.resident @> ${daysOfCare} and not v.working && ${daysOfCare} and not v.other && ${daysOfCare}`)}
      and not exists (
        select 1 from matching.contribution p
        where p.person_key = c.person_key and ${isPremiumOfTheYear('p')} and p.status = 'PAID'
      ) ${within('c')}`,
};
