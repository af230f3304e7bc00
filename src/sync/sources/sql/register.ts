/**
 * The SQL source: a bureau's register in a database of its own, read on by watermark through TypeORM's DataSource. It only reads.
 *
 *     sql: { type: mysql, url: "${DEATHS_URL}", table: swdj.swyxzm, watermark: gxsj, key: zmbh }
 *
 * Rows come in the order of (watermark, key), in pages found by position (statement.ts); where a run begins is said in run.ts; what becomes
 * of values in values.ts; what a type of database is in dialect.ts.
 */
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { canonicalJson } from '../../../audit/record';
import type { SqlSetting } from '../../setting';
import { type Chunk, type Register, SourceFault } from '../source';
import { addressOf, type SqlAddress } from './address';
import { openChunk, PAGE_LIMITS, type PageLimits, type Reading } from './chunk';
import { CONNECT_MILLISECONDS_MAX, type Dialect, type Session } from './dialect';
import { faultOf } from './fault';
import { inTime } from './guard';
import { mssql } from './mssql';
import { mysql } from './mysql';
import { oracle } from './oracle';
import { postgres } from './postgres';

const DIALECTS: Readonly<Record<SqlSetting['type'], Dialect>> = { postgres, mysql, mariadb: mysql, mssql, oracle };
const OFFSET = /^[+-]\d\d:\d\d$/;

/**
 * A register behind SQL. It is connected to when its first chunk is opened. Throws a SourceFault when the address is none, or the package of its
 * database is not installed.
 */
export async function openSqlRegister(setting: SqlSetting, limits: Partial<PageLimits> = {}): Promise<Register> {
  const dialect = DIALECTS[setting.type];
  const address = addressOf(setting, dialect.portUsual);
  if (!OFFSET.test(setting.offset)) throw new SourceFault('has an offset that is none: write sql.offset as +08:00');
  const dataSource = dataSourceOf(dialect, setting, address);
  const reading: Reading = { dialect, setting, limits: { ...PAGE_LIMITS, ...limits } };
  let chunk: Chunk | undefined;
  let closing: Promise<void> | undefined;
  return {
    name: `sql:${address.name} ${setting.table ?? 'query'}`,
    fingerprint: fingerprintOf(setting, address),
    async open(after, rowsMax) {
      await chunk?.close();
      const session = await connect(dataSource, dialect, setting);
      chunk = await openChunk(reading, session, after, rowsMax);
      return chunk;
    },
    close() {
      closing ??= (async () => {
        await chunk?.close();
        if (dataSource.isInitialized) await dataSource.destroy();
      })();
      return closing;
    },
  };
}

function dataSourceOf(dialect: Dialect, setting: SqlSetting, address: SqlAddress): DataSource {
  try {
    return new DataSource(dialect.options(setting, address));
  } catch (error) {
    if ((error as Error).name !== 'DriverPackageNotInstalledError') throw error;
    throw new SourceFault(
      `needs a package that is not installed: npm install ${dialect.install}, in the folder that Heyan is installed in`,
    );
  }
}

async function connect(dataSource: DataSource, dialect: Dialect, setting: SqlSetting): Promise<Session> {
  const connecting = (async () => {
    if (!dataSource.isInitialized) await dataSource.initialize();
    return dialect.connect(dataSource, setting);
  })();
  try {
    return await inTime(connecting, 2 * CONNECT_MILLISECONDS_MAX);
  } catch (error) {
    connecting.then((session) => session.release(true)).catch(() => undefined);
    throw faultOf(error, 'connect', setting);
  }
}

/** Of all that decides which rows there are, their order, and what their times mean. */
function fingerprintOf(setting: SqlSetting, { host, port, database }: SqlAddress): string {
  const { type, table = null, query = null, watermark, key, offset } = setting;
  return createHash('sha256')
    .update(canonicalJson({ type, host, port, database, table, query, watermark, key, offset }))
    .digest('hex');
}
