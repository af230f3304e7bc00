import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDay, readInstant } from '../../src/bureaus/calendar';
import { Claim } from '../../src/bureaus/claim/claim';
import { ClaimLine } from '../../src/bureaus/claim/claim-line';
import { Contribution } from '../../src/bureaus/contribution/contribution';
import { Death } from '../../src/bureaus/death/death';
import { Enrollment } from '../../src/bureaus/enrollment/enrollment';
import { Household } from '../../src/bureaus/household/household';
import { checkIdNumber } from '../../src/bureaus/id-number';
import { PovertyMonitoring } from '../../src/bureaus/poverty/poverty';
import { type RecordClass, recordKind } from '../../src/bureaus/record';
import { Retirement } from '../../src/bureaus/retirement/retirement';
import { type DemoCity, writeDemoCity } from '../../src/demo/city';
import { type CsvRow, type DeliveryRows, expectedFindings, readDelivery } from './oracle';

const AS_OF = '2026-06-30';
const RECORDS: readonly RecordClass[] = [
  Household,
  Death,
  Enrollment,
  Retirement,
  Contribution,
  PovertyMonitoring,
  Claim,
  ClaimLine,
];
const KINDS = RECORDS.map(recordKind);

const home = mkdtempSync(path.join(tmpdir(), 'heyan-demo-'));
const directory = (name: string) => path.join(home, name);
let city: DemoCity;
let rows: DeliveryRows;

