/**
 * Names as a register of Anhui has them: common and compound Han surnames, given names by generation, names of other peoples with and
 * without a dot, and characters outside the everyday sets, which is where encodings fail. Any likeness to a living person is chance.
 */
import type { Random } from './random';

/** GB/T 3304 codes of the peoples that live in the city. */
export type Ethnicity = '01' | '02' | '03' | '04' | '05' | '11' | '17';

const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
];
const COMPOUND_SURNAMES = [
  '欧阳',
  '上官',
  '司马',
  '诸葛',
  '夏侯',
  '皇甫',
  '尉迟',
  '令狐',
  '公孙',
  '慕容',
  '端木',
  '南宫',
];
const HUI_SURNAMES = [...'马穆沙丁白金哈撒答'];

interface Generation {
  bornBefore: number;
  male: readonly string[];
  female: readonly string[];
}

/** Given names go by pairs of characters in fashion at birth. */
const GENERATIONS: readonly Generation[] = [
  { bornBefore: 1955, male: [...'德福长根贵发有财广义传忠树林正礼'], female: [...'秀英桂兰凤珍玉芝翠莲素云兰香金荣'] },
  {
    bornBefore: 1975,
    male: [...'建国志强卫军保华胜利明远大勇永平新民'],
    female: [...'红梅爱华丽萍春霞小琴月娥慧敏玲芳'],
  },
  { bornBefore: 1998, male: [...'伟鹏磊超俊峰浩宇凯旋波涛晓东海洋'], female: [...'婷静雯娟倩燕晶丹妮莉蓉颖璐洁雪'] },
  { bornBefore: 9999, male: [...'梓轩浩然宇航子墨奕辰沐阳睿泽铭宸'], female: [...'欣怡梓涵诗雨若汐语桐依诺可馨思琪'] },
];
const RARE = ['堃', '喆', '犇', '垚', '淼', '䶮', '㛃', '㻏', '𬀩', '𫖯', '𬭎', '𫍯', '𬬩'];

const UYGHUR_MALE = ['买买提', '艾力', '吐尔逊', '阿卜杜热合曼', '库尔班', '亚森', '依明', '热合木'];
const UYGHUR_FEMALE = ['阿依古丽', '帕提古丽', '热依汗', '迪丽努尔', '古丽娜尔', '米热古丽'];
const KAZAKH_MALE = ['叶尔兰', '哈力木别克', '巴合提', '努尔兰', '赛力克'];
const KAZAKH_FEMALE = ['阿依努尔', '古丽扎提', '加娜尔', '沙吾列'];
const TIBETAN_MALE = ['扎西顿珠', '多吉次仁', '平措', '旦增罗布', '索朗'];
const TIBETAN_FEMALE = ['卓玛央宗', '拉姆', '德吉白珍', '央金', '格桑曲珍'];
const MONGOL_MALE = ['巴特尔', '苏和', '朝鲁', '那顺', '格日勒图'];
const MONGOL_FEMALE = ['其其格', '萨仁', '乌兰托娅', '娜仁', '高娃'];

/** A people for a family: nearly all Han, as in the province's census. */
export function pickEthnicity(random: Random): Ethnicity {
  if (random.chance(0.975)) return '01';
  return random.pick<Ethnicity>(['03', '03', '03', '05', '05', '04', '02', '11', '17']);
}

/** A family name for a family; empty for peoples that have none. */
export function pickSurname(random: Random, ethnicity: Ethnicity): string {
  if (ethnicity === '03') return random.pick(HUI_SURNAMES);
  if (ethnicity !== '01' && ethnicity !== '11') return '';
  if (random.chance(0.02)) return random.pick(COMPOUND_SURNAMES);
  // Squaring favours the head of the list, as the frequency of surnames does.
  return SURNAMES[Math.floor(SURNAMES.length * random.next() ** 2)] as string;
}

/** The full name of a person born in `bornYear`, with sex `1` or `2`. */
export function pickName(
  random: Random,
  surname: string,
  ethnicity: Ethnicity,
  sex: '1' | '2',
  bornYear: number,
): string {
  const male = sex === '1';
  if (ethnicity === '05') return `${random.pick(male ? UYGHUR_MALE : UYGHUR_FEMALE)}·${random.pick(UYGHUR_MALE)}`;
  if (ethnicity === '17') return `${random.pick(male ? KAZAKH_MALE : KAZAKH_FEMALE)}·${random.pick(KAZAKH_MALE)}`;
  if (ethnicity === '04') return random.pick(male ? TIBETAN_MALE : TIBETAN_FEMALE);
  if (ethnicity === '02') return random.pick(male ? MONGOL_MALE : MONGOL_FEMALE);
  const generation = GENERATIONS.find(({ bornBefore }) => bornYear < bornBefore) as Generation;
  const characters = male ? generation.male : generation.female;
  const first = random.pick(characters);
  if (random.chance(0.12)) return surname + first;
  return surname + first + (random.chance(0.02) ? random.pick(RARE) : random.pick(characters));
}

/** The name as a hurried clerk writes it on a form: another dot between the parts, which is still the same name. */
export function otherDot(random: Random, name: string): string {
  return name.replaceAll('·', random.pick(['•', '.', '・']));
}

/** A name a clerk got wrong: another last character. */
export function misspelt(name: string): string {
  const characters = [...name];
  const last = characters.pop();
  return characters.join('') + (last === '萍' ? '平' : '萍');
}
