/**
 * The catalogue of what bureaus can share: of each kind, the fields an agreement may name, and how each may be masked (政务数据共享条例,
 * articles 9 to 12: what is shared stands in a catalogue). It is read from the record classes, so it cannot lag behind them.
 */
import type { Mask } from '../sharing/agreement';
import { recordKinds } from './bureau';
import { masksOf } from './mask';
import type { RecordKind } from './record';

/** One field that an agreement may name. */
export interface CatalogueField {
  name: string;
  masks: readonly Mask[];
  /** It is an answer of yes, no or unknown: used by VERIFY and by nothing else. */
  isAnswer: boolean;
}

export interface CatalogueEntry {
  kind: string;
  provider: string;
  /** Whether records belong to districts, so that a clause may name some. */
  hasDistricts: boolean;
  fields: readonly CatalogueField[];
}

/** What every record has beside its own fields; see `Filed`. */
const FILED = ['sourceId', 'revision', 'updatedAt', 'recordedAt', 'validAsOf'] as const;

/** Every kind of every bureau here. */
export function catalogue(): readonly CatalogueEntry[] {
  return recordKinds().map(entryOf);
}

export function entryOf(kind: RecordKind): CatalogueEntry {
  const plain = (name: string): CatalogueField => ({ name, masks: ['PLAIN'], isAnswer: false });
  return {
    kind: kind.kind,
    provider: kind.provider,
    hasDistricts: kind.district !== undefined,
    fields: [
      ...FILED.map(plain),
      ...(kind.filedUnder ? [plain('person')] : []),
      ...(kind.fields.some(({ name }) => name === 'accountOwnerKey') ? [plain('accountOwner')] : []),
      ...kind.fields
        .filter(({ hidden }) => !hidden)
        .map(({ name, form }) => ({ name, masks: masksOf(form), isAnswer: false })),
      ...(kind.answers ?? []).map((name) => ({ ...plain(name), isAnswer: true })),
    ],
  };
}
