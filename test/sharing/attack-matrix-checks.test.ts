/**
 * The matrix can fail: each check of the sharing is taken out, one at a time, and what stands behind it holds or the matrix finds the hole. Here alone
 * our own code is replaced, since a check that is never missing is never seen to matter.
 */
import { type GraphQLFieldResolver, type GraphQLSchema, getIntrospectionQuery } from 'graphql';
import type { BureauContext } from '../../src/bureaus/context';
import type { RecordKind } from '../../src/bureaus/record';
import type { Footprint, ShareMap } from '../../src/sharing/footprint';
import { tamper } from '../support/agreement';
import { agree, everything, type Terms } from '../support/callers';
import { faultsOfRefusal, leaksOf } from '../support/leak';
import { inOneProcess } from '../support/shape';
import { watchStatements } from '../support/statements';
import {
  agencyWithout,
  type Cell,
  cells,
  type Matrix,
  names,
  offences,
  openMatrix,
  tellTales,
  termsWithout,
} from './attack-matrix';
import { answeredInside, calls, openInside } from './attack-subgraph';
import { agreeOnDistricts, agreeOnMasks, elsewhere, seen, unmasked, without } from './attack-terms';

jest.setTimeout(240_000);

/** The checks that are out at the moment. */
const mockOut = new Set<string>();

jest.mock('../../src/sharing/decide', () => {
  const real = jest.requireActual('../../src/sharing/decide');
  const isBureaus = ({ schema }: ShareMap) => schema.getQueryType()?.getFields()._entities !== undefined;
  const decide = (caller: unknown, footprint: Footprint, grounds: { kinds: ShareMap }) => {
    if (!mockOut.has(isBureaus(grounds.kinds) ? 'decision of the bureau' : 'decision of the gateway'))
      return real.decide(caller, footprint, grounds);
    const scopes = new Map(footprint.uses.map(({ kind }) => [kind, { districts: null, masks: {} }]));
    return { granted: true, agreements: [], scopes };
  };
  return { ...real, decide };
});
jest.mock('../../src/sharing/shield', () => {
  const real = jest.requireActual('../../src/sharing/shield');
  const guardRootFields = (schema: GraphQLSchema) => {
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}),
    );
    const bare = fields.map(({ resolve }) => resolve);
    real.guardRootFields(schema);
    for (const [place, field] of fields.entries()) {
      const guarded = field.resolve as GraphQLFieldResolver<unknown, unknown>;
      field.resolve = (...given) => ((mockOut.has('guard') && bare[place]) || guarded)(...given);
    }
    return schema;
  };
  return { ...real, guardRootFields };
});
jest.mock('../../src/sharing/footprint', () => {
  const real = jest.requireActual('../../src/sharing/footprint');
  const footprintOf = (...given: unknown[]) => {
    const footprint: Footprint = real.footprintOf(...given);
    if (!mockOut.has('exactness')) return footprint;
    return { ...footprint, uses: footprint.uses.map(({ exact: _, ...use }) => use) };
  };
  const readShareMap = (...given: unknown[]) => {
    const map: ShareMap = real.readShareMap(...given);
    const tagsOf: ShareMap['tagsOf'] = (type, field) => {
      const tags = map.tagsOf(type, field);
      return tags?.handle && mockOut.has('handle') ? { ...tags, handle: false, open: true } : tags;
    };
    return { ...map, tagsOf };
  };
  return { ...real, footprintOf, readShareMap };
});
jest.mock('../../src/sharing/approval', () => {
  const real = jest.requireActual('../../src/sharing/approval');
  return { ...real, isSigned: (...given: unknown[]) => mockOut.has('signature') || real.isSigned(...given) };
});
jest.mock('../../src/sharing/quota', () => {
  const real = jest.requireActual('../../src/sharing/quota');
  const quotaIn = (pool: unknown) => {
    const quota = real.quotaIn(pool);
    return {
      exhausted: (...given: unknown[]) => (mockOut.has('quota') ? new Set() : quota.exhausted(...given)),
      take: (...given: unknown[]) => (mockOut.has('quota') ? undefined : quota.take(...given)),
    };
  };
  return { ...real, quotaIn };
});
jest.mock('../../src/bureaus/projection', () => {
  const real = jest.requireActual('../../src/bureaus/projection');
  const project = (kind: RecordKind, context: BureauContext) =>
    real.project(
      kind,
      mockOut.has('projection')
        ? Object.assign(Object.create(context), { fields: () => kind.fields.map(({ name }) => name) })
        : context,
    );
  return { ...real, project };
});
jest.mock('../../src/bureaus/mask', () => {
  const real = jest.requireActual('../../src/bureaus/mask');
  return {
    ...real,
    masked: (value: unknown, ...given: unknown[]) => (mockOut.has('mask') ? value : real.masked(value, ...given)),
  };
});
jest.mock('../../src/bureaus/within', () => {
  const real = jest.requireActual('../../src/bureaus/within');
  const within = (...given: unknown[]) => (mockOut.has('districts') ? '' : real.within(...given));
  const isWithin = (...given: unknown[]) => (mockOut.has('districts') ? 'true' : real.isWithin(...given));
  return { ...real, within, isWithin };
});
jest.mock('../../src/gateway/visible', () => {
  const real = jest.requireActual('../../src/gateway/visible');
  const visibleParts = (map: ShareMap) => {
    const visible = real.visibleParts(map);
    return (...given: unknown[]) => (mockOut.has('introspection cut') ? map.schema : visible(...given));
  };
  return { ...real, visibleParts };
});
jest.mock('../../src/gateway/present-errors', () => {
  const real = jest.requireActual('../../src/gateway/present-errors');
  return {
    ...real,
    presentErrors: (result: unknown, ...given: unknown[]) =>
      mockOut.has('errors') ? result : real.presentErrors(result, ...given),
  };
});

