/**
 * One call of the hub to a bureau, and its answer, as they travel: a GraphQL request (GraphQL over HTTP) whose `extensions.passage` says what was
 * decided on, and a GraphQL answer whose `extensions` say which call it answers and whom it reached, so that the hub's record of the
 * operation is the same as if the bureau stood in its own process.
 */
import { z } from 'zod';
import { MASKS, VERBS } from '../sharing/agreement';
import type { Footprint, Use } from '../sharing/footprint';
import type { Granted, Passage } from '../sharing/passage';
import { isLimited, type Scope } from '../sharing/scope';

/** What travels with an operation. */
export interface Asked extends Granted {
  query: string;
  variables: Record<string, unknown>;
  operationName: string | null;
  footprint: Footprint;
}

/** What a bureau tells besides data: what of `Passage.reached` it noted. */
export interface Reached {
  persons: readonly string[];
  feeds: readonly { kind: string; from: string; to: string }[];
  freshness: Readonly<Record<string, string | null>>;
  late: Readonly<Record<string, string>>;
  agreements: readonly string[];
  documents: readonly string[];
}

const USES_MAX = 10_000;
const PERSONS_MAX = 1_000_000;
const word = z.string().regex(/^\w{1,100}$/);
const text = z.string().max(1_000);
const time = z
  .string()
  .max(40)
  .regex(/^\d{4}-\d{2}-\d{2}[\d\-T:.Z+ ]*$/);

const USE = new RegExp(`^(\\w{1,100})\\.(\\w{1,100}|\\*):(${VERBS.join('|')})(=?)$`);

/** The scopes that show less than everything, by kind. */
const ScopesForm = z.record(
  word,
  z.strictObject({
    districts: z
      .array(z.string().regex(/^\d{1,12}$/))
      .max(USES_MAX)
      .nullable(),
    masks: z.record(word, z.enum([...MASKS, 'NOTHING'])),
  }),
);

const AskedForm = z.strictObject({
  query: z.string().min(1),
  variables: z.record(z.string(), z.unknown()),
  operationName: z.string().max(1_000).nullable(),
  extensions: z.strictObject({
    passage: z.strictObject({
      uses: z.array(z.string().regex(USE)).max(USES_MAX),
      own: z.boolean(),
      agreements: z.array(text).max(USES_MAX),
      scopes: ScopesForm,
      countsPersons: z.boolean(),
    }),
  }),
});

/** What a bureau says its records are as fresh as, by kind. */
export const FreshnessForm = z.record(word, z.strictObject({ at: time.nullable(), lateSince: time.nullable() }));

const ReachedForm = z.strictObject({
  persons: z.array(z.string().regex(/^[0-9a-f]{32}$/)).max(PERSONS_MAX),
  feeds: z
    .array(z.strictObject({ kind: word, from: z.string().regex(/^\d{1,19}$/), to: z.string().regex(/^\d{1,19}$/) }))
    .max(1_000),
  freshness: z.record(word, time.nullable()),
  late: z.record(word, time),
  agreements: z.array(text).max(1_000),
  documents: z.array(z.string().regex(/^[\w:+/=-]{1,200}$/)).max(1_000),
});

const AnswerForm = z.looseObject({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.looseObject({
        message: text,
        path: z
          .array(z.union([text, z.int()]))
          .max(100)
          .optional(),
        extensions: z.looseObject({}).optional(),
      }),
    )
    .max(100_000)
    .optional(),
  extensions: z.looseObject({
    call: text,
    reached: ReachedForm.optional(),
    freshness: FreshnessForm.optional(),
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    /** The instant before which it says how fresh it was. */
    before: text.optional(),
  }),
});
export type Answer = z.infer<typeof AnswerForm>;

/** The body of a call. */
export function writeCall({ query, variables, operationName, footprint, ...granted }: Asked): string {
  const { uses, own } = footprint;
  const { agreements, countsPersons } = granted;
  const scopes = Object.fromEntries([...granted.scopes].filter(([, scope]) => isLimited(scope)));
  const passage = { uses: uses.map(textOf), own, agreements, scopes, countsPersons };
  return JSON.stringify({ query, variables, operationName, extensions: { passage } });
}

/** The instant before which a hub asks how fresh a bureau was; undefined when it asks for now. */
export function readBefore({ before }: Asked['variables']): string | undefined {
  return z.iso.datetime().safeParse(before).data;
}

/** Reads the body of a call, or undefined when it is none. `footprints` makes the footprint of its text. */
export function readCall(
  body: Buffer,
  footprints: (uses: readonly string[], own: boolean) => Footprint,
): Asked | undefined {
  const read = AskedForm.safeParse(parsed(body));
  if (!read.success) return undefined;
  const { query, variables, operationName, extensions } = read.data;
  const { uses, own, agreements, countsPersons } = extensions.passage;
  const scopes = new Map<string, Scope>(Object.entries(extensions.passage.scopes));
  return { query, variables, operationName, footprint: footprints(uses, own), agreements, scopes, countsPersons };
}

/** Footprints remembered by their text: decisions are remembered by footprint, and the same operations come again and again. */
export function rememberFootprints(max = 1_000): (uses: readonly string[], own: boolean) => Footprint {
  const known = new Map<string, Footprint>();
  return (uses, own) => {
    const name = `${own} ${uses.join(' ')}`;
    const footprint = known.get(name) ?? { uses: uses.map(useOf), untagged: [], own, introspection: false };
    if (known.size >= max) known.clear();
    known.set(name, footprint);
    return footprint;
  };
}

/** What a bureau noted, as it travels. */
export function writeReached({ reached }: Passage): Reached {
  return {
    persons: [...reached.persons],
    feeds: reached.feeds,
    freshness: Object.fromEntries(reached.freshness),
    late: Object.fromEntries(reached.late),
    agreements: [...reached.agreements],
    documents: [...reached.documents],
  };
}

/** Notes for the record what a bureau says it reached. */
export function noteReached(told: Reached, { reached }: Passage): void {
  for (const person of told.persons) reached.persons.add(person);
  reached.feeds.push(...told.feeds);
  for (const [kind, at] of Object.entries(told.freshness)) reached.freshness.set(kind, at);
  for (const [kind, since] of Object.entries(told.late)) reached.late.set(kind, since);
  for (const id of told.agreements) reached.agreements.add(id);
  for (const hash of told.documents) reached.documents.add(hash);
}

/** Reads an answer; undefined when it is none. */
export function readAnswer(body: Buffer): Answer | undefined {
  return AnswerForm.safeParse(parsed(body)).data;
}

/** What is no JSON, or no UTF-8, is undefined: a wrong byte must not become another character of a name. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function textOf({ kind, field, verb, exact }: Use): string {
  return `${kind}.${field}:${verb}${exact ? '=' : ''}`;
}

function useOf(text: string): Use {
  const [, kind, field, verb, exact] = USE.exec(text) as unknown as [string, string, string, Use['verb'], string];
  return { kind, field, verb, ...(exact && { exact: true as const }) };
}
