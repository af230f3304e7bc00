/** What `check` is measured against: the joins that each rule needs, bare. */

const ON_PERSON = 'using (person_key)';
const CLAIM_AND_DEATH = `matching.claim c join matching.death d ${ON_PERSON}`;
const DEATH_AND_REGISTER = `matching.death d join matching.household h ${ON_PERSON}`;
const PREMIUM = `matching.contribution k on k.person_key = c.person_key and k.status = 'PAID'`;

/** The kinds that each rule brings together, and what they are joined by: no window, no evidence, no case told apart. */
export const JOINS: Readonly<Record<string, string>> = {
  D1: CLAIM_AND_DEATH,
  D2: `matching.claim_line l join matching.death d ${ON_PERSON} join matching.claim c on c.person_key = l.person_key and c.source_id = l.claim_source_id`,
  D3: CLAIM_AND_DEATH,
  D5: `matching.claim c left join matching.death d ${ON_PERSON}`,
  D6: CLAIM_AND_DEATH,
  D7: 'matching.claim c join matching.death d on d.person_key = coalesce(c.account_owner_key, c.person_key)',
  D8: `matching.enrollment e join matching.death d ${ON_PERSON}`,
  D9: `matching.enrollment e join matching.death d ${ON_PERSON}`,
  D10: DEATH_AND_REGISTER,
  D11: CLAIM_AND_DEATH,
  C2: `matching.claim c left join ${PREMIUM} and k.period = to_char(c.care_day, 'YYYY-MM')`,
  C3: `matching.claim c left join ${PREMIUM} and k.period = to_char(c.care_day, 'YYYY')`,
  E0: `matching.claim c left join matching.enrollment e on e.person_key = c.person_key and c.care_day between e.start_date and coalesce(e.end_date, 'infinity')`,
  E1: 'matching.enrollment a join matching.enrollment b on b.person_key = a.person_key and b.source_id > a.source_id',
  I1: `matching.claim a join matching.claim b on b.person_key = a.person_key and b.source_id > a.source_id
       and a.claim_type = 'INPATIENT' and b.claim_type = 'INPATIENT'`,
  P1: `matching.claim c left join matching.poverty p ${ON_PERSON}`,
  R1: `matching.retirement r left join matching.death d ${ON_PERSON}`,
  R2: `matching.retirement r join matching.death d ${ON_PERSON}`,
  T1: `matching.claim c left join matching.retirement r ${ON_PERSON}`,
  X1: DEATH_AND_REGISTER,
  X2: DEATH_AND_REGISTER,
  X3: `matching.claim c left join matching.household h on h.filed_key = c.filed_key`,
  X4: 'matching.household a join matching.household b on b.filed_key = a.filed_key and b.source_id > a.source_id',
};
