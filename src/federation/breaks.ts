/**
 * What a change of the graph breaks: fields of it that are gone or have another type. Which agreements and rules use them is for the hub to say,
 * which knows both.
 */
import { type DocumentNode, Kind, parse, print } from 'graphql';

/** A field of the graph that callers knew. */
export interface Break {
  /** `Type.field`. */
  field: string;
  was: string;
  /** Null when it is gone. */
  is: string | null;
  /** The name under which it is granted, `kind.field`; null of one that needs no grant. */
  grantedAs: string | null;
}

/** What callers of the graph `before` would no longer find in the graph `after`; both are supergraphs. */
export function breaksBetween(before: string, after: string): Break[] {
  const old = fieldsOf(parse(before, { noLocation: true }));
  const now = fieldsOf(parse(after, { noLocation: true }));
  return [...old].flatMap(([field, { type: was, grantedAs }]) => {
    const is = now.get(field)?.type ?? null;
    return is === was ? [] : [{ field, was, is, grantedAs }];
  });
}

interface KnownField {
  type: string;
  grantedAs: string | null;
}

/** The fields and arguments that callers can see, in the order of the text. */
function fieldsOf({ definitions }: DocumentNode): Map<string, KnownField> {
  const fields = new Map<string, KnownField>();
  for (const type of definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      if (field.directives?.some(({ name }) => name.value === 'inaccessible')) continue;
      const tags = (field.directives ?? []).flatMap(({ name, arguments: given }) => {
        const value = given?.[0]?.value;
        return name.value === 'tag' && value?.kind === Kind.STRING ? [value.value] : [];
      });
      const after = (prefix: string) => tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
      const kind = after('kind/');
      const grantedAs = kind && !tags.includes('presence') ? `${kind}.${after('as/') ?? field.name.value}` : null;
      const name = `${type.name.value}.${field.name.value}`;
      fields.set(name, { type: print(field.type), grantedAs });
      for (const argument of field.arguments ?? [])
        fields.set(`${name}(${argument.name.value}:)`, { type: print(argument.type), grantedAs });
    }
  }
  return fields;
}
