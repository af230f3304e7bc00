/**
 * Agreements as a file: one, or a list under `agreements`. What is wrong is told by file and line, everything at once.
 *
 *     id: civil-affairs/social-security/pensions-2026
 *     provider: civil-affairs
 *     agency: social-security
 *     purposes: [PENSION_REVIEW]
 *     validFrom: 2026-07-01
 *     validTo: 2027-06-30
 *     clauses:
 *       - recordKind: death
 *         fields: [deathDate, status]
 *         verbs: [LOOKUP]
 */
import { readFileSync } from 'node:fs';
import { Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { type Catalogue, type Mistake, mistakesOf, type Terms } from '../sharing/terms';

/** Every value is text as it was written: a district 3403 is no number, and a day no instant. */
const word = z.string('write one word');
const words = z.array(word, 'write a list: [one, another]').default([]);
const days = z.string().regex(/^\d{1,6}$/, 'write a number of days');

const Clause = z.strictObject(
  {
    recordKind: word,
    fields: words,
    verbs: words,
    masks: z.record(z.string(), word, 'write field: MASK').default({}),
    districts: words,
  },
  'write recordKind, fields and verbs',
);

const Written = z.strictObject({
  id: word,
  provider: word,
  agency: word,
  purposes: words,
  caseRequired: z.enum(['true', 'false'], 'write true or false').default('false'),
  covertDays: z.record(z.string(), days, 'write PURPOSE: days').default({}),
  validFrom: word,
  validTo: word,
  personsPerDay: z
    .string()
    .regex(/^\d{1,9}$/, 'write a whole number, or leave it out for no limit')
    .optional(),
  clauses: z.array(Clause, 'write a list of clauses').default([]),
});

/** Terms of one agreement, and where in the file its parts stand. */
export interface WrittenTerms {
  terms: Terms;
  /** `file:line` of a part, by its path. */
  at(path: readonly (string | number)[]): string;
}

/** A file that cannot be imported; the message has a line `file:line: what` for each mistake. */
export class WrongFile extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** Reads a file of agreements. @throws `WrongFile` */
export function readAgreements(file: string): WrittenTerms[] {
  const lines = new LineCounter();
  const document = parseDocument(textOf(file), { lineCounter: lines, schema: 'failsafe', uniqueKeys: true });
  const lineAt = (offset: number | undefined) => `${file}:${offset === undefined ? 1 : lines.linePos(offset).line}`;
  if (document.errors.length > 0)
    throw new WrongFile(document.errors.map(({ pos, message }) => `${lineAt(pos[0])}: ${message.split('\n')[0]}`));
  const content: unknown = document.toJS();
  const many = isMap(document.contents) && document.has('agreements');
  const items: unknown[] = many ? asList((content as { agreements: unknown }).agreements) : [content];
  if (items.length === 0 || !isMap(document.contents))
    throw new WrongFile([`${lineAt(undefined)}: the file holds no agreement: write id, provider, agency and so on`]);
  const wrong: string[] = [];
  const read = items.flatMap((item, place): WrittenTerms[] => {
    const base = many ? ['agreements', place] : [];
    const at = (path: readonly PropertyKey[]) => lineAt(offsetOf(document, [...base, ...path]));
    const checked = Written.safeParse(item);
    if (!checked.success) {
      wrong.push(...checked.error.issues.flatMap((issue) => told(issue, at)));
      return [];
    }
    return [{ terms: termsOf(checked.data), at }];
  });
  if (wrong.length > 0) throw new WrongFile(wrong);
  return read;
}

/**
 * Checks what was read; `others` are mistakes already found in each. Nothing is written before all of a file can be.
 * @throws `WrongFile` with every mistake of every agreement
 */
export function checkAgreements(
  written: readonly WrittenTerms[],
  catalogue: Catalogue,
  others: readonly (readonly Mistake[])[] = [],
): void {
  const wrong = written.flatMap(({ terms, at }, place) =>
    [...(others[place] ?? []), ...mistakesOf(terms, catalogue)].map((mistake) => toldMistake(mistake, at)),
  );
  const ids = written.map(({ terms }) => terms.id);
  const twice = written.filter(({ terms }, place) => ids.indexOf(terms.id) < place);
  const all = [...wrong, ...twice.map(({ terms, at }) => `${at(['id'])}: id ${terms.id} stands there twice`)];
  if (all.length > 0) throw new WrongFile(all);
}

/** One mistake with its place in the file. */
export function toldMistake({ path, message }: Mistake, at: WrittenTerms['at']): string {
  return `${at(path)}: ${message}`;
}

/** The terms as a file that can be imported. */
export function writeAgreement({ covertDays, personsPerDay, ...terms }: Terms): string {
  const { id, provider, agency, purposes, caseRequired, validFrom, validTo, clauses } = terms;
  const content = {
    id, provider, agency, purposes, caseRequired,
    ...(Object.keys(covertDays).length > 0 && { covertDays }),
    validFrom, validTo,
    ...(personsPerDay !== null && { personsPerDay }),
    clauses: clauses.map(({ recordKind, fields, verbs, masks, districts }) => ({
      recordKind, fields, verbs, ...(masks && { masks }), ...(districts && { districts }),
    })),
  }; // biome-ignore format: in the order of the file
  const document = new Document(content);
  visit(document, {
    Seq(_key, list) {
      list.flow = list.items.every(isScalar);
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
}

function termsOf({ caseRequired, covertDays, personsPerDay, clauses, ...rest }: z.infer<typeof Written>): Terms {
  return {
    ...rest,
    caseRequired: caseRequired === 'true',
    covertDays: Object.fromEntries(Object.entries(covertDays).map(([purpose, text]) => [purpose, Number(text)])),
    personsPerDay: personsPerDay === undefined ? null : Number(personsPerDay),
    // Verbs and masks that are none are among the mistakes that are told of the terms.
    clauses: clauses as Terms['clauses'],
  };
}

function told(issue: z.core.$ZodIssue, at: (path: readonly PropertyKey[]) => string): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${at([...issue.path, key])}: ${key}: an agreement has nothing of that name`);
  const name = issue.path.map((part) => (typeof part === 'number' ? part + 1 : String(part))).join(' ') || 'agreement';
  const missing = issue.code === 'invalid_type' && issue.input === undefined && issue.message === 'write one word';
  return [`${at(issue.path)}: ${name}: ${missing ? 'it is missing' : issue.message}`];
}

/** Where a part begins; of one that is not there, where the part around it does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true) as Node | undefined;
    const last = path[length - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(last)) : undefined;
    const node = (pair?.key ?? (isSeq(parent) ? parent.items[Number(last)] : undefined)) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new WrongFile([`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}
