/** Authorities and certificates for TLS on this machine, made by openssl in a folder: `NAME.pem` and `NAME.key`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Certificates {
  folder: string;
  authority(name: string): void;
  /** A certificate for 127.0.0.1 by an authority made before. */
  certificate(name: string, by: string): void;
  /** The text of a file. */
  pem(file: string): string;
}

export function certificatesIn(folder: string): Certificates {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const subject = (name: string) => ['-newkey', 'ed25519', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`];
  return {
    folder,
    authority(name) {
      openssl('req', '-x509', '-days', '1', ...subject(name), '-out', `${name}.pem`);
    },
    certificate(name, by) {
      openssl('req', ...subject(name), '-addext', 'subjectAltName=IP:127.0.0.1', '-out', `${name}.csr`);
      const signing = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-days', '1', '-copy_extensions', 'copy'];
      openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.pem`);
    },
    pem: (file) => readFileSync(path.join(folder, file), 'utf8'),
  };
}
