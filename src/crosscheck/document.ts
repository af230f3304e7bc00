/**
 * A finding as a document that can be attached to a referral: what was found and decided, by which rule and law, on which records, and for each
 * field that the rule reads the audit records under which the cross-check read it. It is blind: under person keys, without a name or number, and
 * without the reasons of decisions, which are a reviewer's own words. The same finding gives the same bytes.
 */
import { holds, type Place, type Reading, readingsOf } from '../audit/readings';
import type { Database } from '../db/database';
import type { Evidence, Finding } from './finding';
import { type FindingEvent, historyOf } from './history';
import { ruleOf } from './rulebook';

/** Its parts; each is hashed by itself, see `audit/document.ts`. */
export interface FindingDocument {
  /** What was found, where it stands, and what was decided. */
  finding: Omit<Finding, 'evidence' | 'decision'> & {
    parameters: Evidence['parameters'];
    window: Evidence['window'];
    decision: { outcome: string; bureau: string | null; agency: string; decidedAt: string } | null;
  };
  /** The rule in its present words, of the version that found it or a later one. */
  rule: { code: string; version: number; title: Words; basis: readonly Words[] };
  /** Every change, the oldest first. */
  history: Omit<FindingEvent, 'findingId' | 'officer' | 'reason'>[];
  /** The records it rests on. */
  records: Evidence['records'];
  /** Every field that the rule reads, by name. */
  fields: FieldRead[];
  /** Who read them. */
  reader: Reader;
}

interface Words {
  en: string;
  zh: string;
}

export interface Reader {
  agency: string;
  purpose: string;
}

/** Under what one field was read. */
export interface FieldRead {
  /** `kind.field` */
  field: string;
  /** The agreement in force when the rule ran; null when the run was not told. */
  agreement: string | null;
  /** Where no record of its kind was used: up to which place in the kind's change log the run knew that there was none; `0` is an empty log. */
  upTo: string | null;
  /** Receipts of the audit records, in the order of the log. */
  readings: string[];
  /** What of it no audit record tells of; null when all is told. */
  missing: string | null;
}

/** Changes of one finding that a document holds. */
const HISTORY_MAX = 1_000;
const NO_RECORDS = '0';

/**
 * The document of a finding.
 * @param reader as whom the cross-check follows the feeds
 * @throws when its history or the audit records do not fit into one document
 */
export async function documentOf(
  { pool }: Pick<Database, 'pool'>,
  finding: Finding,
  reader: Reader,
): Promise<FindingDocument> {
  const { evidence, decision, ...rest } = finding;
  const { code, version, title, basis, reads } = ruleOf(finding.rule);
  const history = (await historyOf({ pool }, [finding.id], { first: HISTORY_MAX + 1 })).get(finding.id) ?? [];
  if (history.length > HISTORY_MAX)
    throw new Error(`The finding has more than ${HISTORY_MAX} changes: they do not fit into one document`);
  const named = Object.keys(evidence.agreements);
  // Another version of the rule may read other fields than the one that found it.
  const fields = [...new Set([...named, ...(version === evidence.version ? reads : [])])].sort();
  const known = await placesKnown({ pool }, history);
  const asked = fields.map((field) => ({ field, ...placesOf(field, evidence, known) }));
  const readings = await readingsOf(pool, { ...reader, places: distinct(asked.flatMap(({ places }) => places)) });
  return {
    finding: {
      ...rest,
      parameters: evidence.parameters,
      window: evidence.window,
      decision: decision && {
        outcome: decision.outcome,
        bureau: decision.bureau,
        agency: decision.agency,
        decidedAt: decision.decidedAt,
      },
    },
    rule: { code, version, title, basis },
    history: history.map(({ findingId: _id, officer: _officer, reason: _reason, ...event }) => event),
    records: evidence.records,
    fields: asked.map((one) => readingOf(one, evidence.agreements[one.field] ?? null, readings)),
    reader,
  };
}

/** How far each kind was known to the run whose evidence stands, by kind; nothing of runs that did not remember it. */
async function placesKnown(
  { pool }: Pick<Database, 'pool'>,
  history: readonly FindingEvent[],
): Promise<Record<string, string>> {
  const found = history.findLast(({ act }) => act === 'FOUND' || act === 'CHANGED' || act === 'SUPPORTED');
  const { rows } = await pool.query<{ seen: Record<string, string> }>('select seen from crosscheck.run where id = $1', [
    found?.run ?? null,
  ]);
  return rows[0]?.seen ?? {};
}

/** A field, and the places in its kind's change log that must have been read. */
interface Asked {
  field: string;
  upTo: string | null;
  places: Place[];
}

function placesOf(field: string, { records }: Evidence, known: Record<string, string>): Omit<Asked, 'field'> {
  const kind = field.slice(0, field.indexOf('.'));
  const used = records.filter((record) => record.kind === kind);
  if (used.length > 0) return { upTo: null, places: used.map(({ revision }) => ({ kind, place: revision })) };
  const upTo = known[kind] ?? null;
  return { upTo, places: upTo === null || upTo === NO_RECORDS ? [] : [{ kind, place: upTo }] };
}

function readingOf({ field, upTo, places }: Asked, agreement: string | null, all: readonly Reading[]): FieldRead {
  const able = all.filter(({ record }) => record.footprint.includes(`${field}:FEED`));
  // A page may have been read twice: the first time, and better under the agreement that the run names.
  const preferred = [...able].sort((a, b) => Number(isUnder(b, agreement)) - Number(isUnder(a, agreement)));
  const found = places.map((place) => preferred.find((reading) => holds(reading, place)));
  const lost = found.filter((reading) => reading === undefined).length;
  const receipts = new Set(found.flatMap((reading) => reading?.receipt ?? []));
  return {
    field,
    agreement,
    upTo,
    readings: able.map(({ receipt }) => receipt).filter((receipt) => receipts.has(receipt)),
    missing: missingOf(upTo, places.length, lost),
  };
}

function isUnder({ record }: Reading, agreement: string | null): boolean {
  return agreement !== null && record.agreements.includes(agreement);
}

function missingOf(upTo: string | null, places: number, lost: number): string | null {
  if (lost > 0) return `The audit log does not tell under which operation ${lost} of ${places} records were read`;
  if (places === 0 && upTo === null) return 'The run did not remember how far it knew the change log';
  return null;
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${place.kind}:${place.place}`, place])).values()];
}
