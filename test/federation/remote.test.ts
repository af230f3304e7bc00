import { type TestHub, testHub } from '../support/hub';
import { hubDirectory, type TestPremises, testPremises } from '../support/premises';
import { deliver, JIA, keyOf, smallCity, YI } from '../support/small-city';

const PERSON = `query($id: ID!, $day: Date!) {
  person(id: $id) {
    id name aliveOn(date: $day) retiredOn(date: $day)
    deaths { sourceId deathDate status } household { status }
    claims(first: 5) { edges { node { sourceId totalAmount person { id name } } } }
  }
}`;

describe('a bureau on its own premises answers as one in this process does', () => {
  let near: TestHub;
  let far: TestHub;
  let death: TestPremises;
  let household: TestPremises;
  let directory: Awaited<ReturnType<typeof hubDirectory>>;
  beforeAll(async () => {
    directory = await hubDirectory();
    const { keysFile, dataDirectory } = directory;
    [near, death, household] = await Promise.all([
      testHub(),
      testPremises(['death'], { keysFile }),
      testPremises(['household'], { keysFile }),
    ]);
    far = await testHub({ dataDirectory, subgraphs: { ...death.settings, ...household.settings } });
    const city = smallCity();
    const { death: deaths = [], household: entries = [], ...others } = city;
    await deliver(near.database, city);
    await deliver(death.database, { death: deaths });
    await deliver(household.database, { household: entries });
    await deliver(far.database, others);
  });
  afterAll(async () => {
    for (const one of [far, near, death, household]) await one?.close();
    directory.remove();
  });

  test.each([
    ['one who died', JIA],
    ['one alive', YI],
  ])('%s', async (_, person) => {
    const variables = { id: keyOf(person.number), day: '2026-06-01' };
    const here = await near.as()(PERSON, variables);
    const there = await far.as()(PERSON, variables);
    expect(here.errors).toBeUndefined();
    expect(there.errors).toBeUndefined();
    expect(there.data).toEqual(here.data);
  });
});
