/**
 * Statements that come again and again, planned by PostgreSQL once per connection instead of each time. Measured on lookups by person key, of
 * which one request makes eight: planning was two fifths of what each cost.
 *
 * Only for texts that are made of the schema and of what was asked for, with every value in a parameter: values in a text would make a
 * statement of each.
 */
import { hash } from 'node:crypto';

/** Each connection keeps the plans of so many texts, some 20 KB each; further ones are planned each time. */
const PREPARED_MAX = 200;
const NAME_HEX = 32;

const names = new Map<string, string>();

/** The part of a query for `pg` that says its text, and the name under which connections keep its plan. */
export function prepared(text: string): { text: string; name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { text, name: known };
  if (names.size >= PREPARED_MAX) return { text };
  // By its text, so that processes whose connections a pooler shares cannot take one for another.
  const name = `heyan_${hash('sha256', text, 'hex').slice(0, NAME_HEX)}`;
  names.set(text, name);
  return { text, name };
}
