/**
 * Forms of values: what a field may hold, as it stands in an exchange file, in PostgreSQL and in GraphQL. Reading a cell by its form is
 * `sync/forms.ts`.
 */
import { ID, Int, registerEnumType } from 'type-graphql';
import { DateScalar, DateTimeScalar, DecimalScalar, MoneyScalar } from './scalars';

/** The official meaning of one code, in both languages. */
export interface Code {
  en: string;
  zh: string;
}

/**
 * The form of a field's values. `from` names the field a value is derived from: such a field is in no exchange file.
 * Months are `YYYY-MM`, periods `YYYY-MM` or `YYYY`, money is yuan with two decimals, keys are 16 bytes.
 */
export type Form =
  | { form: 'text' | 'day' | 'instant' | 'month' | 'period' | 'money' | 'decimal' | 'lineNumber' | 'district' }
  | { form: 'idNumber' | 'numberList' }
  | { form: 'pattern'; pattern: RegExp; says: string }
  | { form: 'code'; name?: string; codes: Readonly<Record<string, Code>>; default?: string }
  | { form: 'personKey' | 'numberKeys' | 'nameKey' | 'oldNumber' | 'numberBirth'; from: string };

export const text: Form = { form: 'text' };
export const day: Form = { form: 'day' };
export const instant: Form = { form: 'instant' };
export const month: Form = { form: 'month' };
export const period: Form = { form: 'period' };
export const money: Form = { form: 'money' };
export const decimal: Form = { form: 'decimal' };
export const district: Form = { form: 'district' };
export const idNumber: Form = { form: 'idNumber' };

/** Text of a fixed shape; `says` completes the sentence "is not …". */
export function pattern(shape: RegExp, says: string): Form {
  return { form: 'pattern', pattern: shape, says };
}

/** A coded field. With a name it becomes a GraphQL enum; codes that are digits (GB/T tables) have none and stay text. */
export function code(codes: Readonly<Record<string, Code>>, options: { name?: string; default?: string } = {}): Form {
  return { form: 'code', codes, ...options };
}

/** A field derived from an identity number or name when the record is loaded. */
export function derived(
  form: 'personKey' | 'numberKeys' | 'nameKey' | 'oldNumber' | 'numberBirth',
  from: string,
): Form {
  return { form, from };
}

const enums = new Map<string, object>();

/** The PostgreSQL column of a form, as TypeORM is told. */
export function columnType(form: Form): object {
  switch (form.form) {
    case 'day':
    case 'numberBirth':
      return { type: 'date' };
    case 'instant':
      return { type: 'timestamptz' };
    case 'money':
      return { type: 'numeric', precision: 14, scale: 2 };
    case 'decimal':
      return { type: 'numeric', precision: 14, scale: 4 };
    case 'lineNumber':
      return { type: 'integer' };
    case 'oldNumber':
      return { type: 'boolean' };
    case 'personKey':
    case 'nameKey':
      return { type: 'bytea' };
    case 'numberKeys':
      return { type: 'bytea', array: true };
    case 'numberList':
      return { type: 'text', array: true };
    default:
      return { type: 'text' };
  }
}

/** The GraphQL type of a form; `description` becomes an enum's. */
export function graphqlType(form: Form, description: string): unknown {
  switch (form.form) {
    case 'day':
    case 'numberBirth':
      return DateScalar;
    case 'instant':
      return DateTimeScalar;
    case 'money':
      return MoneyScalar;
    case 'decimal':
      return DecimalScalar;
    case 'lineNumber':
      return Int;
    case 'oldNumber':
      return Boolean;
    case 'personKey':
    case 'nameKey':
      return ID;
    case 'numberKeys':
      return [ID];
    case 'numberList':
      return [String];
    case 'code':
      return form.name ? enumOf(form.name, description, form.codes) : String;
    default:
      return String;
  }
}

function enumOf(name: string, description: string, codes: Readonly<Record<string, Code>>): object {
  const known = enums.get(name);
  if (known) return known;
  const values = Object.fromEntries(Object.keys(codes).map((value) => [value, value]));
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(codes).map(([value, { en, zh }]) => [value, { description: `${en} · ${zh}` }]),
    ),
  });
  enums.set(name, values);
  return values;
}
