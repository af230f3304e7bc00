/**
 * One person, one cover (医保发〔2020〕33号 on enrolment held twice): two running enrolments of different scheme or pooling district that overlap
 * for longer than a transfer takes. The later is asked about. A newborn's stands beside another by design.
 */
import { fundRegulation, READ_FOR_COVER, READ_FOR_EVIDENCE, type Rule, record } from '../rule';

/** The first day after an enrolment, or the day of the check where that is later or open. */
const endOf = (enrollment: string) => `least(coalesce(${enrollment}.end_date, $1::date), $1::date)`;

export const rule: Rule = {
  code: 'E1',
  version: 1,
  title: { en: 'Two enrolments at once', zh: '重复参保' },
  basis: [
    {
      en: 'Opinions on improving enrolment in basic medical insurance (Healthcare Security Administration, Ministry of Finance and Taxation Administration, 2020 No. 33)',
      zh: '国家医保局 财政部 国家税务总局关于加强和改进基本医疗保险参保工作的指导意见（医保发〔2020〕33号）',
    },
    fundRegulation('article 17', '第十七条'),
  ],
  class: 'ENROLLMENT',
  subjectKind: 'enrollment',
  parameters: { overlapDays: 31 },
  reads: [...READ_FOR_EVIDENCE, ...READ_FOR_COVER, 'enrollment.poolingDistrict'],
  sql: ({ overlapDays }, within) => `
    select e.source_id as subject, e.person_key, 0 as amount,
      jsonb_build_array(${record(`'enrollment'`, 'e')}) || jsonb_agg(${record(`'enrollment'`, 'o')}) as records
    from matching.enrollment e
    join matching.enrollment o on o.person_key = e.person_key and (e.start_date, e.source_id) > (o.start_date, o.source_id)
    where e.status = 'ACTIVE' and o.status = 'ACTIVE'
      and e.category is distinct from 'NEWBORN' and o.category is distinct from 'NEWBORN'
      and (e.scheme <> o.scheme or e.pooling_district <> o.pooling_district)
      and least(${endOf('e')}, ${endOf('o')}) - e.start_date > ${overlapDays} ${within('e')}
    group by e.person_key, e.source_id, e.revision, e.recorded_at`,
  turns: ({ overlapDays }) => `
    select e.person_key from matching.enrollment e
    where e.start_date >= $1::date - ${overlapDays} and e.start_date < $2::date - ${overlapDays}
      and exists (select 1 from matching.enrollment o where o.person_key = e.person_key and o.source_id <> e.source_id)`,
};
