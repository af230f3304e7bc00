/**
 * What is left in a personal account belongs to the heirs (国发〔1998〕44号, 民法典 第一千一百二十二条): an account that paid after its owner
 * died. Whose care it paid for does not matter, only whose account it is.
 */
import {
  fundRegulation,
  isAfterDeath,
  isMonthAfterDeath,
  READ_FOR_EVIDENCE,
  type Rule,
  record,
  type Within,
} from '../rule';

const COLUMNS =
  'p.person_key, p.source_id, p.revision, p.recorded_at, p.claim_type, p.care_day, p.care_first, p.account_paid';

/** Live claims under the key of the owner of the account that paid: the patient's own, and what relatives' accounts paid. */
const paidFromAccounts = (within: Within) => `(
  select ${COLUMNS} from matching.claim p
  where p.is_live and p.account_paid > 0 and (p.account_owner_key is null or p.account_owner_key = p.person_key) ${within('p')}
  union all
  select ${COLUMNS} from matching.lent_account p where true ${within('p')}
)`;

export const rule: Rule = {
  code: 'D7',
  version: 1,
  title: { en: 'Personal account used after its owner died', zh: '个人账户在所有人死亡后被使用' },
  basis: [
    {
      en: 'Decision of the State Council on Basic Medical Insurance for Urban Employees (1998 No. 44): the account is its owner’s and is inherited',
      zh: '国务院关于建立城镇职工基本医疗保险制度的决定（国发〔1998〕44号）：个人账户的本金和利息归个人所有，可以结转使用和继承',
    },
    { en: 'Civil Code, articles 1121 and 1122', zh: '民法典 第一千一百二十一条、第一千一百二十二条' },
    fundRegulation('articles 17 and 41', '第十七条、第四十一条'),
  ],
  class: 'ACCOUNT',
  subjectKind: 'claim',
  parameters: { graceDays: 1 },
  reads: [
    ...READ_FOR_EVIDENCE,
    'claim.person',
    'claim.accountOwner',
    'claim.accountPaid',
    'claim.claimType',
    'claim.serviceDate',
    'claim.admissionDate',
    'claim.status',
  ],
  sql: (parameters, within) => `
    select c.source_id as subject, c.person_key, c.account_paid as amount, jsonb_build_array(${record(`'claim'`, 'c')}) as records
    from matching.death_window w
    join ${paidFromAccounts(within)} c on c.person_key = w.person_key
    where case c.claim_type when 'CAPITATION' then ${isMonthAfterDeath} else ${isAfterDeath(parameters)} end`,
};
