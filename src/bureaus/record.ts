/**
 * What a record is. One class per kind says everything about it in one place: the property is the TypeORM column, the GraphQL field, the
 * column of the exchange file, its form, its sensitivity, and its meaning in English and Chinese.
 *
 *     \@Kind({ kind: 'death', type: 'Death', table: 'death.revision', provider: 'civil-affairs', en: 'Death record', zh: '死亡信息' })
 *     export class Death {
 *       \@Shared(day, { required: true, sensitivity: 'PERSONAL', en: 'Date of death', zh: '死亡日期' })
 *       deathDate!: string;
 *     }
 *     export interface Death extends Filed {}
 *
 * `\@Kind` adds what every record has (`Filed`): the key in the bureau's own system, its revision, and when it was known.
 */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { columnType, type Form, graphqlType } from './form';
import { DateTimeScalar } from './scalars';

/** How much harm a field can do: `OPEN` none, `INTERNAL` to the bureaus' work, `PERSONAL` to a person, `SENSITIVE` grave (PIPL, article 28). */
export type Sensitivity = 'OPEN' | 'INTERNAL' | 'PERSONAL' | 'SENSITIVE';

/** What is said of a field besides its form. */
export interface SharedOptions {
  en: string;
  zh: string;
  sensitivity: Sensitivity;
  required?: boolean;
  /** Columns that GraphQL shows under another name or as another type (a person's key as `person`) are hidden here. */
  hidden?: boolean;
}

/** One field of a kind: `name` in GraphQL and TypeScript, `column` in PostgreSQL and in exchange files. */
export interface SharedField extends SharedOptions {
  name: string;
  column: string;
  form: Form;
}

/** What is said of a kind besides its fields. */
export interface KindOptions {
  /** The kind's word in agreements, feeds, file names and commands. */
  kind: string;
  /** The GraphQL type. */
  type: string;
  /** `schema.table` of the kind's revisions. */
  table: string;
  /** The field with the identity number the record is filed under: gives `personKey`, `oldNumber` and `numberBirthDate`. */
  filedUnder?: string;
  /** The agency that gives these records. */
  provider: string;
  /** SQL over `r`: the GB/T 2260 code of the district that a record belongs to. Without it, records of the kind cannot be shared by district. */
  district?: string;
  /** One-bit answers that rest on these records: granted by VERIFY, under this name. */
  answers?: readonly string[];
  en: string;
  zh: string;
  /** Fields that must agree with each other: the reason why a row is impossible, or undefined. Values are normalised, absent ones null. */
  check?: (row: Readonly<Record<string, string | null>>) => string | undefined;
}

/** A kind of record, as the rest of the program sees it. */
export interface RecordKind extends KindOptions {
  class: RecordClass;
  fields: readonly SharedField[];
}

/** What every record has. Bytes are keys; times are ISO 8601 text. */
export interface Filed {
  sourceId: string;
  /** Place of this revision in the kind's change log, a bigint as text: it grows with every revision, in commit order. */
  revision: string;
  updatedAt: string;
  recordedAt: string;
  validAsOf: string | null;
}

/** What every record filed under an identity number has besides. */
export interface FiledUnderPerson extends Filed {
  personKey: Buffer;
  oldNumber: boolean;
  numberBirthDate: string;
}

const FILED_UNDER_PERSON: readonly (SharedOptions & {
  name: string;
  form: 'personKey' | 'oldNumber' | 'numberBirth';
})[] = [
  {
    name: 'personKey',
    form: 'personKey',
    hidden: true,
    sensitivity: 'PERSONAL',
    en: 'Key of the number it is filed under',
    zh: '人员键',
  },
  {
    name: 'oldNumber',
    form: 'oldNumber',
    sensitivity: 'INTERNAL',
    en: 'Filed under a 15-digit number',
    zh: '是否15位旧号码',
  },
  {
    name: 'numberBirthDate',
    form: 'numberBirth',
    sensitivity: 'PERSONAL',
    en: 'Birth date inside the identity number',
    zh: '号码中的出生日期',
  },
];

// biome-ignore lint/suspicious/noExplicitAny: a record class is constructed by the loaders, never called with arguments
export type RecordClass<T = any> = new () => T;

