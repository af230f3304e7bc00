/**
 * A tax bureau's register in a PostgreSQL of its own, with the names and codes such registers have, and how it is mapped. Every hundredth row breaks
 * a rule of the exchange format.
 */

import type { BureauSettings } from '../../src/sync/setting';
import { withClient } from '../support/database';
import { numberOf } from '../support/small-city';

const BIRTHS = 50;
const PER_BIRTH = 100;

/** Creates and fills the register with so many rows of 5,000 persons, touched one second after another, ten rows at a time. */
export async function fillTaxRegister(url: string, rows: number): Promise<void> {
  const numbers = Array.from({ length: BIRTHS * PER_BIRTH }, (_, i) =>
    numberOf(`19${String(40 + (i % BIRTHS)).padStart(2, '0')}0615`, Math.floor(i / BIRTHS) + 1),
  );
  await withClient(url, async (client) => {
    await client.query(`create table sb_zsxx (
      zsxh varchar(30) primary key, gmsfhm varchar(18), xzdm char(2), fkssq char(7), sjje numeric(14,2), jflx char(1), rksj timestamp, ztdm char(1), gxsj timestamp(6) not null)`);
    await client.query(
      `insert into sb_zsxx
       select 'ZS' || lpad(i::text, 9, '0'), n.list[1 + i % cardinality(n.list)], case when i % 3 = 0 then '01' else '02' end,
              case when i % 3 = 0 then to_char(date '2020-01-01' + (i % 70) * interval '1 month', 'YYYY-MM') else to_char(2020 + i % 6, 'FM0000') end,
              case when i % 100 = 7 then -1 else (i % 500) + 0.5 end, case when i % 3 = 0 then '2' else '1' end,
              timestamp '2026-01-01' + i * interval '1 minute' / 10, '1', timestamp '2026-01-01' + i / 10 * interval '1 second'
         from generate_series(1, $1::int) i, (select $2::text[] as list) n`,
      [rows, numbers],
    );
    await client.query('create index on sb_zsxx (gxsj, zsxh)');
  });
}

/** How the register is read and mapped, as `heyan.yaml` would say it. */
export function taxSettings(url: string): BureauSettings {
  return {
    contribution: {
      lateAfterMinutes: 120,
      kinds: {
        contribution: {
          sql: {
            type: 'postgres',
            url,
            table: 'sb_zsxx',
            watermark: 'gxsj',
            key: 'zsxh',
            overlapMinutes: 1,
            offset: '+08:00',
            statementTimeoutSeconds: 60,
          },
          mapping: {
            source_id: { column: 'zsxh' },
            id_number: { column: 'gmsfhm' },
            scheme: { column: 'xzdm', codes: { '01': 'EMPLOYEE', '02': 'RESIDENT' } },
            period: { column: 'fkssq' },
            amount: { column: 'sjje' },
            payer: { column: 'jflx', codes: { 1: 'SELF', 2: 'EMPLOYER' } },
            paid_at: { column: 'rksj' },
            status: { column: 'ztdm', codes: { 1: 'PAID', 2: 'REFUNDED' } },
            updated_at: { column: 'gxsj' },
          },
        },
      },
    },
  };
}