beforeAll(async () => {
  city = await writeDemoCity({ persons: 5000, seed: 1, out: directory('city'), asOf: AS_OF });
  rows = readDelivery(directory('city'));
}, 60_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

function hashOf(name: string): string {
  const hash = createHash('sha256');
  for (const { kind } of KINDS) hash.update(readFileSync(path.join(directory(name), `${kind}.csv`)));
  return hash.digest('hex');
}

function all(kind: string): CsvRow[] {
  return rows[kind] as CsvRow[];
}

const asLines = (findings: readonly { rule: string; subject: string }[]) =>
  findings.map(({ rule, subject }) => `${rule} ${subject}`).sort();

describe('the same arguments', () => {
  const write = (name: string, seed: number, asOf = AS_OF) =>
    writeDemoCity({ persons: 600, seed, out: directory(name), asOf });

  it('give the same bytes and the same findings', async () => {
    expect(await write('one', 7)).toEqual(await write('same', 7));
    expect(hashOf('one')).toBe(hashOf('same'));
  });

  it('give another city with another seed or another day', async () => {
    await write('one', 7);
    await write('seed', 8);
    await write('day', 7, '2026-07-01');
    expect(new Set([hashOf('one'), hashOf('seed'), hashOf('day')]).size).toBe(3);
  });

  it.each([
    [{ persons: 0 }, /persons must be a whole number from 1 to/],
    [{ persons: 1.5 }, /persons must be a whole number/],
    [{ seed: 0.5 }, /seed must be a whole number/],
    [{ asOf: '2026-02-30' }, /asOf must be a day as YYYY-MM-DD/],
    [{ claimsPerPerson: -1 }, /claimsPerPerson must be from 0 to 1000/],
  ])('are refused when out of range: %j', async (wrong, message) => {
    await expect(writeDemoCity({ out: directory('wrong'), asOf: AS_OF, ...wrong })).rejects.toThrow(message);
  });
});

describe('planted findings', () => {
  it('are all that the rules find, and nothing else is found', () => {
    expect(expectedFindings(rows, AS_OF)).toEqual(asLines(city.planted));
  });

  it.each([
    [1, 700, '2026-06-30', 1],
    [2, 2500, '2026-02-28', undefined],
    [3, 800, '2024-02-29', 12],
    [4, 400, '2027-01-01', 5],
    [5, 4, '2026-12-31', undefined],
  ])(
    'with seed %i, %i persons, as of %s and %s claims a person too',
    async (seed, persons, asOf, claimsPerPerson) => {
      const other = await writeDemoCity({ persons, seed, asOf, out: directory('other'), claimsPerPerson });
      const found = expectedFindings(readDelivery(directory('other')), asOf);
      expect(found).toEqual(asLines(other.planted));
      expect(found.length).toBeGreaterThan(0);
    },
    60_000,
  );

  it('are of all six rules', () => {
    expect([...new Set(city.planted.map(({ rule }) => rule))].sort()).toEqual(['D1', 'D3', 'D8', 'E0', 'P1', 'T1']);
    expect(city.planted.length).toBeGreaterThanOrEqual(36);
  });

  it('come with traps for each rule, none of which is a finding', () => {
    const planted = new Set(asLines(city.planted));
    expect([...new Set(city.traps.map(({ rule }) => rule))].sort()).toEqual(['D1', 'D3', 'D8', 'E0', 'P1', 'T1']);
    expect(asLines(city.traps).filter((trap) => planted.has(trap))).toEqual([]);
    expect(city.traps.length).toBeGreaterThanOrEqual(30);
  });

  it('and traps name records that exist', () => {
    const subjects = new Set([...all('claim'), ...all('enrollment')].map((row) => row.source_id));
    expect([...city.planted, ...city.traps].filter(({ subject }) => !subjects.has(subject))).toEqual([]);
  });
});

describe('the examples', () => {
  it('are a person with records of all seven kinds and a proven claim after death', () => {
    const household = all('household').find((row) => row.id_number === city.examplePerson) as CsvRow;
    const numbers = [household.id_number, ...(household.previous_id_numbers as string).split(';')];
    const of = (kind: string) => all(kind).filter((row) => numbers.includes(row.id_number));
    for (const { kind } of KINDS.slice(0, 7)) expect([kind, of(kind).length]).not.toEqual([kind, 0]);
    const claims = of('claim').map((row) => row.source_id as string);
    expect(city.planted.filter(({ rule, subject }) => rule === 'D1' && claims.includes(subject))).toHaveLength(2);
  });

  it('are an institution with claims of several dead persons', () => {
    const doubtful = new Set(city.planted.filter(({ rule }) => rule === 'D1').map(({ subject }) => subject));
    const claims = all('claim').filter((row) => row.institution_code === city.exampleInstitution);
    expect(
      new Set(claims.filter((row) => doubtful.has(row.source_id as string)).map((row) => row.id_number)).size,
    ).toBeGreaterThanOrEqual(3);
    expect(claims.length).toBeGreaterThan(30);
  });
});

describe('the files', () => {
  it('have as many rows as was said', () => {
    expect(Object.fromEntries(KINDS.map(({ kind }) => [`${kind}.csv`, all(kind).length]))).toEqual(city.files);
    expect(all('household').length).toBeGreaterThan(4900);
  });

  it.each(KINDS.map((kind) => [kind.kind, kind] as const))(
    '%s: every row is well formed by the fields of its record',
    (_, kind) => {
      const wrong: string[] = [];
      for (const row of all(kind.kind)) {
        for (const field of kind.fields) {
          if ('from' in field.form) continue;
          const value = row[field.column];
          const reason =
            value === undefined
              ? 'missing column'
              : value === ''
                ? field.required && 'empty'
                : isWrong(field.form, value) && `not a ${field.form.form}`;
          if (reason) wrong.push(`${row.source_id} ${field.column}: ${reason}`);
        }
        const camel = Object.fromEntries(kind.fields.map(({ name, column }) => [name, row[column] || null]));
        const impossible = kind.check?.({ ...camel, sourceId: row.source_id as string });
        if (impossible || readInstant(row.updated_at as string) === undefined)
          wrong.push(`${row.source_id}: ${impossible}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(KINDS.map(({ kind }) => kind))('%s: source keys are unique and nothing is later than the day', (kind) => {
    expect(new Set(all(kind).map((row) => row.source_id)).size).toBe(all(kind).length);
    const late = all(kind).filter((row) =>
      Object.entries(row).some(([column, value]) => /_at$/.test(column) && value.slice(0, 10) > AS_OF),
    );
    expect(late).toEqual([]);
  });

  it('give a number to one person only, but for the shared ones', () => {
    const holders = new Map<string, number>();
    for (const row of all('household'))
      holders.set(row.id_number as string, (holders.get(row.id_number as string) ?? 0) + 1);
    const shared = city.traps.filter(({ why }) => why.startsWith('one number')).length;
    expect([...holders.values()].filter((count) => count > 1)).toHaveLength(shared);
    const earlier = all('household').flatMap((row) =>
      row.previous_id_numbers ? row.previous_id_numbers.split(';') : [],
    );
    expect(earlier.length).toBeGreaterThan(50);
    expect(earlier.filter((number) => !checkIdNumber(number).ok || holders.has(number))).toEqual([]);
    expect(earlier.some((number) => number.length === 15)).toBe(true);
  });

  it('have lines that belong to a claim and add up to its total', () => {
    const totals = new Map(all('claim').map((row) => [row.source_id, row.total_amount]));
    const sums = new Map<string, number>();
    const product = (line: CsvRow) => Math.round(Number(line.quantity) * Number(line.unit_price) * 100);
    expect(all('claim_line').filter((line) => product(line) !== Math.round(Number(line.amount) * 100))).toEqual([]);
    for (const line of all('claim_line')) {
      const claim = line.claim_source_id as string;
      expect(Math.round(Number(line.quantity) * Number(line.unit_price) * 100)).toBe(
        Math.round(Number(line.amount) * 100),
      );
      sums.set(claim, (sums.get(claim) ?? 0) + Math.round(Number(line.amount) * 100));
    }
    expect([...sums].filter(([claim, sum]) => sum !== Math.round(Number(totals.get(claim)) * 100))).toEqual([]);
  });

  it('have claims whose payments add up to the total', () => {
    const parts = ['pooled_paid', 'serious_illness_paid', 'aid_paid', 'account_paid', 'self_paid'];
    const fen = (row: CsvRow, column: string) => Math.round(Number(row[column]) * 100);
    expect(
      all('claim').filter((row) => parts.reduce((sum, part) => sum + fen(row, part), 0) !== fen(row, 'total_amount')),
    ).toEqual([]);
  });

  it('come in the forms that bureaus use', () => {
    const bytes = (kind: string) => readFileSync(path.join(directory('city'), `${kind}.csv`));
    expect(bytes('household').subarray(0, 3)).toEqual(Buffer.from('\uFEFF'));
    expect(bytes('poverty').includes('\r\n')).toBe(true);
    expect(bytes('retirement').includes('\uFFFD')).toBe(false);
    expect(bytes('retirement').toString('utf8')).toContain('\uFFFD');
    expect(bytes('retirement').toString('latin1')).toMatch(/,(19|20)\d{6},/);
    const names = new Set(all('household').map((row) => row.name));
    expect(all('retirement').filter((row) => !names.has(row.name)).length).toBeLessThan(30);
  });

  it('have the variety of a city', () => {
    const has = (kind: string, column: string, value: string | RegExp) =>
      all(kind).some((row) => (typeof value === 'string' ? row[column] === value : value.test(row[column] as string)));
    for (const precision of ['DAY', 'MONTH', 'YEAR']) expect(has('death', 'date_precision', precision)).toBe(true);
    for (const status of ['PAID', 'REVERSED', 'RECOVERED', 'REFUSED'])
      expect(has('claim', 'status', status)).toBe(true);
    for (const tier of ['BASIC', 'RETIREE', 'POVERTY']) expect(has('claim', 'benefit_tier', tier)).toBe(true);
    expect(has('death', 'status', 'VOIDED')).toBe(true);
    expect(has('household', 'name', /·/)).toBe(true);
    expect(has('household', 'name', /[䶮㛃㻏]|[\u{20000}-\u{2FFFF}]/u)).toBe(true);
    expect(has('household', 'name', /^(欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|令狐|公孙|慕容|端木|南宫)/)).toBe(true);
    expect(has('claim', 'account_owner_id_number', /./)).toBe(true);
    expect(has('claim_line', 'item_name', /,/)).toBe(true);
  });
});

it('takes memory that does not grow with the city', async () => {
  const peak = async (persons: number) => {
    let bytes = 0;
    const watch = setInterval(() => {
      bytes = Math.max(bytes, process.memoryUsage().rss);
    }, 20);
    const { files } = await writeDemoCity({ persons, out: directory(`of-${persons}`), asOf: AS_OF });
    clearInterval(watch);
    return { bytes, claims: files['claim.csv'] as number };
  };
  const small = await peak(2000);
  const large = await peak(8000);
  expect(large.claims / small.claims).toBeGreaterThan(3.5);
  expect(large.claims / small.claims).toBeLessThan(4.5);
  expect(large.bytes - small.bytes).toBeLessThan(150 * 2 ** 20);
}, 120_000);

type Form = ReturnType<typeof recordKind>['fields'][number]['form'];

function isWrong(form: Form, value: string): boolean {
  switch (form.form) {
    case 'day':
      return !isDay(value);
    case 'instant':
      return readInstant(value) === undefined;
    case 'money':
      return !/^\d+\.\d{2}$/.test(value);
    case 'idNumber':
      return !checkIdNumber(value).ok;
    case 'district':
      return !/^\d{6}$/.test(value);
    case 'month':
      return !/^\d{4}-\d{2}$/.test(value);
    case 'period':
      return !/^\d{4}(-\d{2})?$/.test(value);
    case 'code':
      return !Object.hasOwn(form.codes, value);
    case 'pattern':
      return !form.pattern.test(value);
    default:
      return value === '';
  }
}
