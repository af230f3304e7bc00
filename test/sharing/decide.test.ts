import type { Agreement } from '../../src/sharing/agreement';
import type { Caller } from '../../src/sharing/caller';
import { type Decision, decide, type Grounds, type KindFacts } from '../../src/sharing/decide';
import type { Footprint, Use } from '../../src/sharing/footprint';

const DAY = '2026-06-30';
const CALLER: Caller = { agency: 'pensions', officer: null, purpose: 'REVIEW', case: null };
const PROVIDERS: Record<string, string> = { death: 'civil-affairs', claim: 'medical-insurance' };
const KINDS: KindFacts = {
  provider: (kind) => PROVIDERS[kind] ?? null,
  hasDistricts: (kind) => kind === 'claim',
};
const grounds = (agreements: readonly Agreement[], exhausted: string[] = []): Grounds => ({
  agreements,
  day: DAY,
  kinds: KINDS,
  exhausted: new Set(exhausted),
});

function agreement(more: Partial<Agreement> = {}): Agreement {
  return {
    id: 'a', provider: 'civil-affairs', agency: 'pensions', purposes: ['REVIEW'], caseRequired: false,
    clauses: [{ recordKind: 'death', fields: ['deathDate', 'status'], verbs: ['LOOKUP'] }],
    validFrom: '2026-01-01', validTo: '2026-12-31', personsPerDay: null, state: 'APPROVED', proposedBy: 'x', approvedBy: 'y', ...more,
  } as Agreement; // biome-ignore format: one agreement
}

/** `death.deathDate:LOOKUP death.*:FEED` as a footprint. */
function footprint(text: string, untagged: string[] = []): Footprint {
  const uses = text
    .split(' ')
    .filter(Boolean)
    .map((word): Use => {
      const [field = '', verb] = word.split(':');
      const [kind = '', name = ''] = field.split('.');
      return { kind, field: name, verb: verb as Use['verb'] };
    });
  return { uses, untagged, own: false, introspection: false };
}

const told = (decision: Decision) =>
  decision.granted
    ? 'GRANTED'
    : decision.refusals.map(({ field, verb, reason }) => `${field}:${verb}:${reason}`).join(' ');