const inThisShape = inOneProcess('checks are taken out one by one, and a second installation has its own');
inThisShape('taken out, one check at a time', () => {
  let matrix: Matrix;
  let outside: readonly Cell[];

  beforeAll(async () => {
    matrix = await openMatrix();
    outside = cells(matrix, (name) =>
      /^(death\.(deathDate|name|person|aliveOn|\*)|retirement\.(status|retiredOn))$/.test(name),
    ).filter(({ shape, name }) => shape.shows && /by (person|deathChanges|claims)\./.test(name));
    await agree(matrix.hub, new Map(names(matrix).map((name) => [agencyWithout(name), termsWithout(name)])));
    const verify: Terms = (kind) => [{ ...everything(kind), verbs: ['VERIFY'] }];
    await agree(matrix.hub, new Map([['verifier', verify]]));
    const narrow: Terms = ({ kind }) =>
      kind === 'death' ? [{ recordKind: kind, fields: ['status'], verbs: ['LOOKUP'] }] : [];
    await agree(matrix.hub, new Map(['narrow', 'widened'].map((agency) => [agency, narrow])));
    await agree(matrix.hub, new Map<string, Terms>([['one-person', (kind) => [everything(kind)]]]), {
      personsPerDay: 1,
    });
    await agreeOnDistricts(matrix);
  });
  afterEach(() => mockOut.clear());
  afterAll(() => matrix.close());

  /** What is found with some checks out. Documents differ from round to round, since what was decided on one is remembered. */
  async function found(out: readonly string[], look: () => Promise<string[]>): Promise<string[]> {
    matrix.counter.renew();
    matrix.forget();
    for (const check of out) mockOut.add(check);
    try {
      return await look();
    } finally {
      mockOut.clear();
    }
  }
  // How fresh a kind is comes with every answer that is not refused.
  const isLeak = (offence: string) => /: \.(?!extensions\.freshness)/.test(offence);

  const fromOutside = () => offences(matrix, outside);
  const fromInside = () => {
    const all = calls(matrix, openInside(matrix)).filter(
      ({ withheld, name }) => /^(death|claim)\.(\*|status|deathDate)/.test(withheld) && name.includes('claims it'),
    );
    expect(all.length).toBeGreaterThan(5);
    return answeredInside(matrix, all);
  };
  const columns = async () => {
    const watch = watchStatements(matrix.hub.database);
    const told = await tellTales(matrix, 'death.certificateNo');
    watch.stop();
    return [...told, ...watch.texts.filter((text) => /certificate_no/.test(text))];
  };
  const masks = (wanted: RegExp) => async () => unmasked(matrix, await maskedOnce(wanted));
  const known = new Map<string, ReturnType<typeof agreeOnMasks>>();
  const maskedOnce = (wanted: RegExp) => {
    const masked = known.get(wanted.source) ?? agreeOnMasks(matrix, (name) => wanted.test(name));
    known.set(wanted.source, masked);
    return masked;
  };
  const districts = async () => {
    const there = await seen(matrix, 'death', elsewhere('death'));
    const absent = await without(matrix, 'death', () => seen(matrix, 'death', elsewhere('death')));
    return [...there].filter(([name, { text }]) => absent.get(name)?.text !== text).map(([name]) => name);
  };
  const asked = (agency: string, query: string, isMeant: (field: string) => boolean) => async () => {
    const answer = await matrix.counter.ask(agency, { query });
    return faultsOfRefusal(answer, isMeant);
  };
  const person = () => matrix.city.known.person;
  const schema = async () => {
    const { body } = await matrix.counter.ask('narrow', { query: getIntrospectionQuery() });
    return ['certificateNo', 'Claim', 'householdChanges'].filter((name) => JSON.stringify(body).includes(`"${name}"`));
  };
  const persons = async () => {
    const ask = (id: string) => matrix.counter.ask('one-person', { query: `{ person(id: "${id}") { name } }` });
    await ask(person());
    const { body } = await ask('0123456789abcdef0123456789abcdef');
    return body.errors?.[0]?.extensions.reason === 'QUOTA' ? [] : ['a second person'];
  };
  const widened = async () => {
    const clauses = JSON.stringify([{ recordKind: 'death', fields: ['status', 'deathDate'], verbs: ['LOOKUP'] }]);
    await tamper(
      matrix.hub.database,
      `update sharing.agreement set clauses = $1, version = version + 1 where agency = 'widened'`,
      [clauses],
    );
    matrix.forget();
    const answer = await matrix.counter.ask('widened', {
      query: `{ person(id: "${person()}") { deaths { deathDate } } }`,
    });
    return leaksOf(answer, matrix.city.canaries.get('death.deathDate') ?? []).map((place) => `widened: ${place}`);
  };
  const brokenBureau = async () => {
    const { pool } = matrix.hub.database;
    await pool.query(
      `create or replace function public.complain(death.revision) returns text language plpgsql as $$ begin raise 'value %', $1.certificate_no; end $$`,
    );
    await pool.query('alter table death.revision add column if not exists kept text');
    await pool.query(
      `alter table death.revision rename to behind; create view death.revision as select *, public.complain(b.*) as complaint from death.behind b where public.complain(b.*) is not null`,
    );
    try {
      const answer = await matrix.counter.ask(agencyWithout('death.certificateNo'), {
        query: `{ person(id: "${person()}") { deaths { status } } }`,
      });
      return leaksOf(answer, matrix.city.canaries.get('death.certificateNo') ?? []).map((place) => `broken: ${place}`);
    } finally {
      await pool.query('drop view death.revision; alter table death.behind rename to revision');
    }
  };

  test.each<[string, readonly string[], () => () => Promise<string[]>, 'leak' | 'wrong']>([
    [
      'the decision of the gateway: the bureau still holds, but it is no refusal',
      ['decision of the gateway'],
      () => fromOutside,
      'wrong',
    ],
    [
      'the decisions of the gateway and of the bureau',
      ['decision of the gateway', 'decision of the bureau'],
      () => fromOutside,
      'leak',
    ],
    [
      'the decision of the bureau, for whoever gets past the gateway',
      ['decision of the bureau'],
      () => fromInside,
      'leak',
    ],
    ['the guard on root fields, for whoever gets past the gateway', ['guard'], () => fromInside, 'wrong'],
    ['the guard, and the districts behind it', ['guard', 'districts'], () => fromInside, 'leak'],
    ['the projection by footprint', ['projection'], () => columns, 'wrong'],
    ['masks', ['mask'], () => masks(/^death\.(name|deathDate)$/), 'leak'],
    ['districts', ['districts'], () => districts, 'wrong'],
    [
      'that nothing is filtered or sorted by what is masked',
      ['exactness'],
      () => masks(/^(claim\.serviceDate|contribution\.period)$/),
      'wrong',
    ],
    [
      'the handle: a key is shown to whoever may look up',
      ['handle'],
      () => asked('verifier', `{ person(id: "${person()}") { id } }`, (field) => field === 'any.*'),
      'wrong',
    ],
    ['the cut of the schema', ['introspection cut'], () => schema, 'wrong'],
    ['persons per day', ['quota'], () => persons, 'wrong'],
    ['the signature of agreements', ['signature'], () => widened, 'leak'],
    ['the words of errors', ['errors'], () => brokenBureau, 'leak'],
  ])('%s', async (_, out, look, kind) => {
    expect(await found([], look())).toEqual([]);
    const offended = await found(out, look());
    expect(offended).not.toEqual([]);
    expect(offended.some(isLeak)).toBe(kind === 'leak');
  });

  test.each<[string, readonly string[], () => () => Promise<string[]>]>([
    ['the decision of the bureau, while the gateway decides', ['decision of the bureau'], () => fromOutside],
    ['the guard on root fields, while the gateway decides', ['guard'], () => fromOutside],
    ['the projection, while the gateway decides', ['projection'], () => fromOutside],
  ])('what another check makes up for, from outside: %s', async (_, out, look) => {
    expect(await found(out, look())).toEqual([]);
  });
});
