/**
 * The agencies and agreements that an empty hub is founded with, so that the first start can show something. They are ordinary agreements: a
 * bureau may revoke each of them, and once the hub has any agreement, none is ever made here again.
 */
import type { DataSource, EntityManager } from 'typeorm';
import type { Signer } from '../audit/signing';
import { Agency } from '../sharing/agency';
import { Agreement } from '../sharing/agreement';
import { signApproval } from '../sharing/approval';
import type { Terms } from '../sharing/terms';
import { SUPERVISION } from './codes';
import { foundingTerms } from './founding-terms';

const AGENCIES: readonly { code: string; nameEn: string; nameZh: string }[] = [
  { code: 'public-security', nameEn: 'Public security bureau', nameZh: '公安局' },
  { code: 'civil-affairs', nameEn: 'Civil affairs bureau', nameZh: '民政局' },
  { code: 'medical-insurance', nameEn: 'Medical insurance bureau', nameZh: '医疗保障局' },
  { code: 'social-security', nameEn: 'Human resources and social security bureau', nameZh: '人力资源和社会保障局' },
  { code: 'tax', nameEn: 'Tax bureau', nameZh: '税务局' },
  { code: 'rural-revitalisation', nameEn: 'Rural revitalisation bureau', nameZh: '乡村振兴局' },
  { code: SUPERVISION, nameEn: 'Medical insurance fund supervision', nameZh: '医疗保障基金监管事务中心' },
];

/** Who proposes and who approves a founding agreement. */
const PROPOSER = 'founding: proposer';
const APPROVER = 'founding: approver';

/**
 * Founds the hub: writes agencies and agreements, signed, when there are none. `now` is when that happens. Returns how many agreements were
 * written, 0 ever after.
 */
export async function foundHub(
  dataSource: DataSource,
  signer: Signer,
  today: string,
  now: () => Date = () => new Date(),
): Promise<number> {
  return dataSource.transaction(async (manager) => {
    await manager.query('lock table sharing.agreement in share row exclusive mode');
    if ((await manager.count(Agreement)) > 0) return 0;
    await manager.upsert(Agency, AGENCIES as Agency[], ['code']);
    const agreements = foundingTerms(today);
    for (const terms of agreements) await found(manager, signer, terms, now().toISOString());
    return agreements.length;
  });
}

/** Writes one founding agreement as what two officers agreed to: signed, and with its history. */
async function found(manager: EntityManager, signer: Signer, terms: Terms, at: string): Promise<void> {
  const approved = { ...terms, proposedBy: PROPOSER, proposedAt: at, approvedBy: APPROVER, approvedAt: at };
  const approval = signApproval(approved, signer);
  const version = 1;
  await manager.insert(Agreement, { ...approved, approval, state: 'APPROVED', version } as object);
  await manager.query(
    `insert into sharing.agreement_event (agreement, at, agency, officer, from_state, to_state, reason)
     values ($1, $2, $3, $4, null, 'PROPOSED', 'founding'), ($1, $2, $3, $5, 'PROPOSED', 'APPROVED', 'founding')`,
    [terms.id, at, terms.provider, PROPOSER, APPROVER],
  );
}
