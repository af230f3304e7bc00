import { parse } from 'graphql';
import { bureaus } from '../../src/bureaus/bureau';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { type Agreement, agreementsIn } from '../../src/sharing/agreement';
import type { Caller } from '../../src/sharing/caller';
import type { Use } from '../../src/sharing/footprint';
import { type Passage, passage } from '../../src/sharing/passage';
import { freshnessIn } from '../../src/subgraph/freshness';
import { type OpenedSubgraph, openSubgraph, sdlOf } from '../../src/subgraph/subgraph';
import { SAMPLE_DAY, SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { inOneProcess } from '../support/shape';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';
import { watchStatements } from '../support/statements';

const CALLER: Caller = { agency: SUPERVISION, officer: null, purpose: CASE_INVESTIGATION, case: 'T-1' };
const JIA_KEY = keyOf(JIA.number);

function uses(text: string): Use[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [, kind = '', field = '', verb] = /^(\w+)\.([\w*]+):(\w+)$/.exec(word) ?? [];
      return { kind, field, verb: verb as Use['verb'] };
    });
}

const handed = (text: string, caller = CALLER): Passage =>
  passage(caller, { uses: uses(text), untagged: [], own: false, introspection: false });

const ENTITY =
  'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Person { deaths { sourceId deathDate } } } }';
const REPRESENTATIONS = { representations: [{ __typename: 'Person', id: JIA_KEY, keys: [JIA_KEY] }] };
const CLAIM = 'query($id: ID!) { claim(sourceId: $id) { sourceId status } }';
const GRANTED = 'death.*:LOOKUP death.sourceId:LOOKUP death.deathDate:LOOKUP';

