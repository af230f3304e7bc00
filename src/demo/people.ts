/**
 * Families: who lives together, how they are related, what they are called and under which numbers the registers know them. Ages follow
 * the households of a province that many young people have left.
 */
import { dayText, yearOf } from './days';
import { BIRTHPLACES_ELSEWHERE, DISTRICTS, type District, PREFECTURE, STREETS, VILLAGES } from './districts';
import { type Ethnicity, pickEthnicity, pickName, pickSurname } from './names';
import { oldNumberOf } from './numbers';
import type { Setting } from './setting';

export type Sex = '1' | '2';

/** Other numbers a person had: the 15-digit form, or an 18-character one until a correction. */
export type EarlierNumber = 'FIFTEEN_DIGITS' | 'CORRECTED';

export interface Resident {
  idNumber: string;
  /** An earlier number of the same person, with the first day on which the new one was used. */
  earlier?: { idNumber: string; until: number; kind: EarlierNumber };
  name: string;
  sex: Sex;
  birth: number;
  ethnicity: Ethnicity;
  householdNo: string;
  /** GB/T 4761. */
  relation: string;
  address: string;
  district: District;
  /** False for the few who are insured here and registered in a city that shares nothing. */
  registered: boolean;
}

interface Member {
  sex: Sex;
  birth: number;
  relation: string;
}

const YEAR = 365.25;

/** A family of the city, from one to six people; the head comes first. */
export function settleFamily(setting: Setting): Resident[] {
  const { random } = setting;
  return nameFamily(
    setting,
    random.chance(0.24)
      ? oldCouple(setting)
      : random.chance(0.35)
        ? threeGenerations(setting)
        : couple(setting, random.int(24, 66)),
  );
}

/** A family around one person of a given birth day: a child with a parent, or a head of household with a spouse of about that age. */
export function settleFamilyOf(setting: Setting, birth: number, sex: Sex): { person: Resident; family: Resident[] } {
  const { random, today } = setting;
  const child = today - birth < 18 * YEAR;
  const otherBirth = child
    ? birth - random.int(24 * YEAR, 34 * YEAR)
    : Math.min(birth + random.int(-1500, 1500), today - 7000);
  const other: Sex = sex === '1' ? '2' : '1';
  const members: Member[] = child
    ? [head('1', otherBirth), { sex, birth, relation: sex === '1' ? '20' : '30' }]
    : [head(sex, birth), { sex: other, birth: otherBirth, relation: spouseOf(sex) }];
  const family = nameFamily(setting, members);
  const person = family[child ? 1 : 0] as Resident;
  person.registered = true;
  return { person, family: [person, ...family.filter((member) => member !== person)] };
}

/** Gives a resident an earlier number, as the register keeps it among the previous ones. */
export function giveEarlierNumber(setting: Setting, resident: Resident, kind: EarlierNumber, until: number): void {
  const old =
    kind === 'FIFTEEN_DIGITS'
      ? oldNumberOf(resident.idNumber)
      : setting.numbers.give(resident.district.code, resident.birth - setting.random.int(20, 400), resident.sex);
  if (old !== undefined) resident.earlier = { idNumber: old, until, kind };
}

/** The number under which a bureau files something of that day. Offices that still know the 15-digit number use it now and then. */
export function numberOn(setting: Setting, resident: Resident, day: number): string {
  const { earlier } = resident;
  if (!earlier) return resident.idNumber;
  if (earlier.kind === 'CORRECTED') return day < earlier.until ? earlier.idNumber : resident.idNumber;
  return setting.random.chance(0.1) ? earlier.idNumber : resident.idNumber;
}

function bornAbout(setting: Setting, age: number): number {
  return setting.today - Math.floor(Math.max(age, 0) * YEAR) - setting.random.int(0, 364) - 1;
}

function head(sex: Sex, birth: number): Member {
  return { sex, birth, relation: '01' };
}

function spouseOf(sex: Sex): string {
  return sex === '1' ? '12' : '11';
}

