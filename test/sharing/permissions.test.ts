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
      ['one field more', { ...CLAUSE, fields: [...CLAUSE.fields, 'birthDate'] }, ['birthDate -...-- -x..--']],
      ['one field less', { ...CLAUSE, fields: ['status', 'source'] }, ['deathDate -x..-- -...--']],
      [
        'one verb more',
        { ...CLAUSE, verbs: ['LOOKUP', 'FEED'] },
        ['deathDate -x..-- -x.x--', 'source -x..-- -x.x--', 'status -x..-- -x.x--'],
      ],
      [
        'another verb',
        { ...CLAUSE, verbs: ['FEED'] },
        ['deathDate -x..-- -..x--', 'source -x..-- -..x--', 'status -x..-- -..x--'],
      ],
      ['one mask', { ...CLAUSE, masks: { deathDate: 'YEAR' } }, ['deathDate -x..-- -m..--']],
      [
        'one district',
        { ...CLAUSE, districts: ['65'] },
        ['deathDate -x..-- -d..--', 'source -x..-- -d..--', 'status -x..-- -d..--'],
      ],
    ])('by %s: the lines of its fields, and nothing else', async (_, clause, expected) => {
      await change(CLAUSE);
      const before = await look();
      await change(clause);
      const after = await look();
      expect(after).toHaveLength(before.length);
      // The agency's own lines stand first: a change in the other's would be at a place behind them.
      const changed = before.slice(0, before.length / 2).flatMap((line, place) => {
        const [name, ...marks] = line.trim().split(/\s+/);
        const [same, ...now] = (after[place] as string).trim().split(/\s+/);
        return line === after[place]
          ? []
          : [`${same?.replace('death.', '')} ${marks.join('')} ${now.join('')}${same === name ? '' : ' moved'}`];
      });
      expect(changed).toEqual(expected);
      expect(after.slice(before.length / 2)).toEqual(before.slice(before.length / 2));
    });
  });
});
