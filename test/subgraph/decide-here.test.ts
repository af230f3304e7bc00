import type { Agreement } from '../../src/sharing/agreement';
import type { Footprint, ShareMap, Use } from '../../src/sharing/footprint';
import { passage } from '../../src/sharing/passage';
import { rememberDecisions } from '../../src/sharing/remember';
import type { Scope } from '../../src/sharing/scope';
import { decisionHere } from '../../src/subgraph/decide-here';

const DAY = '2026-06-30';
const CALLER = { agency: 'pensions', officer: null, purpose: 'REVIEW', case: null };
const USE: Use = { kind: 'claim', field: 'status', verb: 'LOOKUP' };
const FOOTPRINT: Footprint = { uses: [USE], untagged: [], own: false, introspection: false };
const HERE = { footprint: FOOTPRINT, rooted: FOOTPRINT };
const MAP = { provider: () => 'medical-insurance', hasDistricts: () => true } as unknown as ShareMap;
const AGREEMENTS = [
  {
    id: 'a', provider: 'medical-insurance', agency: 'pensions', purposes: ['REVIEW'], caseRequired: false,
    clauses: [{ recordKind: 'claim', fields: ['status'], verbs: ['LOOKUP'], districts: ['3403'] }],
    validFrom: '2026-01-01', validTo: '2026-12-31', personsPerDay: null, state: 'APPROVED',
  } as unknown as Agreement,
]; // biome-ignore format: one agreement

test('the same operation under the same agreements shows what each passage’s own scopes show, however often it comes', () => {
  const decides = decisionHere(MAP, rememberDecisions());
  const within = (districts: Scope['districts']) => {
    const scopes = new Map<string, Scope>([['claim', { districts, masks: {} }]]);
    return passage(CALLER, FOOTPRINT, { agreements: ['a'], scopes, countsPersons: false });
  };
  const [wide, narrow, other] = [within(null), within(['340304']), within(['1101'])];
  const shown = (here: ReturnType<typeof within>) => {
    const decision = decides(here, HERE, AGREEMENTS, DAY);
    return decision instanceof Error
      ? [decision.extensions.code, decision.path]
      : decision.scopes.get('claim')?.districts;
  };
  for (let time = 0; time < 2; time++)
    expect([wide, narrow, other].map(shown)).toEqual([['3403'], ['340304'], ['NOT_SHARED', undefined]]);
  // Each request is refused by an error of its own: what one answer does to it reaches no other.
  expect(decides(other, HERE, AGREEMENTS, DAY)).not.toBe(decides(other, HERE, AGREEMENTS, DAY));
});
