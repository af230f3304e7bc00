/**
 * A pension stopped for death while nobody else knows of one, and an insurance still runs (社会保险经办条例 第八条: the registers tell each other):
 * either a death is missing everywhere else, or a living person has lost a pension.
 */
import { READ_FOR_EVIDENCE, type Rule, record, recordOfRegister, recordsOf } from '../rule';

/** Whether an enrolment runs on the day of the check. */
const isRunning = (enrollment: string) =>
  `${enrollment}.status = 'ACTIVE' and ${enrollment}.start_date <= $1::date
   and (${enrollment}.end_date is null or $1::date < ${enrollment}.end_date)`;

export const rule: Rule = {
  code: 'R1',
  version: 1,
  title: { en: 'Pension stopped for a death that nobody else knows of', zh: '养老待遇因死亡停发而无其他死亡信息' },
  basis: [
    { en: 'Social Insurance Law, article 57', zh: '社会保险法 第五十七条' },
    {
      en: 'Regulation on Social Insurance Administration (State Council Order 765), articles 8, 9 and 26',
      zh: '社会保险经办条例（国务院令第765号）第八条、第九条、第二十六条',
    },
  ],
  class: 'DATA_QUALITY',
  subjectKind: 'retirement',
  parameters: {},
  reads: [
    ...READ_FOR_EVIDENCE,
    'retirement.person',
    'retirement.status',
    'retirement.stopReason',
    'enrollment.person',
    'enrollment.status',
    'enrollment.startDate',
    'enrollment.endDate',
  ],
  sql: (_, within) => `
    select r.source_id as subject, r.person_key, 0 as amount,
      jsonb_build_array(${record(`'retirement'`, 'r')}) || ${recordsOf('enrollment', 'r.person_key', isRunning('o'))}
        || ${recordsOf('death', 'r.person_key')} || ${recordOfRegister('r.person_key')} as records
    from matching.retirement r
    where r.status = 'STOPPED' and r.stop_reason = 'DEATH'
      and not exists (select 1 from matching.death_window w where w.person_key = r.person_key)
      and exists (select 1 from matching.enrollment e where e.person_key = r.person_key and ${isRunning('e')}) ${within('r')}`,
  turns: () => `
    select e.person_key from matching.enrollment e
    join matching.retirement r on r.person_key = e.person_key and r.status = 'STOPPED' and r.stop_reason = 'DEATH'
    where e.start_date > $1::date and e.start_date <= $2::date or e.end_date > $1::date and e.end_date <= $2::date`,
};
