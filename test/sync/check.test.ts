import { recordKinds } from '../../src/bureaus/bureau';
import { personKey } from '../../src/bureaus/keys';
import type { RecordKind } from '../../src/bureaus/record';
import { type Checked, layoutOf } from '../../src/sync/check';
import { keysUnder } from '../../src/sync/number-keys';

const hubKey = Buffer.alloc(32, 7);
const NUMBER = '340302197410037308';
const OLD_NUMBER = '340302741003730';

const good: Record<string, Record<string, string>> = {
  claim: {
    id_number: NUMBER,
    name: '张伟',
    institution_code: 'H1',
    care_district: '340302',
    pooling_district: '340321',
    claim_type: 'OUTPATIENT',
    service_date: '2025-03-15',
    settled_at: '2025-03-16T08:00:00+08:00',
    total_amount: '10.00',
    pooled_paid: '6.00',
    benefit_tier: 'BASIC',
    status: 'PAID',
  },
  claim_line: {
    source_id: 'JS1-2',
    claim_source_id: 'JS1',
    line_no: '2',
    item_code: 'X',
    item_group: 'DRUG',
    service_date: '2025-03-15',
    quantity: '1',
    unit_price: '2.00',
    amount: '2.00',
  },
  household: {
    id_number: NUMBER,
    name: '张伟',
    sex: '1',
    birth_date: '1974-10-03',
    household_no: '1',
    district_code: '340302',
    status: 'ACTIVE',
  },
  death: {
    source: 'CREMATION',
    id_number: NUMBER,
    name: '张伟',
    death_date: '2025-01-01',
    registered_at: '2025-01-03',
    status: 'VALID',
  },
  contribution: {
    id_number: NUMBER,
    scheme: 'EMPLOYEE',
    period: '2025-03',
    amount: '10',
    payer: 'SELF',
    paid_at: '2025-03-01',
    status: 'PAID',
  },
  retirement: { id_number: NUMBER, name: '张伟', pension: 'EMPLOYEE', retired_on: '2020-01-01', status: 'PAYING' },
};

function kindOf(word: string): RecordKind {
  return recordKinds().find(({ kind }) => kind === word) as RecordKind;
}

function check(word: string, cells: Record<string, string>): Checked {
  const row: Record<string, string> = {
    source_id: 'A1',
    updated_at: '2026-01-01T00:00:00+08:00',
    ...good[word],
    ...cells,
  };
  const layout = layoutOf(kindOf(word), Object.keys(row), keysUnder(hubKey));
  if (typeof layout === 'string') throw new Error(layout);
  return layout.check(Object.values(row));
}

function fieldOf(checked: Checked, word: string, column: string): string | null | undefined {
  if (!checked.ok) throw new Error(checked.reason);
  return checked.row.values[kindOf(word).fields.findIndex((field) => field.column === column)];
}

describe('taken, in one canonical form', () => {
  test.each<[kind: string, column: string, cell: string, value: string | null]>([
    ['claim', 'service_date', '20250315', '2025-03-15'],
    ['claim', 'service_date', ' 2025-03-15\u3000', '2025-03-15'],
    ['claim', 'settled_at', '2025-03-16', '2025-03-16T00:00:00+08:00'],
    ['claim', 'settled_at', '20250316', '2025-03-16T00:00:00+08:00'],
    ['claim', 'settled_at', '2025-03-16T00:00:00Z', '2025-03-16T08:00:00+08:00'],
    ['claim', 'settled_at', '2025-03-15T20:00:00.500-04:00', '2025-03-16T08:00:00.5+08:00'],
    ['claim', 'settled_at', '2025-03-16 08:00+0800', '2025-03-16T08:00:00+08:00'],
    ['claim', 'total_amount', '10', '10.00'],
    ['claim', 'total_amount', '10.5', '10.50'],
    ['claim', 'total_amount', '0010.50', '10.50'],
    ['claim', 'total_amount', '0', '0.00'],
    ['claim', 'aid_paid', '', null],
    ['claim', 'care_district', '340399', '340399'],
    ['claim', 'institution_name', '怀远\n卫生院', '怀远\n卫生院'],
    ['claim', 'account_owner_key', '', null],
    ['claim', 'id_number', OLD_NUMBER, OLD_NUMBER],
    ['claim_line', 'quantity', '0.5', '0.5000'],
    ['contribution', 'period', '2025-12', '2025-12'],
    ['retirement', 'last_paid_month', '2025-12', '2025-12'],
    ['household', 'previous_id_numbers', ` ${OLD_NUMBER} ;;x"y;${OLD_NUMBER}`, `${OLD_NUMBER};x"y`],
    ['household', 'previous_id_numbers', ' ; ', null],
    ['death', 'date_precision', '', 'DAY'],
  ])('%s.%s: %j', (word, column, cell, value) => {
    expect(fieldOf(check(word, { [column]: cell }), word, column)).toBe(value);
  });
});

