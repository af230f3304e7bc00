/**
 * Of two dates of death a month apart one is wrong, and who works is not dead (民法典 第十五条: a record stands until better evidence
 * overturns it): a person whose death is contested, for the bureaus to settle before anyone is accused.
 */
import { READ_FOR_EVIDENCE, type Rule } from '../rule';

export const rule: Rule = {
  code: 'D10',
  version: 1,
  title: { en: 'Evidence of a death contradicts itself', zh: '死亡证据相互矛盾' },
  basis: [
    { en: 'Civil Code, article 15', zh: '民法典 第十五条' },
    {
      en: 'Notice on medical certification and registration of deaths (2013 No. 57 of the Health and Family Planning Commission, the Ministries of Public Security and of Civil Affairs)',
      zh: '关于进一步规范人口死亡医学证明和信息登记管理工作的通知（国卫规划发〔2013〕57号）',
    },
  ],
  class: 'DATA_QUALITY',
  subjectKind: 'person',
  parameters: {},
  reads: READ_FOR_EVIDENCE,
  sql: (_, within) => `
    select encode(w.person_key, 'hex') as subject, w.person_key, 0 as amount, '[]'::jsonb as records
    from matching.death_window w
    where w.tier = 'CONTESTED' ${within('w')}`,
};
