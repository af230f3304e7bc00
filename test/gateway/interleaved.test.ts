import { agree, inTurns, PURPOSE, type Terms } from '../support/callers';
import { plantCanaries } from '../support/canaries';
import { SAMPLE_DAY, type TestHub, testHub } from '../support/hub';

jest.setTimeout(240_000);

/** `HEYAN_TIMES=10000` asks longer; a mix-up would show in far fewer. */
const TIMES = Number(process.env.HEYAN_TIMES ?? 3_000);

/** Different fields of the same kinds, the same field plain and masked, the same kind here and elsewhere. */
const TERMS: Readonly<Record<string, Terms>> = {
  left: ({ kind }) =>
    kind === 'death'
      ? [{ recordKind: kind, fields: ['deathDate', 'certificateNo', 'sourceId'], verbs: ['LOOKUP'] }]
      : kind === 'household'
        ? [
            {
              recordKind: kind,
              fields: ['name', 'birthDate', 'sourceId', 'address'],
              verbs: ['LOOKUP'],
              districts: ['34'],
            },
          ]
        : [],
  right: ({ kind }) =>
    kind === 'death'
      ? [
          {
            recordKind: kind,
            fields: ['deathDate', 'status', 'sourceId'],
            verbs: ['LOOKUP'],
            masks: { deathDate: 'YEAR' },
          },
        ]
      : kind === 'household'
        ? [
            {
              recordKind: kind,
              fields: ['name', 'birthDate', 'sourceId', 'status'],
              verbs: ['LOOKUP'],
              districts: ['65'],
              masks: { name: 'PARTIAL' },
            },
          ]
        : [],
};

describe('two callers with different agreements, in turns and at once', () => {
  let hub: TestHub;
  let person: string;
  let time = Date.parse(`${SAMPLE_DAY}T10:00:00+08:00`);
  beforeAll(async () => {
    // What is remembered for a moment is remembered here as when the hub serves: that is where two callers could meet.
    hub = await testHub({ now: () => new Date(time), elapsed: () => performance.now() });
    person = (await plantCanaries(hub.database)).known.person;
    await agree(hub, new Map(Object.entries(TERMS)));
  });
  afterAll(() => hub.close());

  test(`asking the same documents ${TIMES} times, each is answered by their own and never by the other's`, async () => {
    const one = (inside: string) => `query($id: ID!) { person(id: $id) { ${inside} } }`;
    const documents = [
      one('deaths { deathDate sourceId }'),
      one('deaths { certificateNo }'),
      one('deaths { status }'),
      one('household { sourceId birthDate }'),
      one('name'),
      one('id household { address } deaths { sourceId }'),
      one('id household { status } deaths { sourceId }'),
      '{ __type(name: "Death") { fields { name } } }',
    ];
    const tokens = new Map<string, string>();
    for (const agency of Object.keys(TERMS)) tokens.set(agency, await hub.hub.issuer.issue(agency, 'officer'));
    const ask = async (agency: string, query: string) => {
      const credentials = { authorization: `Bearer ${tokens.get(agency)}`, purpose: PURPOSE };
      const { extensions, ...answer } = await hub.hub.gateway.ask(credentials, query, { id: person });
      return JSON.stringify({ ...answer, freshness: extensions?.freshness });
    };
    const asks = Object.keys(TERMS).flatMap((agency) => documents.map((query) => ({ agency, query })));
    const expected = await inTurns(asks, ({ agency, query }) => ask(agency, query), 1);
    // The two must differ in every document, or nothing could be mixed up.
    expect(new Set(expected).size).toBe(asks.length);
    expect(expected.filter((text) => text.includes('NOT_SHARED'))).toHaveLength(4);

    // A fixed order that looks like none: the multiplier has no factor in common with the number of turns.
    const turns = Array.from({ length: TIMES }, (_, turn) => ((turn * 7_919) % TIMES) % asks.length);
    const mixed = await inTurns(
      turns,
      async (place) => {
        time += 60;
        const { agency, query } = asks[place] as (typeof asks)[number];
        return (await ask(agency, query)) === expected[place];
      },
      64,
    );
    expect(mixed.filter((same) => !same)).toEqual([]);
  });
});
