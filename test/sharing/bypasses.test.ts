/**
 * Ways around permission layers of GraphQL servers that have been published, tried on this one: caches keyed by rule, fragments on concrete types,
 * aliases, required fields of other services, sorting by hidden fields, the services' own fields, introspection, suggestions. What is odd about the
 * request itself is tried in bypasses-requests.test.ts.
 */
import { getIntrospectionQuery } from 'graphql';
import { type Attempt, agree, everything, type Terms } from '../support/callers';
import { faultsOfRefusal, findIn } from '../support/leak';
import { watchStatements } from '../support/statements';
import { GRANTED, type Matrix, openMatrix } from './attack-matrix';

jest.setTimeout(120_000);

/** What each agency is granted, by kind. */
const AGENCIES: Readonly<Record<string, Terms>> = {
  narrow: ({ kind }) =>
    kind === 'death' ? [{ recordKind: kind, fields: ['status', 'source'], verbs: ['LOOKUP'] }] : [],
  answers: (kind) => [{ ...everything(kind), verbs: ['VERIFY'] }],
  'half-answers': ({ kind }) =>
    kind === 'death' ? [{ recordKind: kind, fields: ['aliveOn'], verbs: ['VERIFY'] }] : [],
  hidden: (kind) => [
    {
      ...everything(kind),
      fields: everything(kind).fields.filter(
        (field) => !['serviceDate', 'period', 'lineNo', 'institutionCode'].includes(field),
      ),
    },
  ],
  outsider: () => [],
};