const inThisShape = inOneProcess('it opens a bureau over the database of the hub itself');
inThisShape('a bureau decides for itself', () => {
  let hub: TestHub;
  const at: { day: string; change: (agreements: readonly Agreement[]) => readonly Agreement[] } = {
    day: SAMPLE_DAY,
    change: (agreements) => agreements,
  };
  let bureau: (name: string) => OpenedSubgraph;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    const { pool, lookup, dataSource } = hub.database;
    const agreements = agreementsIn(dataSource, { keys: [hub.hub.signer] });
    const means = {
      pool,
      lookup,
      hubKey: () => SAMPLE_KEY,
      agreements: async (agency: string) => at.change(await agreements(agency)),
      freshness: freshnessIn(pool),
      today: () => at.day,
    };
    const opened = new Map(bureaus().map((one) => [one.name, openSubgraph(one, means)]));
    bureau = (name) => opened.get(name) as OpenedSubgraph;
  });
  beforeEach(() => {
    at.day = SAMPLE_DAY;
    at.change = (agreements) => agreements;
  });
  afterAll(() => hub.close());

  async function call(name: string, query: string, variables: Record<string, unknown>, here: Passage) {
    const watch = watchStatements(hub.database);
    const result = await bureau(name).execute({ document: parse(query), variables, passage: here });
    watch.stop();
    return { result, statements: watch.ofBureaus() };
  }

  test('what was decided on is answered, and noted for the record', async () => {
    const here = handed(GRANTED);
    const { result } = await call('death', ENTITY, REPRESENTATIONS, here);
    expect(result).toEqual({ data: { _entities: [{ deaths: [{ sourceId: 'SW1', deathDate: '2026-03-10' }] }] } });
    expect([...here.reached.persons]).toEqual([JIA_KEY]);
    expect([...here.reached.freshness.keys()]).toEqual(['death']);
    expect(here.reached.freshness.get('death')).toMatch(/^\d{4}-/);
  });

  const CHANGES = '{ deathChanges { changes { record { sourceId deathDate } } } }';
  const FEED = 'death.*:FEED death.sourceId:FEED death.deathDate:FEED';
  test.each<[string, string, string, Record<string, unknown>, string]>([
    ['an empty footprint', 'death', ENTITY, REPRESENTATIONS, ''],
    ['a field missing in the footprint', 'death', ENTITY, REPRESENTATIONS, 'death.*:LOOKUP death.sourceId:LOOKUP'],
    ["another kind's footprint", 'death', ENTITY, REPRESENTATIONS, 'claim.*:LOOKUP claim.deathDate:LOOKUP'],
    ['a footprint that nobody granted', 'death', CHANGES, {}, FEED],
    ['a footprint of a verb that is granted, for a root field of one that is not', 'death', CHANGES, {}, GRANTED],
    [
      'the same beside an entity',
      'death',
      `query($representations: [_Any!]!) { _entities(representations: $representations) { __typename } deathChanges { changes { record { deathDate } } } }`,
      REPRESENTATIONS,
      GRANTED,
    ],
    ['a root field', 'claim', CLAIM, { id: 'JS1' }, 'claim.*:LOOKUP claim.sourceId:LOOKUP'],
    [
      'a root field through a fragment',
      'claim',
      'query($id: ID!) { ...r } fragment r on Query { claim(sourceId: $id) { status } }',
      { id: 'JS1' },
      'claim.*:LOOKUP',
    ],
  ])('refuses: %s', async (_, name, query, variables, footprint) => {
    const { result, statements } = await call(name, query, variables, handed(footprint));
    expect(statements).toEqual([]);
    expect(result.errors?.map(({ extensions }) => extensions.code)).toContain('NOT_SHARED');
    expect(JSON.stringify(result.data ?? null)).not.toMatch(/SW1|JS1|2026-03-10|PAID/);
  });

  test.each<[string, () => void, Caller, string]>([
    [
      'revoked since',
      () => {
        at.change = (all) => all.map((one) => ({ ...one, state: 'REVOKED' as const }));
      },
      CALLER,
      'REVOKED',
    ],
    [
      'expired since',
      () => {
        at.day = '2027-07-01';
      },
      CALLER,
      'EXPIRED',
    ],
    ['for another purpose', () => {}, { ...CALLER, purpose: 'OTHER' }, 'PURPOSE'],
    ['without the case that it asks for', () => {}, { ...CALLER, case: null }, 'PURPOSE'],
    ['of an agency with none', () => {}, { ...CALLER, agency: 'tax' }, 'NO_AGREEMENT'],
  ])('refuses entities and root fields under an agreement %s', async (_, change, caller, reason) => {
    change();
    for (const [name, query, variables, footprint] of [
      ['death', ENTITY, REPRESENTATIONS, GRANTED],
      ['claim', CLAIM, { id: 'JS1' }, 'claim.*:LOOKUP claim.sourceId:LOOKUP claim.status:LOOKUP'],
    ] as const) {
      const { result, statements } = await call(name, query, variables, handed(footprint, caller));
      expect(statements).toEqual([]);
      expect(result.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_SHARED', reason });
    }
  });

  test.each(['AGGREGATE', 'VERIFY', 'REVIEW'] as const)(
    'refuses records to who has a right to %s alone, whatever the gateway calls its asking',
    async (verb) => {
      at.change = (all) =>
        all.map((one) => ({ ...one, clauses: one.clauses.map((clause) => ({ ...clause, verbs: [verb] })) }));
      const asked = handed(GRANTED.replaceAll('LOOKUP', verb));
      const { result, statements } = await call('death', ENTITY, REPRESENTATIONS, asked);
      expect(statements).toEqual([]);
      expect(result.errors?.map(({ extensions }) => extensions.code)).toContain('NOT_SHARED');
    },
  );

  test('shows within the scopes of the gateway, and lets nobody filter by what they mask', async () => {
    const masked = {
      ...handed(GRANTED),
      scopes: new Map([['death', { districts: null, masks: { deathDate: 'YEAR' } }]]),
    } as Passage;
    const { result } = await call('death', ENTITY, REPRESENTATIONS, masked);
    expect(JSON.stringify(result.data)).toContain('"deathDate":"2026"');
    expect(JSON.stringify(result.data)).not.toContain('2026-03-10');
    const exact = {
      ...masked,
      footprint: { ...masked.footprint, uses: masked.footprint.uses.map((use) => ({ ...use, exact: true as const })) },
    };
    const refused = await call('death', ENTITY, REPRESENTATIONS, exact);
    expect(refused.statements).toEqual([]);
    expect(refused.result.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_SHARED', reason: 'FIELD' });
  });

  test('refuses when the agreements cannot be read', async () => {
    at.change = () => {
      throw new Error('store down');
    };
    const watch = watchStatements(hub.database);
    await expect(
      bureau('claim').execute({
        document: parse(CLAIM),
        variables: { id: 'JS1' },
        passage: handed('claim.*:LOOKUP claim.sourceId:LOOKUP claim.status:LOOKUP'),
      }),
    ).rejects.toThrow();
    watch.stop();
    expect(watch.ofBureaus()).toEqual([]);
  });

  test('what operations run on is made once; what is composed is told without it', () => {
    for (const one of bureaus()) {
      const opened = openSubgraph(one, {} as never);
      expect([opened.name, opened.sdl]).toEqual([one.name, sdlOf(one)]);
      expect(opened.schema()).toBe(opened.schema());
    }
  });

  test('every root field of every bureau is guarded', async () => {
    for (const name of bureaus().map((one) => one.name)) {
      const roots = [...(/type Query \{([^}]*)\}/.exec(bureau(name).sdl)?.[1] ?? '').matchAll(/^ {2}(\w+)[(:]/gm)].map(
        (match) => match[1] as string,
      );
      expect(roots.filter((root) => root.endsWith('Changes')).length).toBeGreaterThan(0);
      for (const root of roots) {
        const query =
          {
            claim: `{ claim(sourceId: "JS1") { sourceId } }`,
            claims: `{ claims(institutionCode: "H34030300001") { edges { cursor } } }`,
            // A person is no record; what is theirs is.
            person: `{ person(id: "${JIA_KEY}") { name } }`,
            persons: `{ persons(ids: ["${JIA_KEY}"]) { household { status } } }`,
          }[root] ?? `{ ${root} { endCursor } }`;
        const { result, statements } = await call(name, query, {}, handed(''));
        expect([root, statements, result.errors?.length]).toEqual([root, [], 1]);
      }
    }
  });
});
