import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FormattedExecutionResult } from 'graphql';
import { bureaus, recordKinds } from '../../src/bureaus/bureau';
import { shanghaiDay } from '../../src/bureaus/calendar';
import { writeCall } from '../../src/federation/call';
import { noteSchemas, schemaHash } from '../../src/federation/schema-hash';
import { openCallSigner } from '../../src/federation/signed-caller';
import { backTest } from '../../src/hub/back-test';
import { SUPERVISION } from '../../src/hub/codes';
import { ownKindsHere } from '../../src/hub/own-kinds';
import type { Agreement } from '../../src/sharing/agreement';
import { NOT_GRANTED } from '../../src/sharing/passage';
import { buildSchema } from '../../src/subgraph/subgraph';
import { approve } from '../support/agreement';
import { inDatabase, testServerUrl, withClient } from '../support/database';
import { SAMPLE_DAY, type TestHub, testHub } from '../support/hub';
import { hubDirectory, type TestPremises, testPremises } from '../support/premises';
import { deliver, JIA, keyOf, smallCity, YI } from '../support/small-city';

const JIA_KEY = keyOf(JIA.number);
const PERSON = `query($id: ID!, $day: Date!) {
  person(id: $id) {
    id name aliveOn(date: $day) retiredOn(date: $day)
    deaths { sourceId deathDate status person { id name } } household { status }
    claims(first: 5) { edges { node { sourceId totalAmount person { id name } } } }
  }
}`;
const FEED = '{ deathChanges(first: 10) { changes { seq op sourceId record { deathDate } } endCursor hasNextPage } }';
const DEATHS = 'query($id: ID!) { person(id: $id) { deaths { deathDate } } }';

let directory: Awaited<ReturnType<typeof hubDirectory>>;
let near: TestHub;
let far: TestHub;
let death: TestPremises;
let household: TestPremises;
let clock = 0;
beforeAll(async () => {
  directory = await hubDirectory();
  const { keysFile, dataDirectory } = directory;
  near = await testHub();
  death = await testPremises(['death'], { keysFile });
  household = await testPremises(['household'], { keysFile });
  const subgraphs = { ...death.settings, ...household.settings };
  far = await testHub({ dataDirectory, subgraphs, elapsed: () => (clock += 1_000) });
  const city = smallCity();
  const { death: deaths = [], household: entries = [], ...others } = city;
  await deliver(near.database, city);
  await deliver(death.database, { death: deaths });
  await deliver(household.database, { household: entries });
  await deliver(far.database, others);
  // The first operations are compiled, which on a busy machine may take longer than the limit.
  for (const asked of [PERSON, FEED]) await far.as()(asked, { id: JIA_KEY, day: SAMPLE_DAY });
});
afterAll(async () => {
  for (const one of [far, near, death, household]) await one?.close();
  directory?.remove();
});

const schemaOf = (name: string) => buildSchema(bureaus().find((one) => one.name === name) as never).sdl;
/** Closing a test's hub removes its directory. */
function copyOf(dataDirectory: string): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'heyan-hub-'));
  cpSync(dataDirectory, copy, { recursive: true });
  return copy;
}
const newestRecord = async ({ database }: { database: TestHub['database'] }) => {
  const { rows } = await database.pool.query<{ leaf: string }>(
    'select leaf from audit.record order by seq desc limit 1',
  );
  return JSON.parse(rows[0]?.leaf ?? '{}') as Record<string, unknown> & { freshness: object; footprint: string[] };
};
const codes = ({ errors = [] }: FormattedExecutionResult) => errors.map(({ extensions }) => extensions);

describe('a bureau on its own premises', () => {
  const SUPERVISED = { purpose: 'FUND_SUPERVISION', case: undefined };
  test.each<[string, string, object, Parameters<TestHub['as']>[0]]>([
    ['one who died', PERSON, { id: JIA_KEY, day: '2026-06-01' }, {}],
    ['one alive', PERSON, { id: keyOf(YI.number), day: '2026-06-01' }, {}],
    ['a change feed', FEED, {}, SUPERVISED],
  ])('answers as one in this process does, and leaves the same record: %s', async (_, query, variables, who) => {
    const here = await near.as(who)(query, { ...variables });
    const there = await far.as(who)(query, { ...variables });
    expect(here.errors).toBeUndefined();
    expect(there.errors).toBeUndefined();
    expect(there.data).toEqual(here.data);
    const told = ({ id: _id, at: _at, freshness, ...record }: Awaited<ReturnType<typeof newestRecord>>) => ({
      ...record,
      kinds: Object.keys(freshness),
    });
    expect(told(await newestRecord(far))).toEqual(told(await newestRecord(near)));
    expect(far.reported).toEqual([]);
  });

  test('keeps its own record of who saw what', async () => {
    await far.as({ officer: '王五' })(DEATHS, { id: JIA_KEY });
    expect(await newestRecord(death)).toMatchObject({
      agency: SUPERVISION,
      officer: '王五',
      purpose: 'CASE_INVESTIGATION',
      case: 'TEST-1',
      footprint: ['death.*:LOOKUP', 'death.deathDate:LOOKUP'],
      agreements: [`civil-affairs/${SUPERVISION}/CASE_INVESTIGATION`],
      decision: 'GRANTED',
      persons: expect.arrayContaining([JIA_KEY]),
    });
  });

  test('says how fresh its kinds are, and is not taken for fresh by what the hub once took in itself', async () => {
    const fresh = await far.hub.freshness();
    expect([...fresh.keys()].sort()).toEqual([...(await near.hub.freshness()).keys()].sort());
    const { rows } = await death.database.pool.query('select max(finished_at) as at from sync.run');
    expect(fresh.get('death')?.at).toBe(rows[0].at);
  });
});

