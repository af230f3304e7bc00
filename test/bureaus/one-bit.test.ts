import { Answer, existence } from '../../src/bureaus/one-bit';
import { approve } from '../support/agreement';
import { ONE_BIT_ANSWERS } from '../support/callers';
import { type TestHub, testHub } from '../support/hub';
import { BING, deliver, JIA, keyOf, numberOf, smallCity, YI } from '../support/small-city';
import { watchStatements } from '../support/statements';

describe('existence', () => {
  test.each<[number[], string, boolean, string, Answer]>([
    [[1], '2026-06-30', false, '2026-06-30', Answer.YES],
    [[2], '2026-06-30', false, '2026-06-30', Answer.NO],
    [[], '2026-06-30', false, '2026-06-30', Answer.UNKNOWN],
    [[2], '2026-06-30', true, '2026-06-30', Answer.UNKNOWN],
    [[1], '2026-06-30', true, '2026-06-30', Answer.YES],
    [[1], '2026-06-29', false, '2026-06-30', Answer.UNKNOWN],
    [[2], '2026-06-29', false, '2026-06-30', Answer.UNKNOWN],
  ])('of 1 among %j, complete to %s, partial %s, on %s is %s', (rows, completeTo, isPartial, day, expected) => {
    expect(existence({ rows, completeTo, isPartial }, day, (row) => row === 1)).toBe(expected);
  });
});

describe('one-bit answers', () => {
  const NOBODY = numberOf('19900909', 909);
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub({ founded: false });
    await deliver(hub.database, smallCity());
    for (const [provider, recordKind, name] of ONE_BIT_ANSWERS)
      await approve(hub.database, hub.hub.signer, {
        provider,
        agency: 'window',
        purposes: ['SERVICE'],
        clauses: [{ recordKind, fields: [name], verbs: ['VERIFY'] }],
      });
  });
  afterAll(() => hub.close());

  const ask = (query: string, variables = {}) => hub.as({ agency: 'window', purpose: 'SERVICE' })(query, variables);

  test.each<[string, string, Answer]>([
    [YI.number, 'aliveOn(date: "2026-05-01")', Answer.YES],
    [JIA.number, 'aliveOn(date: "2026-03-09")', Answer.YES],
    [JIA.number, 'aliveOn(date: "2026-03-11")', Answer.NO],
    [JIA.old, 'aliveOn(date: "2026-03-11")', Answer.NO],
    [NOBODY, 'aliveOn(date: "2026-03-11")', Answer.UNKNOWN],
    [YI.number, 'aliveOn(date: "2199-01-01")', Answer.UNKNOWN],
    [YI.number, 'insuredOn(date: "2026-05-01")', Answer.YES],
    [YI.number, 'insuredOn(date: "2026-05-01", scheme: EMPLOYEE)', Answer.YES],
    [YI.number, 'insuredOn(date: "2026-05-01", scheme: RESIDENT)', Answer.NO],
    [YI.number, 'insuredOn(date: "2009-12-31")', Answer.NO],
    [JIA.number, 'insuredOn(date: "2026-05-01", scheme: RESIDENT)', Answer.YES],
    [NOBODY, 'insuredOn(date: "2026-05-01")', Answer.UNKNOWN],
    [JIA.number, 'retiredOn(date: "2006-05-07")', Answer.YES],
    [JIA.number, 'retiredOn(date: "2006-05-06")', Answer.NO],
    [YI.number, 'retiredOn(date: "2026-01-01")', Answer.UNKNOWN],
    [JIA.number, 'paidFor(period: "2025", scheme: RESIDENT)', Answer.YES],
    [JIA.number, 'paidFor(period: "2024", scheme: RESIDENT)', Answer.NO],
    [JIA.number, 'paidFor(period: "2025-01", scheme: EMPLOYEE)', Answer.NO],
    [JIA.number, 'paidFor(period: "2199", scheme: RESIDENT)', Answer.UNKNOWN],
    [BING.number, 'paidFor(period: "2025", scheme: RESIDENT)', Answer.UNKNOWN],
    [JIA.old, 'monitoredOn(date: "2024-01-01")', Answer.YES],
    [JIA.number, 'monitoredOn(date: "2023-12-31")', Answer.NO],
    [YI.number, 'monitoredOn(date: "2024-01-01")', Answer.UNKNOWN],
  ])('of %s, %s is %s', async (number, field, expected) => {
    const { data, errors } = await ask(`query($n: String!) { person(idNumber: $n) { answer: ${field} } }`, {
      n: number,
    });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ person: { answer: expected } });
  });

  test('say how fresh what they rest on is', async () => {
    const query = `{ person(idNumber: "${YI.number}") { aliveOn(date: "2026-05-01") paidFor(period: "2025", scheme: RESIDENT) } }`;
    const { extensions } = await ask(query);
    expect(Object.keys(extensions?.freshness as object)).toEqual(['contribution', 'death', 'household']);
  });

  test.each([
    ['a period that does not fit its scheme', 'paidFor(period: "2025", scheme: EMPLOYEE)', 'BAD_USER_INPUT'],
    ['a day that does not exist', 'aliveOn(date: "2026-02-30")', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s is said', async (_, field, code) => {
    const { errors } = await ask(`{ person(idNumber: "${YI.number}") { ${field} } }`);
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual([code]);
  });

  test.each([
    'id',
    'name',
    'household { status }',
    'deaths { sourceId }',
    'deaths { __typename }',
    'claims { pageInfo { hasNextPage } }',
  ])('give no right to read %s', async (field) => {
    for (const number of [YI.number, NOBODY]) {
      const { data, errors } = await ask(`{ person(idNumber: "${number}") { aliveOn(date: "2026-05-01") ${field} } }`);
      expect(data).toBeNull();
      expect(errors?.every(({ extensions }) => extensions?.code === 'NOT_SHARED')).toBe(true);
    }
  });

  test('cost one statement for each kind, however many persons and questions', async () => {
    const ids = [YI, JIA, BING].map(({ number }) => keyOf(number));
    const watch = watchStatements(hub.database);
    await ask(
      'query($ids: [ID!]!) { persons(ids: $ids) { a: aliveOn(date: "2026-05-01") b: aliveOn(date: "2026-01-01") insuredOn(date: "2026-01-01") } }',
      { ids },
    );
    const statements = watch.ofBureaus();
    watch.stop();
    for (const table of ['death.revision', 'household.revision', 'enrollment.revision'])
      expect(statements.filter((text) => text.includes(`from ${table}`))).toHaveLength(1);
    expect(statements.join(' ')).not.toMatch(/r\.(name|id_number|address|certificate_no)\b/);
  });

  test('a bureau that never delivered knows nothing', async () => {
    const empty = await testHub({ founded: false });
    for (const [provider, recordKind, name] of ONE_BIT_ANSWERS)
      await approve(empty.database, empty.hub.signer, {
        provider,
        agency: 'window',
        purposes: ['SERVICE'],
        clauses: [{ recordKind, fields: [name], verbs: ['VERIFY'] }],
      });
    const { data } = await empty.as({ agency: 'window', purpose: 'SERVICE' })(
      `{ person(idNumber: "${YI.number}") { aliveOn(date: "2020-01-01") insuredOn(date: "2020-01-01") retiredOn(date: "2020-01-01") paidFor(period: "2020", scheme: RESIDENT) monitoredOn(date: "2020-01-01") } }`,
    );
    expect(new Set(Object.values(data?.person as object))).toEqual(new Set(['UNKNOWN']));
    await empty.close();
  });
});
