/**
 * A death is to be reported within a month (户口登记条例 第八条): an entry still active when a document of that death has been registered for
 * two. A ticket to the register, and a reason not to take the entry for a sign of life.
 */
import { isEvidenceOfDeath, READ_FOR_EVIDENCE, type Rule } from '../rule';

export const rule: Rule = {
  code: 'X1',
  version: 1,
  title: { en: 'Register entry active long after a documented death', zh: '已有死亡登记而户籍未注销' },
  basis: [
    { en: 'Regulations on Household Registration, article 8', zh: '户口登记条例 第八条' },
    {
      en: 'Notice on medical certification and registration of deaths (2013 No. 57 of the Health and Family Planning Commission, the Ministries of Public Security and of Civil Affairs)',
      zh: '关于进一步规范人口死亡医学证明和信息登记管理工作的通知（国卫规划发〔2013〕57号）',
    },
  ],
  class: 'DATA_QUALITY',
  subjectKind: 'person',
  parameters: { reportingDays: 60 },
  reads: READ_FOR_EVIDENCE,
  sql: ({ reportingDays }, within) => `
    select distinct encode(e.person_key, 'hex') as subject, e.person_key, 0 as amount, '[]'::jsonb as records
    from matching.evidence e
    join matching.register_entry h on h.person_key = e.person_key
    where ${isEvidenceOfDeath} and e.registered_on <= $1::date - ${reportingDays}
      and h.status = 'ACTIVE' ${within('e')}`,
  turns: ({ reportingDays }) => `
    select e.person_key from matching.evidence e
    where e.registered_on > $1::date - ${reportingDays} and e.registered_on <= $2::date - ${reportingDays}`,
};
