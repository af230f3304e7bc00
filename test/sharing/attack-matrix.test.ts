import { agree } from '../support/callers';
import { asked, type Change } from '../support/routes';
import {
  agencyWithout, type Cell, cells, changesWithout, controls, GRANTED, type Matrix, names, offences, openMatrix, shapeControls, tellTales, termsWithout,
} from './attack-matrix'; // biome-ignore format: a list of words
import { SHAPES } from './attack-shapes';
import { answeredInside, calls, openInside } from './attack-subgraph';

jest.setTimeout(240_000);

describe('every shared field, by every path, for a caller who is granted everything else', () => {
  let matrix: Matrix;
  let all: readonly Cell[];
  beforeAll(async () => {
    matrix = await openMatrix();
    all = cells(matrix);
    await agree(matrix.hub, new Map(names(matrix).map((name) => [agencyWithout(name), termsWithout(name)])));
  });
  afterAll(() => matrix.close());

  test('is shown to who is granted it, by every route', async () => {
    expect(await controls(matrix)).toEqual([]);
  });

  test('is shown in every shape', async () => {
    expect(await shapeControls(matrix)).toEqual([]);
  });

  test('is not in data, errors, extensions or headers, and the refusal names it and nothing else', async () => {
    expect(all.length).toBeGreaterThanOrEqual(2_000);
    expect(new Set(all.map(({ withheld }) => withheld))).toEqual(new Set(names(matrix)));
    expect(new Set(all.map(({ shape }) => shape))).toEqual(new Set(SHAPES));
    expect(await offences(matrix, all)).toEqual([]);
  });

  test('is told by nothing that is granted beside it', async () => {
    const told = [];
    for (const name of names(matrix)) told.push(...(await tellTales(matrix, name)));
    expect(told).toEqual([]);
  });

  test('is not given by its bureau either, asked as the gateway asks it, whatever the passage says', async () => {
    const forged = calls(matrix, openInside(matrix));
    expect(forged.length).toBeGreaterThan(1_000);
    expect(await answeredInside(matrix, forged)).toEqual([]);
  });

  test('stands in no audit record and in nothing that the operator was told', async () => {
    const { rows } = await matrix.hub.database.pool.query<{ leaf: string }>(
      `select leaf from audit.record where leaf::jsonb->>'agency' like 'without-%' and leaf::jsonb->>'decision' <> 'GRANTED'`,
    );
    expect(rows.length).toBeGreaterThan(2_000);
    const reported = matrix.hub.reported.map(String).join('\n');
    const kept = rows.map(({ leaf }) => leaf).join('\n');
    const canaries = all.flatMap(({ position, withheld }) =>
      position.isAnswer ? [] : matrix.canariesOf(position, withheld),
    );
    // A record names fields and times of its own: only what cannot be there by chance is looked for.
    const long = new Set(
      canaries.filter((one): one is string => typeof one === 'string' && one.length > 12 && !/^household\./.test(one)),
    );
    expect([...long].filter((canary) => kept.includes(canary) || reported.includes(canary))).toEqual([]);
  });

  test('is changed by nobody who is not granted all that a mutation uses', async () => {
    const { database } = matrix.hub;
    const standing = async () => (await database.pool.query('select xmin, * from crosscheck.finding')).rows;
    const before = await standing();
    const { changes } = matrix.graph;
    expect(new Set(changes.map(({ verb }) => verb))).toEqual(new Set(['REVIEW']));
    const deciding = changes.find(({ field }) => field === 'decideFindings') as Change;
    expect(await changesWithout(matrix)).toEqual([]);
    expect(await standing()).toEqual(before);
    // Who is granted everything may.
    const { graph, given, counter } = matrix;
    const { body } = await counter.ask(GRANTED, { query: `mutation { ${asked(graph, deciding, given)} }` });
    expect(body.errors).toBeUndefined();
    expect(await standing()).not.toEqual(before);
  });
});
