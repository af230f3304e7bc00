/** What could be known of a person by the end of a day: the sample city's two deliveries, ten days apart. */
import path from 'node:path';
import { approve } from '../support/agreement';
import { SAMPLE_CITY, SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { takeIn } from '../support/shape';

const FIRST = '2026-06-20';
const SECOND = '2026-06-30';

let t: TestHub;

beforeAll(async () => {
  t = await testHub();
  // Late in the evening in Shanghai and early the next morning there, on one day in London.
  await load('delivery', `${FIRST}T23:59:59+08:00`);
  await load('delivery-2', `${SECOND}T00:00:01+08:00`);
});

afterAll(() => t.close());

const load = (delivery: string, now: string) =>
  takeIn(t.database, {
    directory: path.join(SAMPLE_CITY, delivery),
    hubKey: SAMPLE_KEY,
    quarantineLimit: 0.2,
    now: () => new Date(now),
  });

// biome-ignore lint/suspicious/noExplicitAny: an answer's shape is its query's
type Answered = any;

async function person(idNumber: string, knownAt: string | null): Promise<Answered> {
  const { data, errors } = await t.as()(
    `query ($idNumber: String, $knownAt: Date) { person(idNumber: $idNumber, knownAt: $knownAt) {
      household { status }
      deaths { sourceId status deathDate validAsOf }
      claims { edges { node { sourceId status lines { edges { node { sourceId } } } } } }
    } }`,
    { idNumber, knownAt },
  );
  expect(errors).toBeUndefined();
  return data?.person;
}

const DAYS: [string, string | null][] = [
  ['before anything came', '2026-06-19'],
  ['by the end of the first day', FIRST],
  ['the day before the second', '2026-06-29'],
  ['by the end of the second day', SECOND],
  ['on a day to come', '2026-12-31'],
  ['now', null],
];
const CHANGED = [[], ['2025-04-30'], ['2025-04-30'], ['2025-05-30'], ['2025-05-30'], ['2025-05-30']];
const VOIDED = [[], ['VALID'], ['VALID'], ['VOIDED'], ['VOIDED'], ['VOIDED']];
const LATE = [false, false, false, true, true, true];

test.each(DAYS.map(([when, day], place) => [when, day, place] as const))('%s', async (_, day, place) => {
  const [changed, voided, late] = await Promise.all(
    ['632121195801072282', '340323199306120890', '340304195705142467'].map((number) => person(number, day)),
  );
  expect(changed.deaths.map(({ deathDate }: Answered) => deathDate)).toEqual(CHANGED[place]);
  expect(voided.deaths.map(({ status }: Answered) => status)).toEqual(VOIDED[place]);
  expect(late.deaths.some(({ sourceId }: Answered) => sourceId === 'SW000000107')).toBe(LATE[place]);
  // The register entry too: nobody was known before the first delivery.
  expect(late.household === null).toBe(place === 0);
  // How complete a register was before its last delivery is not kept, and not claimed.
  for (const { validAsOf } of voided.deaths) expect(validAsOf === null).toBe(place < 3);
});

async function claimOf(idNumber: string, sourceId: string, day: string | null): Promise<Answered> {
  const { claims } = await person(idNumber, day);
  return claims.edges.find(({ node }: Answered) => node.sourceId === sourceId)?.node;
}

test('pages of claims and the lines below them', async () => {
  const statusOf = async (day: string | null) => (await claimOf('340302197410037308', 'JS000002945', day)).status;
  expect([await statusOf(FIRST), await statusOf(null)]).toEqual(['PAID', 'RECOVERED']);

  const linesOf = async (day: string | null) => {
    const { lines } = await claimOf('340311197103204846', 'JS000003723', day);
    return lines.edges.map(({ node }: Answered) => node.sourceId);
  };
  expect(await linesOf(FIRST)).toContain('JS000003723-2');
  expect(await linesOf(null)).not.toContain('JS000003723-2');
  expect(await linesOf(null)).not.toEqual([]);

  // A claim taken back: gone now, there before.
  expect((await claimOf('340311196103261715', 'JS000000064', FIRST)).status).toBe('PAID');
  expect(await claimOf('340311196103261715', 'JS000000064', SECOND)).toBeUndefined();
});

test('two days in one operation', async () => {
  const { data, errors } = await t.as()(`{
    before: person(idNumber: "632121195801072282", knownAt: "${FIRST}") { deaths { deathDate } }
    now: person(idNumber: "632121195801072282") { deaths { deathDate } }
  }`);
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    before: { deaths: [{ deathDate: '2025-04-30' }] },
    now: { deaths: [{ deathDate: '2025-05-30' }] },
  });
});

test('what is masked or in another district is so as of before too', async () => {
  const clause = {
    recordKind: 'death',
    fields: ['sourceId', 'deathDate', 'placeDistrict'],
    verbs: ['LOOKUP' as const],
    masks: { deathDate: 'YEAR' as const },
    districts: ['340304'],
  };
  await approve(t.database, t.hub.signer, { agency: 'narrow', purposes: ['REVIEW'], clauses: [clause] });
  const ask = t.as({ agency: 'narrow', purpose: 'REVIEW' });
  for (const day of [FIRST, SECOND, null]) {
    const { data, errors } = await ask(
      `query ($day: Date) {
        inside: person(idNumber: "340323199306120890", knownAt: $day) { deaths { deathDate placeDistrict } }
        outside: person(idNumber: "632121195801072282", knownAt: $day) { deaths { deathDate placeDistrict } }
      }`,
      { day },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      inside: { deaths: [{ deathDate: '2024', placeDistrict: '340304' }] },
      outside: { deaths: [] },
    });
    const refused = await ask(
      `query ($day: Date) { person(idNumber: "340323199306120890", knownAt: $day) { deaths { name } } }`,
      { day },
    );
    expect(refused).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'NOT_SHARED', field: 'death.name' } }],
    });
  }
});

test('a one-bit answer as of before is not known: how complete the registers were is not kept', async () => {
  const answers = await t.as()(`{
    before: person(idNumber: "340323199306120890", knownAt: "${FIRST}") { aliveOn(date: "2025-06-01") insuredOn(date: "2025-06-01", scheme: RESIDENT) }
    now: person(idNumber: "340323199306120890") { aliveOn(date: "2025-06-01") }
  }`);
  expect(answers.errors).toBeUndefined();
  expect(answers.data).toEqual({
    before: { aliveOn: 'UNKNOWN', insuredOn: 'UNKNOWN' },
    now: { aliveOn: 'YES' },
  });
});
