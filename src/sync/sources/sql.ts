/** Worker SQL writes this file: replace it whole. */
import type { SqlSetting } from '../setting';
import { type Register, SourceFault } from './source';

export async function openSqlRegister(_setting: SqlSetting): Promise<Register> {
  throw new SourceFault('is not built');
}