describe('what the hub does not keep', () => {
  const OWN = { agency: 'civil-affairs', purpose: 'OWN_AFFAIRS', case: undefined };
  const RUNS = 'query($kind: String) { syncRuns(kind: $kind) { edges { node { kind } } } }';
  const QUARANTINE = 'query($kind: String) { quarantine(kind: $kind) { edges { node { kind } } } }';
  const AT_BUREAU = 'is taken in by its bureau on its own premises, where its runs and its quarantine are: ask there';

  test.each([
    ['syncRuns', RUNS],
    ['quarantine', QUARANTINE],
  ])('%s of a bureau on its own premises is not empty but elsewhere, and says when it delivered', async (_, query) => {
    const { data, errors } = await far.as(OWN)(query, { kind: 'death' });
    const at = (await far.hub.freshness()).get('death')?.at;
    expect(data).toEqual({ [query === RUNS ? 'syncRuns' : 'quarantine']: null });
    expect(errors).toMatchObject([
      {
        message: `death ${AT_BUREAU} (its last complete delivery ended at ${at})`,
        extensions: { code: 'KEPT_ELSEWHERE', kinds: ['death'] },
      },
    ]);
    expect((await near.as(OWN)(query, { kind: 'death' })).errors).toBeUndefined();
  });

  test('an agency with bureaus here and there names the kind; one with all here notices nothing', async () => {
    const kinds = recordKinds().filter(({ provider }) => provider === 'public-security');
    expect(kinds.map(({ kind }) => kind)).toEqual(['household']);
    const mixed = await ownKindsHere(
      {
        caller: { agency: 'medical-insurance', officer: null, purpose: '', case: null },
        keptElsewhere: async (asked) => new Map(asked.filter((kind) => kind === 'claim').map((kind) => [kind, null])),
      },
      null,
    ).catch((error: Error) => error);
    expect((mixed as Error).message).toMatch(
      /^claim is taken in .* \(when it last delivered is not known here\); for the others name a kind: /,
    );
    const { errors } = await far.as({ ...OWN, agency: 'medical-insurance' })(RUNS);
    expect(errors).toBeUndefined();
  });
});

test('a back-test takes a bureau’s word for when it last delivered, and not the hub’s own log, which knows nothing of it', async () => {
  const tomorrow = shanghaiDay(new Date(Date.now() + 86_400_000));
  const trial = await backTest(far.database, far.hub, { asOf: SAMPLE_DAY, knownAt: tomorrow, rules: ['D1'] });
  expect(trial.rules).toEqual([expect.objectContaining({ rule: 'D1', found: expect.any(Number) })]);
});

describe('a bureau that serves another schema', () => {
  test('is noticed with its first answer, told once, and shown; what it still gives is answered', async () => {
    const well = ['death', 'household'].map((name) => ({ name, isChanged: false, isResting: false }));
    expect(far.hub.bureaus()).toEqual(well);
    const before = { death: schemaHash(schemaOf('death').replaceAll('deathDate', 'diedOn')) };
    const hub = await testHub({
      dataDirectory: copyOf(directory.dataDirectory),
      subgraphs: { ...death.settings, ...household.settings },
      supergraph: noteSchemas(near.hub.gateway.graph.supergraph, before),
    });
    expect(hub.hub.bureaus()).toEqual(well);
    for (let again = 0; again < 2; again++)
      expect((await hub.as()(DEATHS, { id: JIA_KEY })).data).toEqual({
        person: { deaths: [{ deathDate: '2026-03-10' }] },
      });
    expect(hub.hub.bureaus()).toEqual([{ ...well[0], isChanged: true }, well[1]]);
    expect(hub.reported.map((error) => (error as Error).message)).toEqual([
      'The death bureau serves another schema than the graph was composed with: see what changed with heyan compose, and serve the new graph',
    ]);
    await hub.close();
  });
});

