/**
 * A document that dates a death before birth, past any life, after its own registration or in days to come is wrong about someone (国卫规划发
 * 〔2013〕57号: certificates are filled in accurately). It kills nobody; its bureau is told.
 */
import { READ_FOR_REGISTER, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'X2',
  version: 1,
  title: { en: 'Impossible date of death', zh: '死亡日期不合理' },
  basis: [
    {
      en: 'Notice on medical certification and registration of deaths (2013 No. 57 of the Health and Family Planning Commission, the Ministries of Public Security and of Civil Affairs)',
      zh: '关于进一步规范人口死亡医学证明和信息登记管理工作的通知（国卫规划发〔2013〕57号）',
    },
    { en: 'Civil Code, article 15', zh: '民法典 第十五条' },
  ],
  class: 'DATA_QUALITY',
  subjectKind: 'death',
  parameters: {},
  reads: [
    ...READ_FOR_REGISTER,
    'death.person',
    'death.numberBirthDate',
    'death.deathDate',
    'death.datePrecision',
    'death.registeredAt',
    'death.status',
  ],
  isTierless: true,
  sql: (_, within) => `
    select e.source_id as subject, e.person_key, 0 as amount,
      jsonb_build_array(${record(`'death'`, 'e')})
        || case when h.person_key is null then '[]' else jsonb_build_array(${record(`'household'`, 'h')}) end as records
    from matching.evidence e
    left join matching.register_entry h on h.person_key = e.person_key
    where e.kind = 'death' and e.is_impossible and not e.is_shared ${within('e')}`,
};