describe('published bypasses', () => {
  let matrix: Matrix;
  let person: string;
  beforeAll(async () => {
    matrix = await openMatrix();
    person = matrix.city.known.person;
    await agree(matrix.hub, new Map(Object.entries(AGENCIES)));
  });
  afterAll(() => matrix.close());

  const ask = (agency: string, attempt: string | Attempt) =>
    matrix.counter.ask(agency, typeof attempt === 'string' ? { query: attempt } : attempt);
  const canary = (name: string) => matrix.city.canaries.get(name)?.[0];
  const refusals = (body: { errors?: { extensions: Record<string, string> }[] }) =>
    (body.errors ?? []).map(
      ({ extensions }) => `${extensions.code} ${extensions.field} ${extensions.verb} ${extensions.reason}`,
    );

  describe('caches keyed by rule: what was granted first says nothing of what comes next', () => {
    test.each(['status name', 'name status', 'status source name', 'a: status name b: status', 'name name status'])(
      '{ %s }',
      async (fields) => {
        for (let time = 0; time < 3; time++) {
          const granted = await ask('narrow', `{ person(id: "${person}") { deaths { status source } } }`);
          expect(granted.body.data.person.deaths).toEqual([
            { status: canary('death.status'), source: canary('death.source') },
          ]);
          const { body } = await ask('narrow', `{ person(id: "${person}") { deaths { ${fields} } } }`);
          expect([body.data, refusals(body)]).toEqual([null, ['NOT_SHARED death.name LOOKUP FIELD']]);
        }
      },
    );
  });

  test.each<[string, string]>([
    ['a fragment on the concrete type', '... on Death { name }'],
    ['a fragment on the concrete type inside one without a type', '... { ... on Death { name } }'],
    ['a fragment after a granted one', '...granted ... on Death { name }'],
  ])('%s', async (_, inside) => {
    const { body } = await ask(
      'narrow',
      `{ person(id: "${person}") { deaths { status ${inside} } } } fragment granted on Death { status }`.replace(
        inside.includes('granted') ? '' : ' fragment granted on Death { status }',
        '',
      ),
    );
    expect([body.data, refusals(body)]).toEqual([null, ['NOT_SHARED death.name LOOKUP FIELD']]);
  });

  describe('aliases', () => {
    test.each([
      ['__proto__', 'RESERVED_NAME'],
      ['constructor', 'RESERVED_NAME'],
      ['toString', 'RESERVED_NAME'],
      ['__typename', 'RESERVED_NAME'],
      // By these bureaus find each other's records: a field under such a name would be taken for a key.
      ['id', 'RESERVED_NAME'],
      ['keys', 'RESERVED_NAME'],
      ['registeredNames', 'RESERVED_NAME'],
    ])('%s is refused, whoever asks', async (alias, code) => {
      for (const query of [
        `{ ${alias}: person(id: "${person}") { id } }`,
        `{ person(id: "${person}") { ${alias}: name } }`,
        `{ person(id: "${person}") { deaths { ${alias}: name } } }`,
      ])
        for (const agency of ['narrow', GRANTED]) {
          const { status, body } = await ask(agency, query);
          expect([status, body.errors[0].extensions.code, body.data ?? null]).toEqual([400, code, null]);
        }
      expect(Object.keys(Object.prototype)).toEqual([]);
    });

    test('5,000 of one field are refused before any statement', async () => {
      const watch = watchStatements(matrix.hub.database);
      const many = Array.from({ length: 5_000 }, (_, i) => `a${i}: status`).join(' ');
      const { status, body } = await ask(GRANTED, `{ person(id: "${person}") { deaths { ${many} } } }`);
      watch.stop();
      expect([status, body.errors.length, watch.ofBureaus()]).toEqual([400, 1, []]);
    });
    test('a field under the name of a granted one is still itself', async () => {
      const { body } = await ask(
        'narrow',
        `{ person(id: "${person}") { deaths { status: certificateNo source: name } } }`,
      );
      expect([body.data, refusals(body).sort()]).toEqual([
        null,
        ['NOT_SHARED death.certificateNo LOOKUP FIELD', 'NOT_SHARED death.name LOOKUP FIELD'],
      ]);
    });
  });

  describe('what one service requires of another', () => {
    test('an answer that rests on two bureaus needs both', async () => {
      const { body } = await ask('half-answers', `{ person(id: "${person}") { aliveOn(date: "2026-01-01") } }`);
      expect([body.data, refusals(body)]).toEqual([null, ['NOT_SHARED household.aliveOn VERIFY NO_AGREEMENT']]);
    });

    test.each(['keys', 'registeredNames', 'registeredActive'])(
      "%s, which bureaus hand each other, is nobody's to ask for",
      async (field) => {
        for (const agency of ['narrow', GRANTED]) {
          const { status, body } = await ask(agency, `{ person(id: "${person}") { ${field} } }`);
          expect([
            status,
            body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code),
          ]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
        }
      },
    );
  });

  describe('filtering or sorting by a field that may not be read', () => {
    test.each<[string, string, string[]]>([
      [
        'a filter',
        'claims(institutionCode: "x") { pageInfo { hasNextPage } }',
        ['claim.institutionCode', 'claim.serviceDate'],
      ],
      [
        'a filter by a range',
        'claims(institutionCode: "x", from: "1950-01-01", to: "1960-01-01") { __typename }',
        ['claim.institutionCode', 'claim.serviceDate'],
      ],
      [
        'the order of a list, told by its cursors',
        'person(id: "PERSON") { claims(first: 1) { edges { cursor } } }',
        ['claim.serviceDate'],
      ],
      [
        'the order of a list, told by where a page ends',
        'person(id: "PERSON") { contributions(first: 1) { pageInfo { endCursor } } }',
        ['contribution.period'],
      ],
      [
        'the order of a list alone',
        'person(id: "PERSON") { contributions(first: 1) { __typename } }',
        ['contribution.period'],
      ],
      [
        "a cursor of one's own making",
        `person(id: "PERSON") { contributions(first: 1, after: "${Buffer.from('["1972-10","A"]').toString('base64url')}") { pageInfo { hasNextPage } } }`,
        ['contribution.period'],
      ],
      [
        'the order of lines',
        'claim(sourceId: "CANARY-CLAIM-SOURCE") { lines(first: 1) { edges { cursor } } }',
        ['claim_line.lineNo'],
      ],
    ])('%s', async (_, inside, fields) => {
      const answer = await ask('hidden', `{ ${inside.replace('PERSON', person)} }`);
      expect(faultsOfRefusal(answer, (field) => fields.includes(field))).toEqual([]);
      expect(refusals(answer.body)).toHaveLength(fields.length);
    });
  });

  test.each<[string, Attempt]>([
    ['_service', { query: '{ _service { sdl } }' }],
    [
      '_entities',
      { query: '{ _entities(representations: [{ __typename: "Person", id: "x" }]) { ... on Person { name } } }' },
    ],
    [
      '_entities by a variable',
      { query: 'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }', variables: { r: [] } },
    ],
    ['a type of the supergraph', { query: '{ __type(name: "join__Graph") { enumValues { name } } }' }],
  ])('%s, called from outside', async (_, attempt) => {
    for (const agency of ['narrow', GRANTED]) {
      const { text, body } = await ask(agency, attempt);
      expect(body.data?.__type ?? null).toBeNull();
      expect(text).not.toMatch(/local:|@tag|@join|canary|"sdl"/);
    }
  });

  describe('introspection', () => {
    const NAMES = ['certificateNo', 'Household', 'Claim', 'claimChanges', 'insuredOn', 'Retirement', 'findings'];
    test('an outsider sees its own affairs, and the names of nothing that is shared', async () => {
      const { body, text } = await ask('outsider', getIntrospectionQuery());
      const types: { name: string; fields: { name: string }[] | null }[] = body.data.__schema.types;
      const roots = types.find(({ name }) => name === 'Query')?.fields?.map(({ name }) => name);
      expect(roots).toEqual(expect.arrayContaining(['agreement', 'agreements']));
      expect(roots?.filter((name) => matrix.graph.map.tagsOf('Query', name)?.own !== true)).toEqual([]);
      for (const name of [...NAMES, 'Person', 'Death', 'person']) expect(text).not.toContain(`"${name}"`);
      expect((await ask('outsider', '{ __type(name: "Death") { fields { name } } }')).body.data).toEqual({
        __type: null,
      });
      const bare = await ask('outsider', '{ __typename }');
      expect([bare.body.data, refusals(bare.body)]).toEqual([null, ['NOT_SHARED * LOOKUP NO_AGREEMENT']]);
    });

    test('a narrow agency sees what its agreements reach, and the names of nothing else', async () => {
      const { body, text } = await ask('narrow', getIntrospectionQuery());
      const types: { name: string; fields: { name: string }[] | null }[] = body.data.__schema.types;
      const fieldsOf = (name: string) => types.find((type) => type.name === name)?.fields?.map((field) => field.name);
      expect([fieldsOf('Death')?.sort(), fieldsOf('Person')?.sort()]).toEqual([
        ['source', 'status'],
        ['deaths', 'id'],
      ]);
      for (const name of NAMES) expect(text).not.toContain(`"${name}"`);
      expect((await ask('narrow', '{ __type(name: "Household") { name } }')).body.data).toEqual({ __type: null });
    });
    test('schema and data in one operation are refused', async () => {
      const { body } = await ask(
        'narrow',
        `{ __schema { types { name } } person(id: "${person}") { deaths { status } } }`,
      );
      expect([body.data ?? null, body.errors.length]).toEqual([null, 1]);
    });
  });

  test.each([
    '{ persn { id } }',
    '{ person(id: "x") { nam } }',
    '{ person(id: "x") { deaths { certificateN } } }',
    '{ person(idd: "x") { id } }',
    '{ claims { edges { cursor } } }',
    'query($x: Persn) { __typename }',
    '{ person(id: "x") { ... on Deth { id } } }',
    '{ person(id: "x") { insuredOn(date: "2026-01-01", scheme: RESIDEN) } }',
  ])('a mistake suggests nothing: %s', async (query) => {
    for (const agency of ['outsider', 'narrow', GRANTED]) {
      const { status, text, body } = await ask(agency, query);
      expect([status, body.errors.length]).toEqual([400, 1]);
      expect(text).not.toMatch(/Did you mean|certificateNo|"person"|RESIDENT"|EMPLOYEE/);
    }
  });

  describe('answers of yes, no or unknown are no way to records', () => {
    const ASK = (id: string, by = 'id') =>
      `{ person(${by}: "${id}") { aliveOn(date: "2026-01-01") insuredOn(date: "2026-01-01") retiredOn(date: "2026-01-01") monitoredOn(date: "2026-01-01") paidFor(period: "2025", scheme: RESIDENT) } }`;

    test('whoever may verify may not read, count or find out keys', async () => {
      for (const inside of [
        'id',
        'name',
        'idNumber',
        'household { status }',
        'deaths { status }',
        'deaths { __typename }',
        'claims(first: 1) { pageInfo { hasNextPage } }',
        'retirements { retiredOn }',
        'enrollments { person { id } }',
      ]) {
        const answer = await ask('answers', `{ person(id: "${person}") { aliveOn(date: "2026-01-01") ${inside} } }`);
        expect([inside, faultsOfRefusal(answer, () => true)]).toEqual([inside, []]);
      }
    });

    test('a person nobody has heard of is answered in the same shape, with UNKNOWN', async () => {
      const known = await ask('answers', ASK(person));
      const unknown = await ask('answers', ASK('00000000000000000000000000000000'));
      expect(unknown.body.data.person).toEqual({
        aliveOn: 'UNKNOWN',
        insuredOn: 'UNKNOWN',
        retiredOn: 'UNKNOWN',
        monitoredOn: 'UNKNOWN',
        paidFor: 'UNKNOWN',
      });
      expect(Object.keys(known.body.data.person)).toEqual(Object.keys(unknown.body.data.person));
      expect(known.body.extensions.freshness).toEqual(unknown.body.extensions.freshness);
      expect([known.status, known.body.errors]).toEqual([unknown.status, unknown.body.errors]);
    });

    test('answers say nothing else', async () => {
      const { body } = await ask('answers', ASK(person));
      const { freshness: _served, ...extensions } = body.extensions;
      const all = [...matrix.city.canaries.values()]
        .flat()
        .filter((value) => typeof value === 'string' && value.length > 8);
      expect(findIn({ data: body.data, extensions }, all)).toEqual([]);
    });
  });
});
