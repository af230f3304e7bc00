/**
 * What all rules share, worked out for a day once per run, so that every rule joins the same answer: whose number is shared
 * (`matching.shared_number`), who speaks for the documented (`matching.register_entry`), who has died, when, and how sure that is
 * (`matching.evidence`, `matching.death_window`), which days are covered (`matching.cover`), which claims are mortuary-only
 * (`matching.mortuary_claim`) or for days after a death (`matching.care_after_death`), and whose account paid for another
 * (`matching.lent_account`). Each is one person's own, so that it can be made anew for some persons alone.
 *
 * - A document is evidence when it is `VALID`, matches the household row `EXACT` or `PARTIAL`, has a possible day, and its number is nobody
 *   else's; every `VALID` one is kept with what speaks against it.
 * - The household row is evidence when it is cancelled for `DEATH` (source `POLICE`); a death date that cannot be counts as none.
 * - The window runs from the first possible day of any dated piece to the last of any; undated pieces alone give none.
 * - Records dated after the day of the check are used like others; only a death after it is impossible.
 */
import type { ClientBase } from 'pg';
import { daysOfCover, householdRows, isEvidenceOfDeath, isMortuaryOnly, type Within } from './rule';
import { EVERYONE, type Scope } from './scope';

const YEARS_OF_LIFE_MAX = 130;
const LIFE_SIGN_DAYS = 60;
const DATES_APART_DAYS = 30;

/** Two active entries for one number, of different people: it belongs to nobody for certain, and nobody is dead by it. */
const sharedNumbers = (within: Within) => `
  insert into matching.shared_number (person_key)
  select distinct a.person_key from matching.household a
  join matching.household b on b.person_key = a.person_key and b.filed_key = a.filed_key and b.source_id > a.source_id
  where a.status = 'ACTIVE' and b.status = 'ACTIVE' and (a.name_key <> b.name_key or a.birth_date <> b.birth_date) ${within('a')}`;

/** The household rows that speak for persons of whom some record says that they died. */
const registerEntries = (within: Within) => `
  insert into matching.register_entry
    (person_key, source_id, revision, recorded_at, name_key, birth_date, status, cancel_reason, death_date)
  select person_key, source_id, revision, recorded_at, name_key, birth_date, status, cancel_reason, death_date
  from ${householdRows(`entry.person_key in (
    select d.person_key from matching.death d where d.status = 'VALID' ${within('d')}
    union
    select o.person_key from matching.household o
    where o.status = 'CANCELLED' and o.cancel_reason = 'DEATH' and o.filed_key = o.person_key ${within('o')}
  )`)} h`;

/** Whether no day between the two can be the day of death: before birth, too long after it, after the document, after today. */
function isImpossible(first: string, last: string, birth: string, registered?: string): string {
  const latest = [
    last,
    `(${birth} + interval '${YEARS_OF_LIFE_MAX} years')::date`,
    '$1::date',
    ...(registered ? [registered] : []),
  ];
  return `greatest(${first}, ${birth}) > least(${latest.join(', ')})`;
}

const documents = (within: Within) => `
  with dated as (
    select d.*,
      case d.date_precision when 'MONTH' then date_trunc('month', d.death_date)::date
        when 'YEAR' then date_trunc('year', d.death_date)::date else d.death_date end as first_day,
      case d.date_precision when 'MONTH' then (date_trunc('month', d.death_date) + interval '1 month')::date - 1
        when 'YEAR' then (date_trunc('year', d.death_date) + interval '1 year')::date - 1 else d.death_date end as last_day
    from matching.death d where d.status = 'VALID' ${within('d')}
  )
  insert into matching.evidence
    (person_key, role, kind, source_id, revision, recorded_at, source, match, is_impossible, is_shared, first_day, last_day, is_exact_day,
     registered_on)
  select d.person_key, 'DEATH', 'death', d.source_id, d.revision, d.recorded_at, d.source,
    case when h.person_key is null then 'PARTIAL'
      when d.name_key = h.name_key and (d.birth_date is null or d.birth_date = h.birth_date) then 'EXACT'
      when (d.name_key = h.name_key) <> (d.birth_date = h.birth_date) then 'PARTIAL'
      else 'CONFLICT' end,
    ${isImpossible('d.first_day', 'd.last_day', 'coalesce(h.birth_date, d.number_birth_date)', 'd.registered_on')},
    s.person_key is not null, d.first_day, d.last_day, d.date_precision not in ('MONTH', 'YEAR'), d.registered_on
  from dated d
  left join matching.register_entry h on h.person_key = d.person_key
  left join matching.shared_number s on s.person_key = d.person_key`;

