/**
 * Masks: how a bureau shows a field of which an agreement gives a part only. A mask shows less than the value or nothing, never the value:
 * what it has no rule for is null.
 */
import type { Mask } from '../sharing/agreement';
import type { Shown } from '../sharing/scope';
import type { Form } from './form';

/** The masked value of a field of this form; null stays null. */
export function masked(value: unknown, mask: Shown, form: Form): unknown {
  if (value === null || value === undefined || mask === 'PLAIN') return value;
  if (mask === 'NOTHING') return null;
  if (mask === 'YEAR') return yearOf(value, form);
  if (Array.isArray(value)) return form.form === 'numberList' ? value.map((item) => partOf(item, form)) : null;
  return partOf(value, form);
}

/** Which masks a form knows; the others of it show nothing. */
export function masksOf({ form }: Form): readonly Mask[] {
  if (DATED.has(form)) return ['PLAIN', 'YEAR'];
  return WORDS.has(form) ? ['PLAIN', 'PARTIAL'] : ['PLAIN'];
}

const DATED = new Set<Form['form']>(['day', 'numberBirth', 'month', 'period', 'instant']);
const WORDS = new Set<Form['form']>(['idNumber', 'numberList', 'district', 'text', 'pattern']);

/** `1956` of `1956-03-02`: a year is no day, and does not look like one. */
function yearOf(value: unknown, form: Form): string | null {
  return DATED.has(form.form) && typeof value === 'string' ? value.slice(0, 4) : null;
}

function partOf(value: unknown, form: Form): string | null {
  if (typeof value !== 'string' || !WORDS.has(form.form)) return null;
  switch (form.form) {
    case 'idNumber':
    case 'numberList':
      return value.length < 15 ? '*' : `${value.slice(0, 4)}${'*'.repeat(value.length - 8)}${value.slice(-4)}`;
    case 'district':
      return `${value.slice(0, 4)}**`;
    default:
      return toDistrict(value) ?? `${[...value][0] ?? ''}*`;
  }
}

/** Province, prefecture and county, as addresses begin with them: what follows is street and house. */
const ADDRESS =
  /^((?:[^省市区县旗路街]{1,10}?(?:省|自治区|特别行政区))?(?:[^省市区县旗路街]{1,10}?(?:市|自治州|地区|盟))?(?:[^省市区县旗路街]{1,10}?(?:自治县|自治旗|特区|林区|新区|区|县|旗|市)))./u;

/** An address down to its district; undefined of a text that is none. */
function toDistrict(text: string): string | undefined {
  const found = ADDRESS.exec(text)?.[1];
  return found === undefined ? undefined : `${found}*`;
}