function oldCouple(setting: Setting): Member[] {
  const { random } = setting;
  const age = Math.floor(60 + 33 * random.next() ** 1.6);
  const first = head(random.chance(0.55) ? '1' : '2', bornAbout(setting, age));
  if (random.chance(0.35)) return [first];
  const sex: Sex = first.sex === '1' ? '2' : '1';
  return [
    first,
    { sex, birth: bornAbout(setting, Math.max(58, age + random.int(-5, 4))), relation: spouseOf(first.sex) },
  ];
}

function couple(setting: Setting, age: number): Member[] {
  const { random } = setting;
  const first = head('1', bornAbout(setting, age));
  if (random.chance(0.14)) return [first];
  const wifeAge = Math.max(21, age + random.int(-5, 2));
  const members: Member[] = [first, { sex: '2', birth: bornAbout(setting, wifeAge), relation: '12' }];
  const children = wifeAge > 50 ? random.int(0, 1) : random.pick([0, 1, 1, 2, 2, 3]);
  for (let i = 0; i < children; i++) {
    const childAge = wifeAge - random.int(21, 34);
    if (childAge < 0 || childAge > 30) continue;
    const sex: Sex = random.chance(0.52) ? '1' : '2';
    members.push({ sex, birth: bornAbout(setting, childAge), relation: sex === '1' ? '20' : '30' });
  }
  return members;
}

function threeGenerations(setting: Setting): Member[] {
  const { random } = setting;
  const age = random.int(28, 55);
  const members = couple(setting, age);
  const fatherAge = age + random.int(22, 30);
  if (random.chance(0.75)) members.push({ sex: '1', birth: bornAbout(setting, fatherAge), relation: '51' });
  members.push({
    sex: '2',
    birth: bornAbout(setting, Math.max(age + 20, fatherAge - random.int(0, 5))),
    relation: '52',
  });
  return members;
}

function nameFamily(setting: Setting, members: readonly Member[]): Resident[] {
  const { random } = setting;
  const ethnicity = pickEthnicity(random);
  const surname = pickSurname(random, ethnicity);
  const district = random.pick(DISTRICTS);
  const street = random.pick(district.rural ? VILLAGES : STREETS);
  const place = district.rural
    ? `${random.int(1, 24)}组${random.int(1, 120)}号`
    : `${random.int(1, 460)}号${random.int(1, 30)}栋${random.int(1, 30)}${random.pick(['01', '02', '03'])}室`;
  const address = `安徽省${PREFECTURE.name}${district.name}${street}${place}`;
  const householdNo = `${district.code}${String(setting.nextHousehold++).padStart(7, '0')}`;
  const registered = !random.chance(0.008);
  return members.map((member) => {
    const marriedIn = member.relation === '12' || member.relation === '11' || member.relation === '52';
    const ownSurname = marriedIn ? pickSurname(random, ethnicity) : surname;
    return {
      ...member,
      idNumber: giveNumber(setting, member, district, marriedIn),
      name: pickName(random, ownSurname, ethnicity, member.sex, yearOf(member.birth)),
      ethnicity,
      householdNo,
      address,
      district,
      registered,
    };
  });
}

function giveNumber(setting: Setting, member: Member, district: District, marriedIn: boolean): string {
  const { random } = setting;
  const fromElsewhere = random.chance(marriedIn ? 0.12 : 0.03);
  return setting.numbers.give(
    fromElsewhere ? random.pick(BIRTHPLACES_ELSEWHERE) : district.code,
    member.birth,
    member.sex,
  );
}

/** A resident's row of the household register, without status. */
export function registerEntry(resident: Resident) {
  return {
    idNumber: resident.idNumber,
    previousIdNumbers: resident.earlier ? [resident.earlier.idNumber] : null,
    name: resident.name,
    sex: resident.sex,
    birthDate: dayText(resident.birth),
    ethnicity: resident.ethnicity,
    householdNo: resident.householdNo,
    relationToHead: resident.relation,
    address: resident.address,
    districtCode: resident.district.code,
  };
}