const police = (within: Within) => `
  with cancelled as (
    select h.*, case when not ${isImpossible('h.death_date', 'h.death_date', 'h.birth_date')} then h.death_date end as day
    from matching.register_entry h
    where h.status = 'CANCELLED' and h.cancel_reason = 'DEATH'
      and not exists (select 1 from matching.shared_number s where s.person_key = h.person_key) ${within('h')}
  )
  insert into matching.evidence
    (person_key, role, kind, source_id, revision, recorded_at, source, match, first_day, last_day, is_exact_day)
  select person_key, 'DEATH', 'household', source_id, revision, recorded_at, 'POLICE', 'EXACT', day, day, day is not null
  from cancelled where $1::date is not null`;

/** The household row against which documents were matched, for the evidence of findings. */
const register = (within: Within) => `
  insert into matching.evidence (person_key, role, kind, source_id, revision, recorded_at)
  select h.person_key, 'REGISTER', 'household', h.source_id, h.revision, h.recorded_at
  from matching.register_entry h
  where exists (select 1 from matching.evidence e where e.person_key = h.person_key and ${isEvidenceOfDeath}) ${within('h')}`;

/** The first month for which an employer paid although the person should have been dead for a while. */
const lifeSigns = (within: Within) => `
  insert into matching.evidence (person_key, role, kind, source_id, revision, recorded_at)
  select distinct on (c.person_key) c.person_key, 'LIFE_SIGN', 'contribution', c.source_id, c.revision, c.recorded_at
  from (
    select e.person_key, max(e.last_day) as latest from matching.evidence e where ${isEvidenceOfDeath} ${within('e')} group by e.person_key
  ) w
  join matching.contribution c on c.person_key = w.person_key
  where c.scheme = 'EMPLOYEE' and c.payer = 'EMPLOYER' and c.status = 'PAID'
    and c.begins > w.latest + ${LIFE_SIGN_DAYS}
  order by c.person_key, c.period, c.source_id`;

const windows = (within: Within) => `
  insert into matching.death_window (person_key, earliest, latest, tier)
  select p.person_key, p.earliest, p.latest,
    case when p.last_exact - p.first_exact > ${DATES_APART_DAYS} or s.person_key is not null then 'CONTESTED'
      when p.sources >= 2 or p.has_certificate then 'PROVEN'
      else 'SUSPECTED' end
  from (
    select e.person_key, min(e.first_day) as earliest, max(e.last_day) as latest,
      min(e.first_day) filter (where e.is_exact_day) as first_exact, max(e.first_day) filter (where e.is_exact_day) as last_exact,
      count(distinct e.source) as sources, bool_or(e.source = 'DEATH_CERTIFICATE' and e.match = 'EXACT') as has_certificate
    from matching.evidence e where ${isEvidenceOfDeath} ${within('e')} group by e.person_key
  ) p
  left join matching.evidence s on s.person_key = p.person_key and s.role = 'LIFE_SIGN'`;

const mortuaryClaims = (within: Within) => `
  insert into matching.mortuary_claim (person_key, source_id)
  select distinct l.person_key, l.claim_source_id from matching.claim_line l
  where l.item_group = 'MORTUARY' and l.person_key <> ''
    and not exists (
      select 1 from matching.claim_line o
      where o.person_key = l.person_key and o.claim_source_id = l.claim_source_id and o.item_group <> 'MORTUARY'
    ) ${within('l')}`;

/** What several rules ask: care that the fund paid, or refused, for days after the window. */
const careAfterDeath = (within: Within) => `
  insert into matching.care_after_death
    (person_key, source_id, revision, recorded_at, claim_type, institution_code, is_live, fund_paid, care_day, days_after)
  select c.person_key, c.source_id, c.revision, c.recorded_at, c.claim_type, c.institution_code, c.is_live, c.fund_paid, c.care_day,
    c.care_day - w.latest
  from matching.death_window w
  join matching.claim c on c.person_key = w.person_key
  where c.claim_type in ('OUTPATIENT', 'PHARMACY', 'INPATIENT') and c.care_day > w.latest
    and (c.is_live and c.is_funded or c.status = 'REFUSED') and not ${isMortuaryOnly('c')} ${within('w')}`;