const clause = (more: object) => ({ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'], ...more }) as never;
const ASK = 'death.deathDate:LOOKUP';

describe('what is asked of one agreement on death.deathDate and death.status, by LOOKUP, for REVIEW', () => {
  test.each<[string, string, string]>([
    ['a field', ASK, 'GRANTED'],
    ['two fields', 'death.deathDate:LOOKUP death.status:LOOKUP', 'GRANTED'],
    ['following a link to a record', 'death.*:LOOKUP', 'GRANTED'],
    ['some kind or other', 'any.*:LOOKUP', 'GRANTED'],
    ['nothing but structure', '', 'GRANTED'],
    ['another field', 'death.name:LOOKUP', 'death.name:LOOKUP:FIELD'],
    ['another verb', 'death.deathDate:FEED', 'death.deathDate:FEED:VERB'],
    ['some kind or other by another verb', 'any.*:FEED', 'any.*:FEED:VERB'],
    ['another kind', 'claim.status:LOOKUP', 'claim.status:LOOKUP:NO_AGREEMENT'],
    ['a kind that nobody gives', 'ghost.status:LOOKUP', 'ghost.status:LOOKUP:NO_AGREEMENT'],
    [
      'one field of three',
      `${ASK} death.name:LOOKUP death.address:LOOKUP`,
      'death.name:LOOKUP:FIELD death.address:LOOKUP:FIELD',
    ],
    ['a field called like a property of every object', 'death.constructor:LOOKUP', 'death.constructor:LOOKUP:FIELD'],
    ['a field called __proto__', 'death.__proto__:LOOKUP', 'death.__proto__:LOOKUP:FIELD'],
  ])('%s', (_, uses, expected) => {
    expect(told(decide(CALLER, footprint(uses), grounds([agreement()])))).toBe(expected);
  });
});

describe('death.deathDate by LOOKUP is asked of', () => {
  test.each<[string, Partial<Agreement>[], string]>([
    ['no agreement', [], '*:LOOKUP:NO_AGREEMENT'],
    ['an agreement in force', [{}], 'GRANTED'],
    ['one for another purpose', [{ purposes: ['OTHER'] }], '*:LOOKUP:PURPOSE'],
    ['one whose last day is today', [{ validTo: DAY }], 'GRANTED'],
    ['one whose last day was yesterday', [{ validTo: '2026-06-29' }], '*:LOOKUP:EXPIRED'],
    ['one that begins today', [{ validFrom: DAY }], 'GRANTED'],
    ['one that begins tomorrow', [{ validFrom: '2026-07-01' }], '*:LOOKUP:NO_AGREEMENT'],
    ['one marked expired', [{ state: 'EXPIRED' }], '*:LOOKUP:EXPIRED'],
    ['one revoked', [{ state: 'REVOKED' }], '*:LOOKUP:REVOKED'],
    ['one revoked for another purpose', [{ state: 'REVOKED', purposes: ['OTHER'] }], '*:LOOKUP:NO_AGREEMENT'],
    ['a draft', [{ state: 'DRAFT' }], '*:LOOKUP:NO_AGREEMENT'],
    ['a proposal', [{ state: 'PROPOSED' }], '*:LOOKUP:NO_AGREEMENT'],
    ["another agency's", [{ agency: 'tax' }], '*:LOOKUP:NO_AGREEMENT'],
    ['one revoked and one in force', [{ state: 'REVOKED' }, { id: 'b' }], 'GRANTED'],
    ['one that asks for a case', [{ caseRequired: true }], '*:LOOKUP:PURPOSE'],
    ['one of a bureau that does not own deaths', [{ provider: 'tax' }], `${ASK}:NO_AGREEMENT`],
    [
      'one of a bureau that does not own deaths, beside one on claims',
      [{ provider: 'tax' }, { id: 'b', provider: 'medical-insurance', clauses: [clause({ recordKind: 'claim' })] }],
      `${ASK}:NO_AGREEMENT`,
    ],
    [
      'a revoked one, beside one on claims',
      [{ state: 'REVOKED' }, { id: 'b', provider: 'medical-insurance', clauses: [clause({ recordKind: 'claim' })] }],
      `${ASK}:REVOKED`,
    ],
    [
      'field and verb in two clauses',
      [{ clauses: [clause({ verbs: ['FEED'] }), clause({ fields: ['status'] })] }],
      `${ASK}:VERB`,
    ],
    ['a clause without fields', [{ clauses: [clause({ fields: [] })] }], `${ASK}:FIELD`],
    ['a clause without verbs', [{ clauses: [clause({ verbs: [] })] }], `${ASK}:VERB`],
    [
      'a clause on some districts of a kind that belongs to none',
      [{ clauses: [clause({ districts: ['3403'] })] }],
      `${ASK}:DISTRICT`,
    ],
    ['a clause with a term that nothing here knows', [{ clauses: [clause({ hours: [9, 17] })] }], `${ASK}:FIELD`],
    ['a clause with a mask', [{ clauses: [clause({ masks: { deathDate: 'YEAR' } })] }], 'GRANTED'],
    ['a clause with empty masks and districts', [{ clauses: [clause({ masks: {}, districts: [] })] }], 'GRANTED'],
    ['one that counts persons', [{ personsPerDay: 10 }], 'GRANTED'],
    ['one whose persons are used up', [{ id: 'full', personsPerDay: 10 }], `${ASK}:QUOTA`],
    ['one whose persons are used up and another', [{ id: 'full', personsPerDay: 10 }, { id: 'b' }], 'GRANTED'],
  ])('%s', (_, agreements, expected) => {
    expect(told(decide(CALLER, footprint(ASK), grounds(agreements.map(agreement), ['full'])))).toBe(expected);
  });
});

test('with a case the agreement that asks for one serves, without one the refusal says so', () => {
  const agreements = [agreement({ caseRequired: true })];
  expect(decide({ ...CALLER, case: '12' }, footprint(ASK), grounds(agreements)).granted).toBe(true);
  const refused = decide(CALLER, footprint(ASK), grounds(agreements));
  expect(!refused.granted && refused.refusals[0]?.apply).toMatch(/x-case/);
});

test('a field that carries no tag is refused whatever was agreed', () => {
  const all = agreement({ clauses: [clause({ fields: ['deathDate', 'secret', '*', 'Death.secret'] })] });
  expect(told(decide(CALLER, footprint(ASK, ['Death.secret']), grounds([all])))).toBe('Death.secret::FIELD');
});

test('names the agreements used, sorted, and of several that grant a field the first', () => {
  const claims = { provider: 'medical-insurance', clauses: [clause({ recordKind: 'claim', fields: ['status'] })] };
  const agreements = [agreement({ id: 'z' }), agreement({ id: 'c', ...claims }), agreement({ id: 'd' })];
  expect(decide(CALLER, footprint(`${ASK} claim.status:LOOKUP`), grounds(agreements)).agreements).toEqual(['c', 'z']);
});

test('a refusal names whom to ask for what', () => {
  const refused = decide(CALLER, footprint('death.name:LOOKUP'), grounds([agreement()]));
  expect(!refused.granted && refused.refusals).toEqual([
    {
      field: 'death.name',
      verb: 'LOOKUP',
      provider: 'civil-affairs',
      reason: 'FIELD',
      apply: 'Ask civil-affairs to share death.name (LOOKUP) for purpose REVIEW',
    },
  ]);
});

function frozen<T>(value: T): T {
  if (value && typeof value === 'object') for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

test('is pure: frozen inputs are enough, and the same input gives the same answer', () => {
  const input = frozen([
    CALLER,
    footprint(`${ASK} death.name:FEED claim.x:LIST`, ['T.f']),
    [agreement(), agreement({ id: 'b', state: 'REVOKED' })],
  ] as const);
  const [caller, uses, agreements] = input;
  const once = decide(caller, uses, grounds(agreements));
  expect(decide(caller, uses, grounds(agreements))).toEqual(once);
  expect(once.granted).toBe(false);
});

/** A clause on claims: `pooledPaid 3403 3404` gives that field in these districts, `serviceDate~YEAR` under a mask. */
function claims(text: string): Agreement {
  const clauses = text.split('; ').map((words) => {
    const [given = '', ...districts] = words.split(' ');
    const [field = '', mask] = given.split('~');
    return clause({
      recordKind: 'claim',
      fields: [field],
      verbs: ['LIST'],
      districts,
      masks: mask ? { [field]: mask } : {},
    });
  });
  return agreement({ id: text, provider: 'medical-insurance', clauses });
}

/** `3403|34 serviceDate=YEAR`: districts, then masks. */
function scopeOf(decision: Decision): string {
  if (!decision.granted) return told(decision);
  const { districts, masks } = decision.scopes.get('claim') ?? { districts: [], masks: {} };
  return [
    districts?.join('|') ?? 'everywhere',
    ...Object.entries(masks).map(([field, mask]) => `${field}=${mask}`),
  ].join(' ');
}

describe('the scope of claim.a and claim.b, asked for together, under', () => {
  test.each<[string[], string]>([
    [['a; b'], 'everywhere'],
    [['a 3403; b'], '3403'],
    [['a 3403; b 34'], '3403'],
    [['a 3403; b 3403 3404'], '3403'],
    [['a 3403 3404; b 34'], '3403|3404'],
    [['a 3403; b 340302 3404'], '340302'],
    [['a 3403; b 3404'], 'claim.a:LIST:DISTRICT claim.b:LIST:DISTRICT'],
    [['a 3403; b', 'a 3404'], '3403|3404'],
    [['a 3403; b', 'a'], 'everywhere'],
    [['a 3403 340302; b'], '3403'],
    [['a~YEAR; b'], 'everywhere a=YEAR'],
    [['a~YEAR; b', 'a'], 'everywhere'],
    [['a~YEAR; b', 'a 3403'], 'everywhere a=YEAR'],
    [['a~YEAR; b 3403', 'a 34'], '3403'],
    [['a~YEAR; b 3403', 'a 340302'], '3403 a=YEAR'],
    [['a~YEAR; b~PARTIAL'], 'everywhere a=YEAR b=PARTIAL'],
  ])('%j', (agreements, expected) => {
    const decision = decide(CALLER, footprint('claim.a:LIST claim.b:LIST'), grounds(agreements.map(claims)));
    expect(scopeOf(decision)).toBe(expected);
  });

  test('other verbs of the same operation count too: the strictest holds for all', () => {
    const listed = claims('a 3403; b');
    const looked = agreement({
      ...claims('a'),
      id: 'l',
      clauses: [clause({ recordKind: 'claim', fields: ['a'], verbs: ['LOOKUP'] })],
    });
    expect(scopeOf(decide(CALLER, footprint('claim.a:LIST claim.a:LOOKUP'), grounds([listed, looked])))).toBe('3403');
  });

  test('a masked field may be shown, but not filtered or sorted by', () => {
    const masked = grounds([claims('a~YEAR')]);
    const filtered = {
      ...footprint(''),
      uses: [{ kind: 'claim', field: 'a', verb: 'LIST' as const, exact: true as const }],
    };
    expect(told(decide(CALLER, footprint('claim.a:LIST'), masked))).toBe('GRANTED');
    expect(told(decide(CALLER, filtered, masked))).toBe('claim.a:LIST:FIELD');
    expect(told(decide(CALLER, filtered, grounds([claims('a')])))).toBe('GRANTED');
  });

  test('an agreement that counts persons is used only where no other allows', () => {
    const counted = { ...claims('a'), id: 'counted', personsPerDay: 5 };
    expect(decide(CALLER, footprint('claim.a:LIST'), grounds([counted, claims('a')])).agreements).toEqual(['a']);
    expect(decide(CALLER, footprint('claim.a:LIST'), grounds([counted])).agreements).toEqual(['counted']);
  });
});

describe("the caller's own affairs", () => {
  const own = { ...footprint(''), own: true };
  test('need no agreement', () => expect(told(decide(CALLER, own, grounds([])))).toBe('GRANTED'));
  test('give no right to anything else', () => {
    expect(told(decide(CALLER, { ...footprint(ASK), own: true }, grounds([])))).toBe('*:LOOKUP:NO_AGREEMENT');
    expect(told(decide(CALLER, { ...footprint('death.name:LOOKUP'), own: true }, grounds([agreement()])))).toBe(
      'death.name:LOOKUP:FIELD',
    );
  });
});
