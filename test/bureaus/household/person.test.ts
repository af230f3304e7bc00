import { type TestHub, testHub } from '../../support/hub';
import { deliver, household, JIA, keyOf, numberOf, smallCity, YI } from '../../support/small-city';
import { watchStatements } from '../../support/statements';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

describe('a person', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
  });
  afterAll(() => hub.close());

  const ask = async (selection: string): Promise<Data> => {
    const { data, errors } = await hub.as()(`{ ${selection} }`);
    expect(errors).toBeUndefined();
    return data;
  };

  const ALL = `{ id idNumber household { sourceId } deaths { sourceId } enrollments { sourceId } retirements { sourceId } povertyMonitoring { sourceId }
    contributions { edges { node { sourceId } } } claims { edges { node { sourceId } } } }`;
  test.each([
    ['the number held today', `idNumber: "${JIA.number}"`],
    ['an earlier number', `idNumber: "${JIA.old}"`],
    ['the key of the number held today', `id: "${keyOf(JIA.number)}"`],
    ['the key of an earlier number', `id: "${keyOf(JIA.old)}"`],
  ])('is found by %s, with the records of all their numbers', async (_, by) => {
    const { person } = await ask(`person(${by}) ${ALL}`);
    expect(person).toEqual({
      id: keyOf(JIA.number),
      idNumber: JIA.number,
      household: { sourceId: 'HJ1' },
      deaths: [{ sourceId: 'SW1' }],
      enrollments: [{ sourceId: 'CB1' }],
      retirements: [{ sourceId: 'TX1' }],
      povertyMonitoring: [{ sourceId: 'PK1' }],
      contributions: { edges: [{ node: { sourceId: 'ZJ2' } }, { node: { sourceId: 'ZJ1' } }] },
      claims: { edges: [{ node: { sourceId: 'JS2' } }, { node: { sourceId: 'JS3' } }, { node: { sourceId: 'JS1' } }] },
    });
  });

  test('is one when reached from a record that is filed under an earlier number', async () => {
    const { claim } = await ask('claim(sourceId: "JS2") { person { idNumber deaths { sourceId } } }');
    expect(claim.person).toEqual({ idNumber: JIA.number, deaths: [{ sourceId: 'SW1' }] });
  });

  test('nobody has heard of is a person without records', async () => {
    const key = keyOf(numberOf('20010101', 999));
    expect((await ask(`person(idNumber: "${numberOf('20010101', 999)}") ${ALL}`)).person).toEqual({
      id: key, idNumber: null, household: null, deaths: [], enrollments: [], retirements: [], povertyMonitoring: [], contributions: { edges: [] }, claims: { edges: [] },
    }); // biome-ignore format: one person
  });

  test('persons come in the order asked, twice when asked twice, and an earlier key as who they are now', async () => {
    const ids = [YI.number, JIA.old, JIA.number, YI.number].map(keyOf);
    const { persons } = await ask(`persons(ids: ${JSON.stringify(ids)}) { id }`);
    expect(persons.map(({ id }: Data) => id)).toEqual([YI.number, JIA.number, JIA.number, YI.number].map(keyOf));
    expect((await ask('persons(ids: []) { id }')).persons).toEqual([]);
  });

  const keys = (count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, i) => i.toString(16).padStart(32, '0')));
  test.each<[string, string, RegExp]>([
    ['neither number nor key', 'person { id }', /exactly one/],
    ['both', `person(idNumber: "${JIA.number}", id: "${keyOf(JIA.number)}") { id }`, /exactly one/],
    ['a number that is none', 'person(idNumber: "123") { id }', /^idNumber has 3 characters/],
    ['a lower-case x', 'person(idNumber: "11010519491231002x") { id }', /upper case/],
    ['a key that is none', 'person(id: "zz") { id }', /32 lower-case hex/],
    ['a key in upper case', `person(id: "${'A'.repeat(32)}") { id }`, /32 lower-case hex/],
    ['one key of several that is none', `persons(ids: ["${keyOf(JIA.number)}", ""]) { id }`, /32 lower-case hex/],
    ['1,001 persons', `persons(ids: ${keys(1_001)}) { id }`, /at most 1000/],
  ])('asked for by %s is bad input, and no statement is sent', async (_, selection, message) => {
    const watch = watchStatements(hub.database);
    const { data, errors } = await hub.as()(`{ ${selection} }`);
    watch.stop();
    expect(watch.ofBureaus()).toEqual([]);
    expect(Object.values(data ?? { none: null })).toEqual([null]);
    expect(errors?.map((error) => [error.extensions?.code, message.test(error.message)])).toEqual([
      ['BAD_USER_INPUT', true],
    ]);
  });

  test('a thousand persons are found with one statement', async () => {
    const watch = watchStatements(hub.database);
    expect((await ask(`persons(ids: ${keys(1_000)}) { id }`)).persons).toHaveLength(1_000);
    watch.stop();
    expect(watch.ofBureaus()).toHaveLength(1);
  });

  test('whose register entry is corrected is known by the new number from then on', async () => {
    const renumbered = { number: numberOf('19800102', 777), name: YI.name };
    await deliver(hub.database, {
      household: [household(renumbered, 'HJ2', { previous_id_numbers: YI.number, updated_at: '2026-06-10' })],
    });
    const { person } = await ask(
      `person(idNumber: "${YI.number}") { id claims(first: 1) { edges { node { sourceId } } } enrollments { sourceId } }`,
    );
    expect(person).toEqual({
      id: keyOf(renumbered.number),
      claims: { edges: [{ node: { sourceId: 'JS20' } }] },
      enrollments: [{ sourceId: 'CB2' }],
    });
  });
});