/** The days that enrolments cover, and of them those of the working, those of residents who owe a premium (newborns owe none), and others. */
const cover = (within: Within) => `
  insert into matching.cover (person_key, covered, working, resident, other)
  select person_key, range_agg(days), coalesce(range_agg(days) filter (where is_working), '{}'),
    coalesce(range_agg(days) filter (where is_resident), '{}'),
    coalesce(range_agg(days) filter (where not is_working and not is_resident), '{}')
  from (
    select e.person_key, ${daysOfCover('e')} as days,
      e.scheme = 'EMPLOYEE' and e.category is not distinct from 'WORKING' as is_working,
      e.scheme = 'RESIDENT' and e.category is distinct from 'NEWBORN' as is_resident
    from matching.enrollment e where true ${within('e')}
  ) e
  where days is not null group by person_key`;

/** Under the owner's key, so that what an account paid after its owner's death is found where that death is. */
const lentAccounts = (within: Within) => `
  insert into matching.lent_account (person_key, source_id, revision, recorded_at, claim_type, care_day, care_first, account_paid)
  select c.account_owner_key, c.source_id, c.revision, c.recorded_at, c.claim_type, c.care_day, c.care_first, c.account_paid
  from matching.claim c
  where c.is_live and c.account_paid > 0 and c.account_owner_key <> c.person_key ${within('c', 'account_owner_key')}`;

const WORKED_OUT = [
  'shared_number',
  'register_entry',
  'evidence',
  'death_window',
  'mortuary_claim',
  'care_after_death',
  'cover',
  'lent_account',
].map((table) => `matching.${table}`);

/**
 * Works everything out, within the caller's transaction: for everyone anew, or for the persons of a scope, whose rows are replaced.
 * @param asOf the day of the check, YYYY-MM-DD
 * @param scope whose rows; `matching.worked_out` is empty until the caller says that they stand
 */
export async function workOut(client: ClientBase, asOf: string, scope: Scope = EVERYONE): Promise<void> {
  const { isFull, within } = scope;
  await client.query(`delete from matching.worked_out`);
  await noteInstitutions(client, scope);
  if (isFull) await client.query(`truncate ${WORKED_OUT.join(', ')}`);
  else for (const table of WORKED_OUT) await client.query(`delete from ${table} t where true ${within('t')}`);
  const analyze = async (...tables: string[]) => {
    if (isFull) await client.query(`analyze ${tables.join(', ')}`);
  };
  await client.query(sharedNumbers(within));
  await client.query(registerEntries(within));
  await analyze('matching.register_entry');
  await client.query(documents(within), [asOf]);
  await client.query(police(within), [asOf]);
  await analyze('matching.evidence');
  await client.query(register(within));
  await client.query(lifeSigns(within));
  await client.query(windows(within));
  await client.query(mortuaryClaims(within));
  await analyze('matching.death_window', 'matching.mortuary_claim');
  await client.query(careAfterDeath(within));
  await client.query(cover(within));
  await client.query(lentAccounts(within));
  await analyze(...WORKED_OUT);
  await noteInstitutions(client, scope);
}

/** Institutions at which persons of the scope have claims after death: those of before may have lost one. */
async function noteInstitutions(client: ClientBase, { isFull, within }: Scope): Promise<void> {
  if (isFull) return;
  await client.query(
    `insert into checked_institution select distinct c.institution_code from matching.care_after_death c where true ${within('c')}
     on conflict do nothing`,
  );
}

/**
 * Persons whose evidence may be another on the day `$2` than on the day `$1` before it, although no record changed: a death dated in days to
 * come is impossible until that day. Asked of days alone, since a run of some rules may have worked it out already.
 */
export const EVIDENCE_TURNS = `
  select e.person_key from matching.evidence e where e.last_day > $1::date and e.first_day <= $2::date
  union
  select h.person_key from matching.register_entry h where h.death_date > $1::date and h.death_date <= $2::date`;
