import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import type { About, Call } from '../../src/gateway/calls';
import { carryOut } from '../../src/gateway/carry-out';

const KEYS = { name: 'keys', isList: true, giver: 'household' };
const DAY = { name: 'knownAt', isList: false, giver: 'household' };

function root(service: string, document: string): Call {
  return { service, document: parse(document), variables: ['n'], about: [], after: [] };
}

function about(place: readonly string[], requires: About['requires'] = []): About {
  const signature = [...place, ...requires.map(({ name }) => name)].join();
  return { field: '_entities', variable: 'told', place, type: 'Person', key: 'id', requires, signature };
}

function entities(service: string, after: readonly Call[], ...places: About[]): Call {
  return { service, document: parse('{ _entities { id } }'), variables: [], about: places, after };
}

const CLAIMS = root('claim', '{ claims { person { id } } all: count }');
const claimsOf = (...ids: (string | null)[]) => ({ claims: ids.map((id) => ({ person: id && { id } })), all: 1 });

/** Carries calls out, each answered as its service says; and what each was told. */
async function carried(calls: readonly Call[], answers: Record<string, ExecutionResult>, variables = {}) {
  const told: [string, Record<string, unknown>][] = [];
  const done = await carryOut(calls, variables, async ({ service }, variables) => {
    told.push([service, variables]);
    return answers[service] as ExecutionResult;
  });
  return { data: JSON.parse(JSON.stringify(done.data)), errors: done.errors, told };
}

test('what is given of an object is put where it stands, and it is asked about once', async () => {
  const household = entities('household', [CLAIMS], about(['claims', 'person']));
  const { data, told } = await carried(
    [CLAIMS, household],
    {
      claim: { data: claimsOf('a', 'b', null, 'a') },
      household: { data: { _entities: [{ name: '甲' }, null] } },
    },
    { n: 1, other: 2 },
  );
  expect(told).toEqual([
    ['claim', { n: 1 }],
    [
      'household',
      {
        told: [
          { __typename: 'Person', id: 'a' },
          { __typename: 'Person', id: 'b' },
        ],
      },
    ],
  ]);
  const jia = { id: 'a', name: '甲' };
  expect(data.claims).toEqual([jia, { id: 'b' }, null, jia].map((person) => ({ person })));
});

test('what is null is null, and takes nothing away', async () => {
  const [one, two] = [root('one', '{ a }'), root('two', '{ a }')];
  const { data } = await carried([one, two], { one: { data: { a: null, b: 1 } }, two: { data: { b: null, c: null } } });
  expect(data).toEqual({ a: null, b: 1, c: null });
});

test('one of whom the same is told is told of once, one of whom other things are told is told of again', async () => {
  const persons = [
    { id: 'a', keys: ['a', 'x'], knownAt: null },
    { id: 'a', keys: ['a', 'x'], knownAt: '2026-01-01' },
    { id: 'a', keys: ['a', 'x'] },
    { id: 'a', keys: ['a'], knownAt: '2026-01-01' },
    { id: 'b', keys: ['a', 'x'] },
    { id: 'a', keys: ['a', 'x'], knownAt: '2026-01-01' },
  ];
  const death = entities('death', [CLAIMS], about(['claims', 'person'], [KEYS, DAY]));
  const { data, told } = await carried([CLAIMS, death], {
    claim: { data: { claims: persons.map((person) => ({ person: { ...person, keys: [...person.keys] } })) } },
    death: { data: { _entities: ['now', 'then', 'then, under one number', 'b'].map((deaths) => ({ deaths })) } },
  });
  expect(told[1]?.[1].told).toEqual([
    { __typename: 'Person', id: 'a', keys: ['a', 'x'] },
    { __typename: 'Person', id: 'a', keys: ['a', 'x'], knownAt: '2026-01-01' },
    { __typename: 'Person', id: 'a', keys: ['a'], knownAt: '2026-01-01' },
    { __typename: 'Person', id: 'b', keys: ['a', 'x'] },
  ]);
  expect(data.claims.map(({ person }: { person: { deaths: string } }) => person.deaths)).toEqual([
    'now', 'then', 'now', 'then, under one number', 'b', 'then',
  ]); // biome-ignore format: list
});

test('nobody is asked about nobody', async () => {
  const household = entities('household', [CLAIMS], about(['claims', 'person']));
  const { told } = await carried([CLAIMS, household], { claim: { data: claimsOf(null) } });
  expect(told.map(([service]) => service)).toEqual(['claim']);
});

test('an error at an object is an error at each of its places; one without a place, at all that was asked for', async () => {
  const household = entities('household', [CLAIMS], about(['claims', 'person']));
  const errors = [new GraphQLError('no name', { path: ['_entities', 1, 'name'] }), new GraphQLError('down')];
  const answers = { claim: { data: claimsOf('a', 'b', 'b') }, household: { data: null, errors } };
  const below = await carried([CLAIMS, household], answers);
  expect(below.errors.map(({ path }) => path?.join('.'))).toEqual([
    'claims.1.person.name',
    'claims.2.person.name',
    'claims.person',
  ]);
  const whole = await carried([CLAIMS], { claim: { errors: [new GraphQLError('down')] } });
  expect(whole.errors.map(({ path }) => path)).toEqual([['claims'], ['all']]);
});

test.each<[string, object, boolean, boolean]>([
  ['all that is required', { keys: ['a'], knownAt: '2026-01-01' }, false, true],
  ['no day, for nobody asked for one', { keys: ['a'], knownAt: null }, false, true],
  ['no day, for the register failed', { keys: ['a'], knownAt: null }, true, false],
  ['no keys', { keys: null, knownAt: '2026-01-01' }, false, false],
])('a bureau that is told %s', async (_, given, hasFailed, isAsked) => {
  const household = entities('household', [CLAIMS], about(['claims', 'person']));
  const death = entities('death', [CLAIMS, household], about(['claims', 'person'], [KEYS, DAY]));
  const { told, errors, data } = await carried([CLAIMS, household, death], {
    claim: { data: claimsOf('a') },
    household: { data: { _entities: [given] }, ...(hasFailed && { errors: [new GraphQLError('half')] }) },
    death: { data: { _entities: [{ deaths: [] }] } },
  });
  expect(told.some(([service]) => service === 'death')).toBe(isAsked);
  expect(data.claims[0].person.deaths).toEqual(isAsked ? [] : undefined);
  if (!isAsked) expect(errors.at(-1)?.extensions).toEqual({ code: 'UNAVAILABLE', serviceName: 'death' });
}); // biome-ignore format: rows

test('one that hangs holds up those alone that need something of it', async () => {
  const household = entities('household', [CLAIMS], about(['claims', 'person']));
  const [slow, quick] = [root('slow', '{ slow }'), entities('death', [CLAIMS, household], about(['claims', 'person']))];
  const ended: string[] = [];
  let release = () => {};
  const whole = carryOut([slow, CLAIMS, household, quick], {}, async ({ service }) => {
    if (service === 'slow') await new Promise<void>((resolve) => (release = resolve));
    ended.push(service);
    if (service === 'death') release();
    return { data: service === 'claim' ? claimsOf('a') : { _entities: [{}] } };
  });
  await whole;
  expect(ended).toEqual(['claim', 'household', 'death', 'slow']);
});
