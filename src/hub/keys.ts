/** The keys of this hub under which approvals of agreements count. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openSigner, type PublicKey, type Signer } from '../audit/signing';

/** The keys under which approvals count: the one that signs now, and those that signed before another algorithm was chosen. */
export function hubKeys(dataDirectory: string, signer: Signer): PublicKey[] {
  const others = (['ed25519', 'sm2'] as const).filter(
    (algorithm) =>
      algorithm !== signer.algorithm && existsSync(path.join(dataDirectory, 'keys', `hub-${algorithm}.json`)),
  );
  return [signer, ...others.map((algorithm) => openSigner(dataDirectory, algorithm))];
}
