/** What was asked for out of what has come in: services also give what records are found by, and what one of them hands on to another. */
import { type Field, isTypeName } from './fields';

type Data = Readonly<Record<string, unknown>>;

/** The fields of an object in their order; null where one is missing that must not be. */
export function askedFor(fields: readonly Field[], data: Data): Record<string, unknown> | null {
  const made: Record<string, unknown> = {};
  for (const field of fields) {
    const value = isTypeName(field) ? field.parent.name : answered(data[field.key], field);
    if (value === null && field.isRequired) return null;
    made[field.key] = value;
  }
  return made;
}

function answered(value: unknown, field: Field): unknown {
  if (value === undefined || value === null) return null;
  if (!field.below && !field.hidden) return value;
  if (!Array.isArray(value)) return itemOf(value, field);
  const items = value.map((item) => itemOf(item, field));
  return field.areItemsRequired && items.includes(null) ? null : items;
}

function itemOf(item: unknown, { below, hidden }: Field): unknown {
  if (item === null || hidden?.has(item)) return null;
  return below ? askedFor(below, item as Data) : item;
}
