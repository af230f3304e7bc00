/** One settled claim with its lines: who paid what, where, and when it was settled, which is never the day of care. */
import { dayText, instantText } from './days';
import { isMonitored, type Life } from './histories';
import { type Institution, institutionsOf } from './institutions';
import { divideIntoLines, type ItemGroup, usualGroups } from './items';
import { numberOn } from './people';
import type { Random } from './random';
import { touched } from './registers';
import type { Setting } from './setting';

type ClaimType = 'OUTPATIENT' | 'INPATIENT' | 'PHARMACY' | 'CAPITATION';

/** What is known of a visit; what is left out is usual for the person and the day. */
export interface Visit {
  type: ClaimType;
  /** Day of care: of service, or of admission. */
  day: number;
  /** Of a stay. */
  nights?: number;
  dischargeWay?: string;
  at?: Institution;
  tier?: 'BASIC' | 'RETIREE' | 'POVERTY';
  status?: 'PAID' | 'REVERSED' | 'RECOVERED' | 'REFUSED';
  /** Days from care to settlement. */
  settledAfter?: number;
  /** Groups of the lines, in place of the usual ones. */
  groups?: readonly ItemGroup[];
  /** False when the fund paid nothing. */
  fundPays?: boolean;
  /** May pay from a personal account: the patient's own, or that of the number given. */
  account?: { owner: string | null };
  idNumber?: string;
}

/** Amounts in fen; the total is the sum of the others. */
interface Payment {
  total: number;
  pooled: number;
  seriousIllness: number;
  aid: number;
  account: number;
  self: number;
}

const TYPICAL_FEN: Readonly<Record<ClaimType, number>> = {
  OUTPATIENT: 16_000,
  INPATIENT: 680_000,
  PHARMACY: 9_000,
  CAPITATION: 6_000,
};
const SERIOUS_ILLNESS_FROM_FEN = 1_500_000;

/** Writes the claim and its lines and gives its source key. */
export function writeClaim(setting: Setting, life: Life, visit: Visit): string {
  const { random, today, delivery } = setting;
  const { resident } = life;
  const at = visit.at ?? pickInstitution(setting, life, visit.type);
  const tier = visit.tier ?? tierOn(life, visit.day);
  const payment = pay(random, visit, tier);
  const stay = visit.type === 'INPATIENT';
  const end = stay ? visit.day + (visit.nights ?? 5) : visit.day;
  const settled = Math.min(end + (visit.settledAfter ?? (random.chance(0.88) ? 0 : random.int(1, 45))), today - 1);
  const uploaded = Math.min(settled + random.int(0, 3), today - 1);
  const settledSecond = random.int(8 * 3600, 20 * 3600);
  const sourceId = delivery.write('claim', {
    idNumber: visit.idNumber ?? numberOn(setting, resident, visit.day),
    name: resident.name,
    institutionCode: at.code,
    institutionName: at.name,
    doctorCode: random.pick(at.doctors),
    careDistrict: at.district.code,
    poolingDistrict: resident.district.code,
    claimType: visit.type,
    serviceDate: stay ? null : dayText(visit.day),
    admissionDate: stay ? dayText(visit.day) : null,
    dischargeDate: stay ? dayText(end) : null,
    dischargeWay: stay ? (visit.dischargeWay ?? (random.chance(0.9) ? '1' : random.pick(['2', '3', '4', '9']))) : null,
    settledAt: instantText(settled, settledSecond),
    uploadedAt: instantText(uploaded, settledSecond + 5400),
    totalAmount: yuan(payment.total),
    pooledPaid: yuan(payment.pooled),
    seriousIllnessPaid: yuan(payment.seriousIllness),
    aidPaid: yuan(payment.aid),
    accountPaid: yuan(payment.account),
    selfPaid: yuan(payment.self),
    accountOwnerIdNumber: payment.account > 0 ? (visit.account?.owner ?? null) : null,
    benefitTier: tier,
    status: visit.status ?? 'PAID',
    updatedAt: touched(setting, uploaded, 3),
  });
  writeLines(setting, sourceId, visit, payment.total, end, settled);
  return sourceId;
}

/** The tier that the person has on the day by right. */
function tierOn(life: Life, day: number): 'BASIC' | 'RETIREE' | 'POVERTY' {
  const { pension } = life;
  const employee = life.covers.some((cover) => cover.scheme === 'EMPLOYEE');
  if (!employee && isMonitored(life, day)) return 'POVERTY';
  return employee && pension && pension.kind !== 'RESIDENT' && pension.retired <= day ? 'RETIREE' : 'BASIC';
}

function writeLines(
  setting: Setting,
  claimSourceId: string,
  visit: Visit,
  total: number,
  end: number,
  settled: number,
): void {
  const { random, delivery } = setting;
  const groups = visit.groups ?? usualGroups(random, visit.type);
  for (const [index, line] of divideIntoLines(random, groups, total, visit.day, end).entries()) {
    const lineNo = String(index + 1);
    delivery.write('claim_line', {
      sourceId: `${claimSourceId}-${lineNo}`,
      claimSourceId,
      lineNo,
      itemCode: line.item.code,
      itemName: line.item.name,
      itemGroup: line.item.group,
      serviceDate: dayText(line.day),
      quantity: String(line.quantity),
      unitPrice: yuan(line.unitPrice),
      amount: yuan(line.amount),
      updatedAt: touched(setting, settled, 3),
    });
  }
}

function pay(random: Random, visit: Visit, tier: string): Payment {
  const total = Math.round(
    TYPICAL_FEN[visit.type] *
      (visit.nights ? 0.3 + visit.nights / 7 : 1) *
      Math.exp((random.next() + random.next() + random.next() - 1.5) * 1.1),
  );
  const payment: Payment = { total, pooled: 0, seriousIllness: 0, aid: 0, account: 0, self: 0 };
  if (visit.status !== 'REFUSED') {
    if (visit.fundPays !== false) payFromFunds(random, payment, visit.type, tier);
    if (visit.account)
      payment.account = Math.floor(
        (total - payment.pooled - payment.seriousIllness - payment.aid) * (0.4 + 0.6 * random.next()),
      );
  }
  payment.self = total - payment.pooled - payment.seriousIllness - payment.aid - payment.account;
  return payment;
}

function payFromFunds(random: Random, payment: Payment, type: ClaimType, tier: string): void {
  const share = (type === 'CAPITATION' ? 0.9 : type === 'INPATIENT' ? 0.62 : 0.52) + (tier === 'BASIC' ? 0 : 0.06);
  payment.pooled = Math.floor(payment.total * share * (0.85 + 0.15 * random.next()));
  const rest = payment.total - payment.pooled;
  if (payment.total > SERIOUS_ILLNESS_FROM_FEN) payment.seriousIllness = Math.floor(rest * 0.45);
  if (tier === 'POVERTY') payment.aid = Math.floor((rest - payment.seriousIllness) * 0.6);
}

/** Usually in the patient's own district. */
function pickInstitution(setting: Setting, life: Life, type: ClaimType): Institution {
  const { random, institutions } = setting;
  const kind =
    type === 'PHARMACY'
      ? 'PHARMACY'
      : type === 'INPATIENT'
        ? 'HOSPITAL'
        : type === 'CAPITATION'
          ? 'COMMUNITY'
          : random.pick(['HOSPITAL', 'COMMUNITY'] as const);
  return random.pick(institutionsOf(institutions, kind, random.chance(0.75) ? life.resident.district : undefined));
}

/** Fen as yuan with two decimals. */
function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