describe('both must grant', () => {
  const WHO = { agency: 'housing-fund', purpose: 'REVIEW', case: undefined };
  const terms = (more: Partial<Agreement> = {}) => ({
    agency: WHO.agency,
    clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP' as const] }],
    ...more,
  });
  const ask = (id = JIA_KEY) => far.as(WHO)(DEATHS, { id });

  test('the hub alone is not enough, nor is the bureau; persons are counted where they are to be', async () => {
    const atBureau = await approve(death.database, death.signer, terms());
    expect(codes(await ask())).toMatchObject([{ code: 'NOT_SHARED', field: '*', reason: 'NO_AGREEMENT' }]);
    await approve(far.database, far.hub.signer, terms());
    // The register hands on which keys are one person's to agencies that it has an agreement with, and to no others.
    expect(codes(await ask())).toMatchObject([{ code: 'NOT_SHARED', reason: 'NO_AGREEMENT', bureau: 'household' }]);
    const clauses = [{ recordKind: 'household', fields: ['status'], verbs: ['LOOKUP' as const] }];
    await approve(household.database, household.signer, terms({ provider: 'public-security', clauses }));
    expect((await ask()).data).toEqual({ person: { deaths: [{ deathDate: '2026-03-10' }] } });

    await death.database.pool.query(
      `update sharing.agreement set state = 'REVOKED', revoked_by = 'x', revoked_at = now(), revoked_reason = 'x', version = version + 1 where id = $1`,
      [atBureau.id],
    );
    const refused = await ask();
    expect(codes(refused)).toMatchObject([{ code: 'NOT_SHARED', provider: null, reason: 'REVOKED' }]);
    expect(refused.data).toEqual({ person: { deaths: null } });
    expect(await newestRecord(death)).toMatchObject({
      decision: 'REFUSED',
      refusals: ['*:LOOKUP:REVOKED'],
      persons: [],
    });

    await approve(death.database, death.signer, terms({ personsPerDay: 2 }));
    // The one person has two numbers, and every key counts.
    expect((await ask()).errors).toBeUndefined();
    expect(codes(await ask(keyOf(YI.number)))).toMatchObject([{ code: 'NOT_SHARED', reason: 'QUOTA' }]);
    expect((await ask()).errors).toMatchObject([{ extensions: { code: 'NOT_SHARED', reason: 'QUOTA' } }]);
  });

  type Limits = Partial<Agreement['clauses'][number]>;
  const PLAIN: Limits = {};
  const YEAR: Limits = { masks: { deathDate: 'YEAR' } };
  const PARTIAL: Limits = { masks: { deathDate: 'PARTIAL' } };
  const CITY: Limits = { districts: ['3403'] };
  const COUNTY: Limits = { districts: ['340303'] };
  const ELSEWHERE: Limits = { districts: ['65'] };
  test.each<[string, Limits, Limits, (string | null)[] | 'DISTRICT']>([
    ['all of it', PLAIN, PLAIN, ['2026-03-10']],
    ['the hub the year', YEAR, PLAIN, ['2026']],
    ['the bureau the year', PLAIN, YEAR, ['2026']],
    ['both the year', YEAR, YEAR, ['2026']],
    ['each another part', YEAR, PARTIAL, [null]],
    ['the hub other districts', ELSEWHERE, PLAIN, []],
    ['the bureau other districts', PLAIN, ELSEWHERE, []],
    ['the one a part of the other', CITY, COUNTY, ['2026-03-10']],
    ['the year, in these districts', { ...CITY, ...YEAR }, PLAIN, ['2026']],
    ['districts that have none in common', CITY, ELSEWHERE, 'DISTRICT'],
  ])('%s: what both show, and no more', async (name, atHub, atBureau, expected) => {
    const who = { ...WHO, agency: `both-${name.replaceAll(/\W+/g, '-')}` };
    const clause = { recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP' as const] };
    const ofRegister = { recordKind: 'household', fields: ['status'], verbs: ['LOOKUP' as const] };
    const grant = (one: { database: TestHub['database']; signer: TestPremises['signer'] }, limits: Limits) =>
      approve(one.database, one.signer, { agency: who.agency, clauses: [{ ...clause, ...limits }] });
    await grant({ database: far.database, signer: far.hub.signer }, atHub);
    await grant(death, atBureau);
    await approve(household.database, household.signer, {
      agency: who.agency,
      provider: 'public-security',
      clauses: [ofRegister],
    });
    const { data, errors } = await far.as(who)(DEATHS, { id: JIA_KEY });
    if (expected === 'DISTRICT')
      expect(errors).toMatchObject([{ extensions: { code: 'NOT_SHARED', reason: 'DISTRICT' } }]);
    else {
      expect(errors).toBeUndefined();
      expect(data).toEqual({ person: { deaths: expected.map((deathDate) => ({ deathDate })) } });
    }
  });
});

describe('nobody but the hub is answered', () => {
  const SCHEMA = '{ _service { sdl } }';
  const ENTITIES = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { deaths { deathDate } } } }';
  const body = (query: string) =>
    writeCall({
      query,
      variables: { r: [{ __typename: 'Person', id: JIA_KEY, keys: [JIA_KEY] }] },
      operationName: null,
      footprint: { uses: [], untagged: [], own: false, introspection: false },
      ...NOT_GRANTED,
    });
  const CALLER = { agency: SUPERVISION, officer: null, purpose: 'CASE_INVESTIGATION', case: 'T' };
  const post = async (authorization: string | undefined, text: string, bureau = 'death') => {
    const response = await fetch(`${death.origin}/subgraph/${bureau}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: text,
    });
    return { status: response.status, text: await response.text() };
  };
  const signed = async (text: string, bureau = 'death') => {
    const signer = await openCallSigner(directory.dataDirectory, () => new Date(`${SAMPLE_DAY}T10:00:00+08:00`));
    return `Bearer ${(await signer.sign({ bureau, caller: CALLER, body: text })).token}`;
  };

  test.each([
    ['the schema', SCHEMA],
    ['entities', ENTITIES],
    ['introspection', '{ __schema { types { name } } }'],
    ['a feed', FEED],
    ['nothing that can be read', '{'],
  ])('%s: not without a statement, not with that of another call, not twice', async (_, query) => {
    const text = body(query);
    const statement = await signed(text);
    const refusals = [
      await post(undefined, text),
      await post('Bearer a.b.c', text),
      await post(await signed(text, 'household'), text),
      await post(statement, body('{ __typename }')),
    ];
    await post(statement, text);
    refusals.push(await post(statement, text));
    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(refusals.map((refusal) => refusal.text)).size).toBe(1);
  });

  test('with one the schema is given, and entities are decided on; introspection is off', async () => {
    const ask = async (query: string) => {
      const text = body(query);
      return post(await signed(text), text);
    };
    expect((await ask(SCHEMA)).text).toContain('deathChanges');
    const refused = await ask(ENTITIES);
    expect(JSON.parse(refused.text)).toMatchObject({ errors: [{ extensions: { code: 'NOT_SHARED' } }] });
    expect(refused.text).not.toContain('2026-03-10');
    expect((await ask('{ __schema { types { name } } }')).status).toBe(400);
  });
});

describe('the database of a bureau', () => {
  const nameOf = ({ database }: TestPremises) => new URL(database.url).pathname.slice(1);
  const server = <T>(work: (query: (text: string) => Promise<unknown>) => Promise<T>) =>
    withClient(inDatabase(testServerUrl(), 'postgres'), (client) => work((text) => client.query(text)));

  test('gone: nothing wrong is said, rules that need it are skipped; back: all is well without a restart', async () => {
    const before = (await far.as()(PERSON, { id: JIA_KEY, day: '2026-06-01' })).data;
    await far.nightly();
    await server(async (query) => {
      await query(`alter database ${nameOf(death)} allow_connections false`);
      await query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameOf(death)}'`);
    });
    const gone = await far.as()(PERSON, { id: JIA_KEY, day: '2026-06-01' });
    expect(codes(gone)).toEqual(codes(gone).map(() => ({ code: 'UNAVAILABLE', bureau: 'death' })));
    expect(codes(gone).length).toBeGreaterThan(0);
    expect(gone.data).toEqual({ person: { ...(before?.person as object), deaths: null, aliveOn: 'UNKNOWN' } });

    const { follow, check } = await far.nightly();
    expect(follow.failed.map(({ kind }) => kind)).toEqual(['death']);
    const skipped = check.rules.flatMap((outcome) => ('skipped' in outcome ? [[outcome.rule, outcome.skipped]] : []));
    const reason = ['the change feed of death has not been followed to its end'];
    expect(skipped).toEqual(expect.arrayContaining(['D1', 'D8', 'R2', 'X1'].map((rule) => [rule, reason])));

    await server((query) => query(`alter database ${nameOf(death)} allow_connections true`));
    clock += 60_000;
    expect((await far.as()(PERSON, { id: JIA_KEY, day: '2026-06-01' })).data).toEqual(before);
    expect((await far.nightly()).follow.failed).toEqual([]);
  });
});
