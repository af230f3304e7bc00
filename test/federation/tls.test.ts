/** Bureaus over TLS, with certificates that openssl makes: who has none of the agreed authority is not spoken to, on either side. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ConnectionSetting, connectionTo, digestOf } from '../../src/federation/connection';
import { certificatesIn } from '../support/certificates';

const { folder, authority, certificate, pem } = certificatesIn(mkdtempSync(path.join(tmpdir(), 'heyan-tls-')));

describe('over TLS', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    for (const name of ['ours', 'theirs']) authority(name);
    certificate('bureau', 'ours');
    certificate('hub', 'ours');
    certificate('stranger', 'theirs');
    const options = { cert: pem('bureau.pem'), key: pem('bureau.key'), ca: pem('ours.pem'), requestCert: true };
    server = https.createServer({ ...options, rejectUnauthorized: true }, (_request, response) =>
      response.writeHead(200, { 'content-digest': digestOf('{}') }).end('{}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  const certified = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });
  test.each<[string, () => ConnectionSetting['tls'], RegExp | null]>([
    ['with certificates of one authority', () => ({ ca: pem('ours.pem'), ...certified('hub') }), null],
    ['without a certificate of our own', () => ({ ca: pem('ours.pem') }), /could not be reached|trust each other/],
    [
      'with one of another authority',
      () => ({ ca: pem('ours.pem'), ...certified('stranger') }),
      /could not be reached|trust each other/,
    ],
    ['of whose authority we know nothing', () => certified('hub'), /trust each other's certificate/],
    [
      'of another authority than we know',
      () => ({ ca: pem('theirs.pem'), ...certified('hub') }),
      /trust each other's certificate/,
    ],
  ])('a bureau is called %s', async (_, tls, fault) => {
    const connection = connectionTo({ url, tls: tls(), connections: 1, answerBytesMax: 1_000 });
    const answered = connection.send('{}', 'a.b.c', 5_000);
    if (fault) await expect(answered).rejects.toThrow(fault);
    else await expect(answered).resolves.toEqual({ status: 200, body: Buffer.from('{}') });
    connection.close();
  });
});
