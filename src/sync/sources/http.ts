/** Worker HTTP writes this file: replace it whole. */
import type { HttpSetting } from '../setting';
import { type Register, SourceFault } from './source';

export async function openHttpRegister(_setting: HttpSetting): Promise<Register> {
  throw new SourceFault('is not built');
}
