/** What a claim is made of: a small catalogue of items, and a claim's total divided into lines that add up to the fen. */
import type { Random } from './random';

export type ItemGroup = 'BED' | 'NURSING' | 'DRUG' | 'TREATMENT' | 'EXAM' | 'CONSUMABLE' | 'MORTUARY';

interface Item {
  group: ItemGroup;
  code: string;
  name: string;
  /** Days' worth, tablets or times that are usual. */
  quantityMax: number;
}

const ITEMS: readonly Item[] = [
  { group: 'DRUG', code: 'XC08CAA235A001', name: '苯磺酸氨氯地平片', quantityMax: 4 },
  { group: 'DRUG', code: 'XA10BAE047A001', name: '盐酸二甲双胍片', quantityMax: 4 },
  { group: 'DRUG', code: 'XC10AAA013A001', name: '阿托伐他汀钙片', quantityMax: 3 },
  { group: 'DRUG', code: 'XB01ACA036A002', name: '阿司匹林肠溶片, 100mg', quantityMax: 3 },
  { group: 'DRUG', code: 'XJ01CAA040E001', name: '阿莫西林胶囊', quantityMax: 3 },
  { group: 'DRUG', code: 'XB05XAL220B002', name: '氯化钠注射液, 0.9% 250ml', quantityMax: 6 },
  { group: 'DRUG', code: 'ZA04BAL0265010', name: '复方丹参滴丸', quantityMax: 5 },
  { group: 'EXAM', code: '250101015', name: '血细胞分析', quantityMax: 1 },
  { group: 'EXAM', code: '250302001', name: '葡萄糖测定', quantityMax: 2 },
  { group: 'EXAM', code: '210300001', name: 'X线计算机体层（CT）平扫', quantityMax: 1 },
  { group: 'EXAM', code: '310701001', name: '常规心电图检查', quantityMax: 1 },
  { group: 'TREATMENT', code: '120400006', name: '静脉输液', quantityMax: 5 },
  { group: 'TREATMENT', code: '430000005', name: '普通针刺', quantityMax: 5 },
  { group: 'TREATMENT', code: '311000006', name: '血液透析', quantityMax: 3 },
  { group: 'CONSUMABLE', code: 'C14010100500', name: '一次性使用输液器', quantityMax: 6 },
  { group: 'NURSING', code: '120100005', name: 'Ⅱ级护理', quantityMax: 9 },
  { group: 'BED', code: '110900001', name: '普通病房床位费', quantityMax: 9 },
  { group: 'MORTUARY', code: '111000001', name: '尸体料理', quantityMax: 1 },
  { group: 'MORTUARY', code: '111000002', name: '尸体存放', quantityMax: 3 },
];

export interface Line {
  item: Item;
  day: number;
  quantity: number;
  /** In fen. */
  unitPrice: number;
  amount: number;
}

/** Lines of the given groups on days from `from` to `to` whose amounts add up to `total` fen. Shape: one line per group named. */
export function divideIntoLines(
  random: Random,
  groups: readonly ItemGroup[],
  total: number,
  from: number,
  to: number,
): Line[] {
  const lines: Line[] = [];
  let left = total;
  for (const [index, group] of groups.entries()) {
    const item = random.pick(ITEMS.filter((candidate) => candidate.group === group));
    const last = index === groups.length - 1;
    const share = last ? left : Math.floor((left / (groups.length - index)) * (0.5 + random.next()));
    // The last line takes what is left, which need not divide.
    const quantity = last || share < 100 ? 1 : random.int(1, item.quantityMax);
    const unitPrice = Math.floor(share / quantity);
    lines.push({ item, day: random.int(from, to), quantity, unitPrice, amount: unitPrice * quantity });
    left -= unitPrice * quantity;
  }
  return lines;
}

/** The groups of the lines that a visit of a kind usually has; none where only a total is handed over. */
export function usualGroups(random: Random, type: 'OUTPATIENT' | 'INPATIENT' | 'PHARMACY' | 'CAPITATION'): ItemGroup[] {
  if (type === 'CAPITATION') return [];
  if (type === 'INPATIENT')
    return [
      'BED',
      'NURSING',
      'DRUG',
      ...(random.chance(0.7) ? (['EXAM'] as const) : []),
      ...(random.chance(0.4) ? (['CONSUMABLE'] as const) : []),
      'TREATMENT',
    ];
  if (random.chance(0.35)) return [];
  if (type === 'PHARMACY') return random.chance(0.2) ? ['DRUG', 'DRUG'] : ['DRUG'];
  return random.pick<ItemGroup[]>([['DRUG'], ['EXAM', 'DRUG'], ['TREATMENT'], ['EXAM'], ['DRUG', 'DRUG']]);
}
