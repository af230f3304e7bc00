import { recordKinds } from '../../../../src/bureaus/bureau';
import type { RecordKind } from '../../../../src/bureaus/record';
import { layoutOf } from '../../../../src/sync/check';
import { mapped } from '../../../../src/sync/mapping/mapping';
import { keysUnder } from '../../../../src/sync/number-keys';
import type { Mapping } from '../../../../src/sync/setting';
import { openSqlRegister } from '../../../../src/sync/sources/sql/register';
import { rowsOf } from '../read-register';
import { registers, type TestRegister } from './registers';

const startLimitMs = 120_000;
const kind = recordKinds().find((one) => one.kind === 'death') as RecordKind;

/** A register of deaths under its own names and codes, as `heyan.yaml` maps it. */
const mapping: Mapping = {
  source_id: { column: '证明编号' },
  op: { column: 'sczt', codes: { 0: 'U', 1: 'D' } },
  updated_at: { column: 'gxsj' },
  source: { column: 'zmlx', codes: { '01': 'DEATH_CERTIFICATE', '02': 'CREMATION' } },
  id_number: { column: 'GMSFHM' },
  name: { column: '姓名' },
  birth_date: { column: 'csrq' },
  death_date: { column: 'swrq', date: 'yyyyMMdd' },
  date_precision: { column: 'jd', codes: { 1: 'DAY', 2: 'MONTH' } },
  certificate_no: { column: '证明编号' },
  place_district: { constant: '340321' },
  registered_at: { column: 'djsj' },
  status: { column: 'yx', codes: { true: 'VALID', 1: 'VALID', false: 'VOIDED', 0: 'VOIDED' } },
};

describe.each(Object.entries(registers))('deaths in %s become records by their mapping alone', (database, start) => {
  let there: TestRegister;
  beforeAll(async () => {
    there = await start();
    const q = there.quote;
    await there.run(
      `create table ${q('死亡登记')} (${q('证明编号')} varchar(20), sczt smallint, gxsj ${there.moment}, zmlx char(4), ${q('GMSFHM')} char(18),
         ${q('姓名')} varchar(40), csrq date, swrq varchar(8), jd numeric(1), djsj timestamp null, yx boolean)${database === 'MariaDB' ? ' character set gbk' : ''}`,
      `insert into ${q('死亡登记')} values
         ('怀2026-1', 0, '2026-06-30 08:00:00.5', '01', '340302197410037308', '张伟', '1974-10-03', '20260629', 1, '2026-06-29 17:00:00', true),
         ('怀2026-2', 1, '2026-06-30 08:00:01', '02', '340302197410037308', '张伟', null, '20260629', 1, null, false),
         ('怀2026-3', 0, '2026-06-30 08:00:02', '99', '340302197410037308', '张伟', null, '20260629', 1, '2026-06-29 17:00:00', true),
         ('怀2026-4', 0, '2026-06-30 08:00:03', '02', '340302197410037308', '张伟', null, '20260631', 1, '2026-06-29 17:00:00', true),
         ('怀2026-5', 0, '2026-06-30 08:00:04', '02', '340302197410037308', '阿力·买', null, '20260628', 2, null, false)`,
    );
  }, startLimitMs);
  afterAll(() => there?.stop());

  test('with what cannot be one told by column', async () => {
    const setting = there.setting({ table: '死亡登记', watermark: 'gxsj', key: '证明编号' });
    const register = await openSqlRegister(setting);
    const chunk = mapped(await register.open(null, 100), kind, mapping);
    const layout = layoutOf(kind, chunk.columns, keysUnder(Buffer.alloc(32, 7)));
    if (typeof layout === 'string') throw new Error(layout);
    const outcomes = (await rowsOf(chunk)).map(({ cells, fault, sourceId }) => {
      const checked = cells && layout.check(cells);
      if (!checked) return `${sourceId} ${fault}`;
      if (!checked.ok) return `${checked.sourceId} ${checked.reason}`;
      const { sourceId: id, op, updatedAt, values } = checked.row;
      const named = Object.fromEntries(kind.fields.map(({ name }, at) => [name, values[at]]));
      return {
        id,
        op,
        updatedAt,
        ...(op === 'U' && { born: named.birthDate, died: named.deathDate, source: named.source, status: named.status }),
      };
    });
    await register.close();
    expect(outcomes).toEqual([
      {
        id: '怀2026-1',
        op: 'U',
        updatedAt: '2026-06-30T08:00:00.5+08:00',
        born: '1974-10-03',
        died: '2026-06-29',
        source: 'DEATH_CERTIFICATE',
        status: 'VALID',
      },
      { id: '怀2026-2', op: 'D', updatedAt: '2026-06-30T08:00:01+08:00' },
      expect.stringMatching(/^怀2026-3 source cannot be told: column zmlx holds a code/),
      expect.stringMatching(/^怀2026-4 death_date cannot be told: column swrq holds no day/),
      '怀2026-5 registered_at is required',
    ]);
    expect(chunk.end()).toMatchObject({ more: false, checkpoint: { key: '怀2026-5', complete: 'yes' } });
  });
});