const fieldsOf = new Map<unknown, SharedField[]>();
const kindOf = new Map<unknown, RecordKind>();

/** Declares a field of a record; see the head of this file. */
export function Shared(form: Form, options: SharedOptions): PropertyDecorator {
  return (prototype, property) => {
    const name = String(property);
    const fields = fieldsOf.get(prototype.constructor) ?? [];
    fields.push({ ...options, name, column: columnName(name), form });
    fieldsOf.set(prototype.constructor, fields);
  };
}

/** Declares a record class; see the head of this file. */
export function Kind(options: KindOptions): ClassDecorator {
  return (target) => {
    const fields = [...(fieldsOf.get(target) ?? [])];
    if (options.filedUnder) {
      for (const { form, ...rest } of FILED_UNDER_PERSON) {
        fields.push({
          ...rest,
          required: true,
          column: columnName(rest.name),
          form: { form, from: options.filedUnder },
        });
      }
    }
    const [schema, name] = options.table.split('.') as [string, string];
    Entity({ schema, name })(target);
    // A field that only reads its property needs no resolver: graphql-jit then reads it inline, without a call per field and row.
    ObjectType(options.type, { description: `${options.en} · ${options.zh}`, simpleResolvers: true })(target);
    Directive(`@tag(name: "provider/${options.provider}")`)(target);
    if (options.district) tags('districts')(target);
    declareFiled(target, options.kind);
    for (const field of fields) declare(target, options.kind, field);
    kindOf.set(target, { ...options, class: target as unknown as RecordClass, fields });
  };
}

/** The kind a class declares. Throws when the class is none. */
export function recordKind(recordClass: RecordClass): RecordKind {
  const kind = kindOf.get(recordClass);
  if (!kind) throw new Error(`${recordClass.name} is not a record: it has no @Kind`);
  return kind;
}

/** `camelCase` to `snake_case`. */
export function columnName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What must be granted to read a field is written on it in the schema, so that every gateway and router sees the same. */
export function tags(...names: string[]): PropertyDecorator & MethodDecorator & ClassDecorator {
  return (...target: unknown[]) => {
    for (const name of names) (Directive(`@tag(name: "${name}")`) as (...target: unknown[]) => void)(...target);
  };
}

function declare(target: object, kind: string, field: SharedField): void {
  const prototype = (target as { prototype: object }).prototype;
  Column({ name: field.column, nullable: true, ...columnType(field.form) })(prototype, field.name);
  if (field.hidden) return;
  const type = graphqlType(field.form, `${field.en} · ${field.zh}`);
  Field(() => type as never, { nullable: true, description: `${field.en} · ${field.zh}` })(prototype, field.name);
  tags(`kind/${kind}`, `sensitivity/${field.sensitivity}`)(prototype, field.name);
}

function declareFiled(target: object, kind: string): void {
  const prototype = (target as { prototype: object }).prototype;
  const field = (name: string, type: () => unknown, nullable: boolean, description: string) => {
    Field(type as never, { nullable, description })(prototype, name);
    tags(`kind/${kind}`, 'sensitivity/INTERNAL')(prototype, name);
  };
  PrimaryColumn({ name: 'seq', type: 'bigint' })(prototype, 'revision');
  Column({ name: 'source_id', type: 'text' })(prototype, 'sourceId');
  Column({ name: 'updated_at', type: 'timestamptz' })(prototype, 'updatedAt');
  Column({ name: 'recorded_from', type: 'timestamptz' })(prototype, 'recordedAt');
  field('sourceId', () => ID, false, "Key of the record in the bureau's own system · 业务系统主键");
  field('revision', () => ID, false, 'Revision: its place in the change log of this kind · 版本号');
  field('updatedAt', () => DateTimeScalar, true, 'When the source last touched it · 数据更新时间');
  field('recordedAt', () => DateTimeScalar, true, 'Since when the hub has known this revision · 入库时间');
  field(
    'validAsOf',
    () => DateTimeScalar,
    true,
    'Last complete delivery of the bureau: the record stood then · 数据截至时间',
  );
}
