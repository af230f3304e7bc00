/** A pension ends with the pensioner (社会保险经办条例 第二十五条): one still paid for a month after that of a proven death. */
import { READ_FOR_EVIDENCE, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'R2',
  version: 1,
  title: { en: 'Pension paid after a proven death', zh: '死亡后仍发放养老待遇' },
  basis: [
    {
      en: 'Regulation on Social Insurance Administration (State Council Order 765), articles 25, 26 and 46',
      zh: '社会保险经办条例（国务院令第765号）第二十五条、第二十六条、第四十六条',
    },
    { en: 'Social Insurance Law, article 88', zh: '社会保险法 第八十八条' },
  ],
  class: 'PENSION',
  subjectKind: 'retirement',
  parameters: {},
  reads: [...READ_FOR_EVIDENCE, 'retirement.person', 'retirement.status', 'retirement.lastPaidMonth'],
  sql: (_, within) => `
    select r.source_id as subject, r.person_key, 0 as amount, jsonb_build_array(${record(`'retirement'`, 'r')}) as records
    from matching.death_window w
    join matching.retirement r on r.person_key = w.person_key
    where w.tier = 'PROVEN' and r.status = 'PAYING' and r.last_paid_month collate "C" > to_char(w.latest::timestamp, 'YYYY-MM') ${within('r')}`,
};