describe('refused, naming the column', () => {
  test.each<[kind: string, cells: Record<string, string>, reason: string]>([
    ['claim', { source_id: '' }, 'source_id is required'],
    ['claim', { source_id: ' ' }, 'source_id is required'],
    ['claim', { source_id: 'x'.repeat(201) }, 'source_id is longer than 200 characters'],
    ['claim', { source_id: 'a\nb' }, 'source_id holds a control character'],
    ['claim', { op: 'X' }, 'op is none of U, D'],
    ['claim', { op: 'd' }, 'op is none of U, D'],
    ['claim', { updated_at: '' }, 'updated_at is required'],
    ['claim', { updated_at: '2026-01-01T00:00:00' }, 'updated_at is neither a timestamp with offset'],
    ['claim', { updated_at: '2026-02-30T00:00:00Z' }, 'updated_at is neither a timestamp with offset'],
    ['claim', { updated_at: '2026-02-28T24:00:00+08:00' }, 'updated_at is neither a timestamp with offset'],
    ['claim', { service_date: '2025-02-29' }, 'service_date is no day'],
    ['claim', { service_date: '2025/02/28' }, 'service_date is no day'],
    ['claim', { service_date: '' }, 'service_date is required for OUTPATIENT'],
    ['claim', { claim_type: 'INPATIENT' }, 'admission_date is required'],
    ['claim', { claim_type: 'toString' }, 'claim_type is none of'],
    ['claim', { id_number: '340302197410037309' }, 'id_number has a wrong check character'],
    ['claim', { id_number: '34030219691016179x' }, 'id_number has a character that is not a digit'],
    ['claim', { id_number: '３40302197410037308' }, 'id_number has a character that is not a digit'],
    ['claim', { name: '\u3000' }, 'name is required'],
    ['claim', { name: '张'.repeat(501) }, 'name is longer than 500 characters'],
    ['claim', { total_amount: '-1' }, 'total_amount is no amount'],
    ['claim', { total_amount: '1.005' }, 'total_amount is no amount'],
    ['claim', { total_amount: '1,000' }, 'total_amount is no amount'],
    ['claim', { total_amount: '1e3' }, 'total_amount is no amount'],
    ['claim', { total_amount: '1234567890123' }, 'total_amount is no amount'],
    ['claim', { care_district: '990101' }, 'care_district is no six-digit code'],
    ['claim', { care_district: '34030' }, 'care_district is no six-digit code'],
    ['claim_line', { line_no: '3' }, 'source_id must be'],
    ['claim_line', { quantity: '-1' }, 'quantity is no number'],
    ['contribution', { period: '2025-13' }, 'period is neither'],
    ['contribution', { period: '2025' }, 'period of an EMPLOYEE'],
    ['contribution', { scheme: 'RESIDENT' }, 'period of a RESIDENT'],
    ['retirement', { last_paid_month: '2025/03' }, 'last_paid_month is no month'],
    ['household', { ethnicity: '1' }, 'ethnicity is not a two-digit code'],
    ['household', { death_date: '2025-01-01' }, 'death_date is only allowed'],
    ['household', { previous_id_numbers: 'x'.repeat(41) }, 'previous_id_numbers lists a number of more than'],
    [
      'household',
      { previous_id_numbers: Array.from({ length: 51 }, (_, i) => i).join(';') },
      'previous_id_numbers lists more than 50',
    ],
  ])('%s %j', (word, cells, reason) => {
    const checked = check(word, cells);
    expect(checked).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
    const delivered = Object.values(cells).find((cell) => cell.trim().length > 12);
    if (delivered) expect(JSON.stringify({ ...checked, sourceId: '' })).not.toContain(delivered);
  });
});

