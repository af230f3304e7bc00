/**
 * One card used after a death is a case; three at one institution within a season are a practice (条例 第二十五条: data show where to
 * inspect). What was refused counts as an attempt, without money.
 *
 * It reads what D1 and D3 read instead of their findings, so that it finds the same whichever rules are asked for. A window of `windowDays` may begin on any day: a claim on day d lies in those that begin on `[d - windowDays, d]`. Per
 * person these days are merged, the persons of each day are counted by sweeping over the days at which one comes or goes, and the days with
 * enough persons are the windows. The cost is that of sorting, however many claims an institution has.
 */
import { fundRegulation, isUsedEvidence, READ_FOR_CARE_CLAIMS, READ_FOR_EVIDENCE, type Rule, record } from '../rule';

export const rule: Rule = {
  code: 'D11',
  version: 1,
  title: { en: 'Institution with claims of several dead persons', zh: '同一机构集中发生多名死者结算' },
  basis: [
    fundRegulation('articles 15, 25 and 40', '第十五条、第二十五条、第四十条'),
    { en: 'Social Insurance Law, article 87', zh: '社会保险法 第八十七条' },
  ],
  class: 'INSTITUTION',
  subjectKind: 'institution',
  parameters: { graceDays: 1, windowDays: 90, personsMin: 3 },
  reads: [...READ_FOR_EVIDENCE, ...READ_FOR_CARE_CLAIMS, 'claim.institutionCode'],
  sql: (parameters, within) => `
    with late as materialized (
      select c.*, case when c.is_live then c.fund_paid else 0 end as amount
      from matching.care_after_death c where c.days_after > ${parameters.graceDays} ${within('c', 'institution_code')}
    ), begins as (
      select institution_code, unnest(range_agg(daterange(care_day - ${parameters.windowDays}, care_day, '[]'))) as days
      from late group by institution_code, person_key
    ), steps as (
      select institution_code, day, lead(day) over institution as until, sum(sum(step)) over institution as persons
      from begins cross join lateral (values (lower(days), 1), (upper(days), -1)) s(day, step)
      group by institution_code, day
      window institution as (partition by institution_code order by day)
    ), windows as (
      select institution_code, range_agg(daterange(day, until)) as days
      from steps where persons >= ${parameters.personsMin} group by institution_code
    ), inside as materialized (
      select l.* from late l
      join windows v on v.institution_code = l.institution_code
      where v.days && daterange(l.care_day - ${parameters.windowDays}, l.care_day, '[]')
    )
    select i.institution_code as subject, null::bytea as person_key, sum(i.amount) as amount, jsonb_agg(i.record) as records
    from (
      select institution_code, amount, ${record(`'claim'`, 'l')} as record from inside l
      union all
      select p.institution_code, 0, ${record('e.kind', 'e')}
      from (select distinct institution_code, person_key from inside) p
      join matching.evidence e on e.person_key = p.person_key
      where ${isUsedEvidence}
    ) i
    group by i.institution_code`,
};
