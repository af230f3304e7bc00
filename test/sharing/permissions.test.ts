import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Clause } from '../../src/sharing/agreement';
import { agree, type Terms } from '../support/callers';
import { type Matrix, openMatrix } from './attack-matrix';
import { agreeOnExamples, foundingRows, LEGEND, type Row, section } from './permission-matrix';

jest.setTimeout(240_000);

const GOLDEN = path.join(__dirname, '../golden/permissions.txt');

describe('the permission matrix', () => {
  let matrix: Matrix;
  beforeAll(async () => {
    matrix = await openMatrix();
  });
  afterAll(() => matrix.close());

  // HEYAN_GOLDEN=write writes it anew: read what changed before it is kept.
  test('is what test/golden/permissions.txt says', async () => {
    const rows = [...(await foundingRows(matrix)), ...(await agreeOnExamples(matrix))];
    const sections = [];
    for (const row of rows) sections.push((await section(matrix, row)).join('\n'));
    const text = [LEGEND, ...sections].join('\n\n').concat('\n');
    if (process.env.HEYAN_GOLDEN === 'write') writeFileSync(GOLDEN, text);
    expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
  });

  describe('of two agencies changes, when one clause of one of them changes', () => {
    const ONE: Row = { agency: 'example-one', purpose: 'REVIEW' };
    const OTHER: Row = { agency: 'example-other', purpose: 'REVIEW' };
    const CLAUSE: Clause = { recordKind: 'death', fields: ['status', 'deathDate', 'source'], verbs: ['LOOKUP'] };
    const terms =
      (clause: Clause): Terms =>
      ({ kind }) =>
        kind === 'death'
          ? [clause]
          : kind === 'household'
            ? [{ recordKind: kind, fields: ['name'], verbs: ['LOOKUP', 'FEED'] }]
            : [];
    const look = async () => {
      const lines = [];
      for (const row of [ONE, OTHER])
        lines.push(...(await section(matrix, row, (name) => /^(death|household)\./.test(name))));
      return lines;
    };
    let version = 1;
    const change = async (clause: Clause) => {
      version += 1;
      await matrix.hub.database.pool.query(
        `update sharing.agreement set state = 'REVOKED', revoked_by = 'one', revoked_at = now(), revoked_reason = 'a change' where agency = $1 and state = 'APPROVED'`,
        [ONE.agency],
      );
      await agree(matrix.hub, new Map([[ONE.agency, terms(clause)]]), { version });
      matrix.forget();
    };
    beforeAll(() => agree(matrix.hub, new Map([ONE.agency, OTHER.agency].map((agency) => [agency, terms(CLAUSE)]))));

    test.each<[string, Clause, readonly string[]]>([
      ['nothing', CLAUSE, []],
      [
        'one field more',
        { ...CLAUSE, fields: [...CLAUSE.fields, 'birthDate'] },
        ['death.birthDate . x . . . > . x . . .'],
      ],
      ['one field less', { ...CLAUSE, fields: ['status', 'source'] }, ['death.deathDate']],
      ['one verb more', { ...CLAUSE, verbs: ['LOOKUP', 'FEED'] }, ['death.deathDate', 'death.source', 'death.status']],
      ['one mask', { ...CLAUSE, masks: { deathDate: 'YEAR' } }, ['death.deathDate']],
      ['one district', { ...CLAUSE, districts: ['65'] }, ['death.deathDate', 'death.source', 'death.status']],
    ])('by %s: the lines of its fields, and nothing else', async (_, clause, fields) => {
      await change(CLAUSE);
      const before = await look();
      await change(clause);
      const after = await look();
      expect(after).toHaveLength(before.length);
      const changed = before.flatMap((line, place) => (after[place] === line ? [] : [line, after[place] as string]));
      void fields;
      expect(changed).toMatchInlineSnapshot();
    });
  });
});
