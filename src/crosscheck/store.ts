/**
 * What the matching store keeps of each kind: the fields asked for in its change feed and the columns they become. Nothing that is not
 * named here is asked for, so the cross-check's agreement needs no more than this.
 */
import { columnName } from '../bureaus/record';
import type { FieldName, RecordKindName } from './rule';

/** `day` takes the civil day, in Asia/Shanghai, of an instant; `money` reads an empty amount as 0; `person` is the key of a Person. */
type Form = 'text' | 'date' | 'instant' | 'day' | 'money' | 'boolean' | 'key' | 'keys' | 'person';

export interface StoredField {
  /** In the GraphQL type. */
  field: string;
  column: string;
  form: Form;
}

export interface StoredKind {
  kind: RecordKindName;
  table: string;
  /** The root field of its change feed. */
  feed: string;
  fields: readonly StoredField[];
  /** Filed under an identity number; a claim line is not, and takes the person of its claim. */
  isFiled: boolean;
}

const PERSON: StoredField = { field: 'person', column: 'filed_key', form: 'person' };
const OLD_NUMBER: StoredField = { field: 'oldNumber', column: 'old_number', form: 'boolean' };

export const storedKinds: readonly StoredKind[] = [
  filed('household', 'householdChanges', {
    updatedAt: 'instant',
    previousKeys: 'keys',
    nameKey: 'key',
    birthDate: 'date',
    status: 'text',
    cancelReason: 'text',
    deathDate: 'date',
  }),
  filed('death', 'deathChanges', {
    numberBirthDate: 'date',
    source: 'text',
    nameKey: 'key',
    birthDate: 'date',
    deathDate: 'date',
    datePrecision: 'text',
    registeredAt: { column: 'registered_on', form: 'day' },
    status: 'text',
  }),
  filed('enrollment', 'enrollmentChanges', {
    scheme: 'text',
    poolingDistrict: 'text',
    category: 'text',
    startDate: 'date',
    endDate: 'date',
    status: 'text',
  }),
  filed('retirement', 'retirementChanges', {
    pension: 'text',
    retiredOn: 'date',
    status: 'text',
    stopReason: 'text',
    lastPaidMonth: 'text',
  }),
  filed('contribution', 'contributionChanges', {
    scheme: 'text',
    period: 'text',
    payer: 'text',
    paidAt: { column: 'paid_on', form: 'day' },
    status: 'text',
  }),
  filed('poverty', 'povertyChanges', { identifiedOn: 'date', riskRemovedOn: 'date' }),
  filed('claim', 'claimChanges', {
    numberBirthDate: 'date',
    institutionCode: 'text',
    claimType: 'text',
    serviceDate: 'date',
    admissionDate: 'date',
    dischargeDate: 'date',
    dischargeWay: 'text',
    pooledPaid: 'money',
    seriousIllnessPaid: 'money',
    aidPaid: 'money',
    accountPaid: 'money',
    accountOwner: { column: 'account_owner_filed_key', form: 'person' },
    benefitTier: 'text',
    status: 'text',
  }),
  {
    kind: 'claim_line',
    table: 'matching.claim_line',
    feed: 'claimLineChanges',
    isFiled: false,
    fields: stored({ claimSourceId: 'text', itemGroup: 'text', serviceDate: 'date', amount: 'money' }),
  },
];

type Fields = Readonly<Record<string, Form | { column: string; form: Form }>>;

function filed(kind: RecordKindName, feed: string, fields: Fields): StoredKind {
  return { kind, table: `matching.${kind}`, feed, isFiled: true, fields: [PERSON, OLD_NUMBER, ...stored(fields)] };
}

function stored(fields: Fields): StoredField[] {
  return Object.entries(fields).map(([field, how]) =>
    typeof how === 'string' ? { field, column: columnName(field), form: how } : { field, ...how },
  );
}

/** Every field the cross-check asks for, as agreements name them, besides the key, revision and time that every record has. */
export function fieldsAsked(): FieldName[] {
  return storedKinds.flatMap(({ kind, fields }) => fields.map(({ field }): FieldName => `${kind}.${field}`));
}

/** The operation that reads one page of a kind's feed; variables `after` (null at the beginning) and `first`. */
export function feedQuery({ feed, fields }: StoredKind): string {
  const selection = fields.map(({ field, form }) => (form === 'person' ? `${field} { id }` : field)).join(' ');
  return `query Follow${feed.charAt(0).toUpperCase()}${feed.slice(1)}($after: String, $first: Int) {
  ${feed}(after: $after, first: $first) {
    changes { seq op sourceId recordedAt record { sourceId revision recordedAt ${selection} } }
    endCursor
    hasNextPage
  }
}`;
}

/** A column's type in a page handed over as JSON, and how it becomes the stored value. */
export function inPage({ column, form }: StoredField): { type: string; value: string } {
  switch (form) {
    case 'key':
    case 'person':
      return { type: 'text', value: `decode(p.${column}, 'hex')` };
    case 'keys':
      return {
        type: 'jsonb',
        value: `array(select decode(k, 'hex') from jsonb_array_elements_text(case jsonb_typeof(p.${column}) when 'array' then p.${column} else '[]' end) k)`,
      };
    case 'day':
      return { type: 'timestamptz', value: `(p.${column} at time zone 'Asia/Shanghai')::date` };
    case 'instant':
      return { type: 'timestamptz', value: `p.${column}` };
    case 'money':
      return { type: 'numeric', value: `coalesce(p.${column}, 0)` };
    default:
      return { type: form, value: `p.${column}` };
  }
}