describe('a deletion', () => {
  test('needs nothing but source_id, op and updated_at, whatever else is there', () => {
    const cells = Object.fromEntries(Object.keys(good.claim as object).map((column) => [column, 'nonsense']));
    const checked = check('claim', { ...cells, op: 'D' });
    expect(checked).toMatchObject({ ok: true, row: { sourceId: 'A1', op: 'D' } });
    expect(checked.ok && checked.row.values.every((value) => value === null)).toBe(true);
  });
  test.each<Record<string, string>>([{ source_id: '' }, { updated_at: '' }])('needs %j', (cells) => {
    expect(check('claim', { ...cells, op: 'D' })).toMatchObject({ ok: false });
  });
});

describe('derived fields', () => {
  test('come from the number as filed', () => {
    const checked = check('claim', { account_owner_id_number: OLD_NUMBER });
    expect(fieldOf(checked, 'claim', 'person_key')).toBe(personKey(hubKey, NUMBER).toString('hex'));
    expect(fieldOf(checked, 'claim', 'account_owner_key')).toBe(personKey(hubKey, OLD_NUMBER).toString('hex'));
    expect(fieldOf(checked, 'claim', 'old_number')).toBe('f');
    expect(fieldOf(checked, 'claim', 'number_birth_date')).toBe('1974-10-03');
  });
  test('of a 15-digit number', () => {
    const checked = check('claim', { id_number: OLD_NUMBER });
    expect(fieldOf(checked, 'claim', 'old_number')).toBe('t');
    expect(fieldOf(checked, 'claim', 'number_birth_date')).toBe('1974-10-03');
  });
  test('of a name are the same for the same comparable name', () => {
    const keys = ['买买提·艾力', '买买提•艾力', ' 买买提 · 艾力'].map((name) =>
      fieldOf(check('death', { name }), 'death', 'name_key'),
    );
    expect(new Set(keys).size).toBe(1);
  });
});

describe('the content hash', () => {
  const hashOf = (cells: Record<string, string>): string => {
    const checked = check('claim', cells);
    if (!checked.ok) throw new Error(checked.reason);
    return checked.row.contentHash;
  };
  test('is the same for the same content in another form', () => {
    const same: Record<string, string>[] = [
      { service_date: '20250315' },
      { total_amount: '10' },
      { updated_at: '2025-12-31T16:00:00Z' },
      { op: 'U' },
      { settled_at: '2025-03-16T00:00:00Z' },
      { discharge_way: ' ' },
    ];
    expect(new Set(same.map(hashOf))).toEqual(new Set([hashOf({})]));
  });
  test('differs with every field, updated_at and op', () => {
    const other: Record<string, string>[] = [
      {},
      { updated_at: '2026-01-01T00:00:01+08:00' },
      { op: 'D' },
      { total_amount: '10.01' },
      { institution_name: 'a', doctor_code: 'b' },
      { institution_name: 'b', doctor_code: 'a' },
      { institution_name: 'ab' },
    ];
    expect(new Set(other.map(hashOf)).size).toBe(other.length);
  });
});

describe('a header', () => {
  const columns = ['source_id', 'updated_at', ...Object.keys(good.claim as object)];
  const lay = (header: string[]) => layoutOf(kindOf('claim'), header, keysUnder(hubKey));
  test.each<[string, string[], string]>([
    ['without a required column', columns.filter((column) => column !== 'name'), 'lacks the required column name'],
    ['without two', columns.slice(2), 'lacks the required columns source_id, updated_at'],
    ['with a column twice', [...columns, 'op', 'op'], 'names the column op twice'],
  ])('%s fails the file', (_, header, reason) => {
    expect(lay(header)).toBe(reason);
  });
  test('may leave out optional columns and hold unknown ones, with a warning', () => {
    expect(lay([...columns, '备注', ''])).toMatchObject({
      warnings: [
        'the column 备注 is unknown and was ignored',
        'the column (without a name) is unknown and was ignored',
      ],
    });
  });
});
