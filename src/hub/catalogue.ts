/**
 * What can be granted: every kind of record of the graph with its provider and the names under which its fields are granted. Read from the
 * tags of the composed graph, which are what operations are decided by, so that terms name neither more nor less than decisions ask for.
 */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { recordKinds } from '../bureaus/bureau';
import { isDay } from '../bureaus/calendar';
import { provinceOf } from '../bureaus/district';
import { masksOf } from '../bureaus/mask';
import type { Catalogue, GrantableField, GrantableKind } from '../sharing/terms';

/** Stands for any kind at all in a tag. */
const ANY = 'any';

interface Found {
  provider: string | null;
  hasDistricts: boolean;
  /** Whether a field is nothing but a one-bit answer, by its name: `retiredOn` is a date of the record too. */
  fields: Map<string, boolean>;
}

/** The catalogue of a composed graph. */
export function catalogueOf(supergraph: DocumentNode): Catalogue {
  const types = supergraph.definitions.filter((one) => one.kind === Kind.OBJECT_TYPE_DEFINITION);
  const objects = new Set(types.map(({ name }) => name.value));
  const found = new Map<string, Found>();
  for (const type of types) noteType(type, objects, found);
  const kinds = [...found].flatMap(([kind, { provider, hasDistricts, fields }]): GrantableKind[] => {
    if (provider === null) return [];
    const grantable = [...fields].map(
      ([name, isAnswer]): GrantableField => ({ name, isAnswer, masks: masksOn(kind, name) }),
    );
    return [{ kind, provider, hasDistricts, fields: grantable.sort((a, b) => (a.name < b.name ? -1 : 1)) }];
  });
  return { kinds, isDay, isProvince: (prefix) => provinceOf(prefix) !== undefined };
}

function noteType(type: ObjectTypeDefinitionNode, objects: ReadonlySet<string>, found: Map<string, Found>): void {
  const ofType = tagNames(type);
  const provider = after(ofType, 'provider/');
  for (const field of type.fields ?? []) {
    const names = tagNames(field);
    const kind = after(names, 'kind/');
    if (!kind || kind === ANY) continue;
    const known = noted(found, kind);
    known.provider = provider ?? known.provider;
    known.hasDistricts ||= ofType.includes('districts');
    const isAnswer = names.includes('verb/VERIFY');
    // What only leads to records is granted with any of their fields, and has no name of its own.
    const isLink = names.includes('presence') && objects.has(baseOf(field.type));
    if (!isLink) noteField(known, after(names, 'as/') ?? field.name.value, isAnswer);
    for (const read of allAfter(names, 'reads/')) noteField(known, read, false);
    for (const other of allAfter(names, 'also/')) {
      const [of, name] = other.split('.') as [string, string];
      noteField(noted(found, of), name, isAnswer);
    }
  }
}

function noteField({ fields }: Found, name: string, isAnswer: boolean): void {
  fields.set(name, isAnswer && (fields.get(name) ?? true));
}

function noted(found: Map<string, Found>, kind: string): Found {
  const known = found.get(kind) ?? { provider: null, hasDistricts: false, fields: new Map<string, boolean>() };
  found.set(kind, known);
  return known;
}

function masksOn(kind: string, field: string): GrantableField['masks'] {
  const known = recordKinds().find((one) => one.kind === kind);
  const form = known?.fields.find(({ name }) => name === field)?.form;
  return form ? masksOf(form) : ['PLAIN'];
}

function baseOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : baseOf(type.type);
}

function tagNames(node: { directives?: readonly ConstDirectiveNode[] }): string[] {
  return (node.directives ?? []).flatMap(({ name, arguments: given }) => {
    const value = given?.[0]?.value;
    return name.value === 'tag' && value?.kind === Kind.STRING ? [value.value] : [];
  });
}

function after(names: readonly string[], prefix: string): string | undefined {
  return allAfter(names, prefix)[0];
}

function allAfter(names: readonly string[], prefix: string): string[] {
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}
