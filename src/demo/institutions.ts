/**
 * Where care is given and who pays contributions: hospitals, community centres, pharmacies and employers, all invented. There are more
 * pharmacies and employers in a larger city, so that no single one grows beyond belief.
 */
import { DISTRICTS, type District, PREFECTURE } from './districts';
import type { Random } from './random';

export type InstitutionKind = 'HOSPITAL' | 'COMMUNITY' | 'PHARMACY';

export interface Institution {
  code: string;
  name: string;
  district: District;
  kind: InstitutionKind;
  doctors: readonly string[];
}

const PHARMACIES = [
  '仁寿堂大药房',
  '淮春药房',
  '百草和大药房',
  '安宁康药店',
  '惠邻大药房',
  '杏林居药房',
  '济众堂药店',
  '同泽大药房',
];
const COMMUNITIES = ['社区卫生服务中心', '中心卫生院', '镇卫生院'];
const EMPLOYERS_PERSONS = 60;
const PHARMACY_PERSONS = 2500;

/** The city's institutions for so many persons; always at least one of each kind in every district. */
export function foundInstitutions(random: Random, persons: number): Institution[] {
  const institutions: Institution[] = [];
  const found = (letter: 'H' | 'P', kind: Institution['kind'], district: District, name: string) => {
    const code = `${letter}${district.code}${String(institutions.length + 101).padStart(5, '0')}`;
    const doctors = Array.from(
      { length: kind === 'HOSPITAL' ? 12 : 3 },
      () => `D${district.code}${random.int(100000, 999999)}`,
    );
    institutions.push({ code, name, district, kind, doctors });
  };
  const centre = DISTRICTS[0] as District;
  for (const name of ['第一人民医院', '中医医院', '妇幼保健院'])
    found('H', 'HOSPITAL', centre, `${PREFECTURE.name}${name}`);
  const pharmacies = Math.max(2, Math.ceil(persons / DISTRICTS.length / PHARMACY_PERSONS));
  for (const district of DISTRICTS) {
    found('H', 'HOSPITAL', district, `${district.name}人民医院`);
    for (const name of COMMUNITIES.slice(district.rural ? 1 : 0, district.rural ? 3 : 1))
      found('H', 'COMMUNITY', district, `${district.name}${name}`);
    for (let i = 0; i < pharmacies; i++)
      found('P', 'PHARMACY', district, `${random.pick(PHARMACIES)}${district.name}第${i + 1}店`);
  }
  return institutions;
}

/** The institutions of a kind in a district, or in the whole city when the district is left out. Every district has all kinds. */
export function institutionsOf(
  institutions: readonly Institution[],
  kind: InstitutionKind,
  district?: District,
): readonly Institution[] {
  const places = kept.get(institutions) ?? new Map<string, readonly Institution[]>();
  kept.set(institutions, places);
  const key = `${kind} ${district?.code}`;
  let found = places.get(key);
  if (!found) {
    found = institutions.filter((one) => one.kind === kind && (district === undefined || one.district === district));
    places.set(key, found);
  }
  return found;
}

/** What was looked up in a list of institutions: it is asked for once per claim, and the list never changes. */
const kept = new WeakMap<readonly Institution[], Map<string, readonly Institution[]>>();

/** Unified social credit codes of the city's employers. */
export function foundEmployers(random: Random, persons: number): string[] {
  return Array.from({ length: Math.max(3, Math.ceil(persons / EMPLOYERS_PERSONS)) }, () => creditCode(random));
}

const CREDIT_CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** A unified social credit code (GB 32100-2015): category, district, nine characters of the organisation, check character modulo 31. */
function creditCode(random: Random): string {
  let code = `91${random.pick(DISTRICTS).code}`;
  while (code.length < 17) code += CREDIT_CHARACTERS.charAt(random.int(0, 30));
  let sum = 0;
  for (let i = 0, weight = 1; i < 17; i++, weight = (weight * 3) % 31)
    sum += CREDIT_CHARACTERS.indexOf(code.charAt(i)) * weight;
  return code + CREDIT_CHARACTERS.charAt((31 - (sum % 31)) % 31);
}
