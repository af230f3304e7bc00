/**
 * A number is one person's (居民身份证法 第三条): a document of a death that does not fit the person whose number it bears, and a number that two
 * active register entries hold for different people. Neither makes anyone dead; the registers have to say who is who.
 */
import { READ_FOR_REGISTER, type Rule, record, recordsOf } from '../rule';

export const rule: Rule = {
  code: 'X4',
  version: 1,
  title: { en: 'A number under which two people appear', zh: '同一号码身份信息冲突' },
  basis: [
    { en: 'Law on Resident Identity Cards, article 3', zh: '居民身份证法 第三条' },
    {
      en: 'Notice on medical certification and registration of deaths (2013 No. 57 of the Health and Family Planning Commission, the Ministries of Public Security and of Civil Affairs)',
      zh: '关于进一步规范人口死亡医学证明和信息登记管理工作的通知（国卫规划发〔2013〕57号）',
    },
  ],
  class: 'DATA_QUALITY',
  subjectKind: ['death', 'person'],
  parameters: {},
  reads: [...READ_FOR_REGISTER, 'death.person', 'death.nameKey', 'death.birthDate', 'death.status'],
  isTierless: true,
  sql: (_, within) => `
    select 'death' as subject_kind, e.source_id as subject, e.person_key, 0 as amount,
      jsonb_build_array(${record(`'death'`, 'e')}, ${record(`'household'`, 'h')}) as records
    from matching.evidence e
    join matching.register_entry h on h.person_key = e.person_key
    where e.kind = 'death' and e.match = 'CONFLICT' and not e.is_shared ${within('e')}
    union all
    select 'person', encode(s.person_key, 'hex'), s.person_key, 0,
      ${recordsOf('household', 's.person_key', `o.filed_key = o.person_key and o.status = 'ACTIVE'`)}
    from matching.shared_number s where true ${within('s')}`,
};
