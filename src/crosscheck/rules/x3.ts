/**
 * Everyone has one number of 18 digits for life (国发〔1999〕15号): a record under a 15-digit number that no register entry lists as somebody's
 * earlier one. Inserting `19` would make it a number, and perhaps another person's; the bureau has to say whose it is.
 */
import { READ_FOR_REGISTER, type RecordKindName, type Rule, record } from '../rule';

const FILED_KINDS = ['household', 'death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim'] as const;

/** A claim that was taken back or refused gives no finding, this one included. */
const isAsked = (kind: RecordKindName) => (kind === 'claim' ? 'r.is_live' : 'true');

export const rule: Rule = {
  code: 'X3',
  version: 1,
  title: { en: '15-digit number that no register entry resolves', zh: '15位旧号码无法对应' },
  basis: [
    {
      en: 'Decision of the State Council on the system of citizen identity numbers (1999 No. 15), items 1 and 2',
      zh: '国务院关于实行公民身份号码制度的决定（国发〔1999〕15号）第一、二项',
    },
    { en: 'Law on Resident Identity Cards, article 3', zh: '居民身份证法 第三条' },
    { en: 'Social Insurance Law, article 58', zh: '社会保险法 第五十八条' },
  ],
  class: 'DATA_QUALITY',
  subjectKind: FILED_KINDS,
  parameters: {},
  reads: [
    ...READ_FOR_REGISTER,
    ...FILED_KINDS.filter((kind) => kind !== 'household').map((kind) => `${kind}.person` as const),
    ...FILED_KINDS.map((kind) => `${kind}.oldNumber` as const),
    'claim.status',
  ],
  isTierless: true,
  sql: (_, within) =>
    FILED_KINDS.map(
      (kind) => `
    select '${kind}' as subject_kind, r.source_id as subject, r.person_key, 0 as amount,
      jsonb_build_array(${record(`'${kind}'`, 'r')}) as records
    from matching.${kind} r
    where r.old_number and ${isAsked(kind)} and not exists (
      select 1 from matching.household h
      where h.person_key = r.person_key and h.filed_key = r.person_key and not h.old_number
    ) ${within('r')}`,
    ).join(' union all '),
};
