import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../src/config';

const folder = mkdtempSync(path.join(tmpdir(), 'heyan-settings-'));
const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
beforeAll(() => {
  writeFileSync(path.join(folder, 'hub-keys.json'), '{"keys":[]}');
  writeFileSync(path.join(folder, 'a.pem'), PEM);
  writeFileSync(path.join(folder, 'empty.pem'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  writeFileSync(path.join(folder, 'heyan.yaml'), text);
  return readConfig({}, folder);
}

test('bureaus elsewhere, with their files read and what is left out at its default', () => {
  const { subgraphs, serving, supergraph, warnings } = read(
    [
      'subgraphs:',
      '  death: {url: "http://127.0.0.1:4001/subgraph/death"}',
      '  claim: {url: "https://c.example/subgraph/claim", ca: a.pem, cert: a.pem, key: a.pem, timeoutMilliseconds: 800, answerMegabytes: 2}',
      'serving: {hubs: [hub-keys.json, "https://hub.example/keys"], tls: {cert: a.pem, key: a.pem}}',
      'supergraph: graph.graphql',
    ].join('\n'),
  );
  expect(subgraphs).toEqual({
    death: {
      url: 'http://127.0.0.1:4001/subgraph/death',
      timeoutMilliseconds: 5_000,
      connections: 20,
      answerBytesMax: 33_554_432,
    },
    claim: {
      url: 'https://c.example/subgraph/claim',
      tls: { ca: PEM, cert: PEM, key: PEM },
      timeoutMilliseconds: 800,
      connections: 20,
      answerBytesMax: 2_097_152,
    },
  });
  expect(serving).toEqual({
    hubs: [path.join(folder, 'hub-keys.json'), 'https://hub.example/keys'],
    tls: { cert: PEM, key: PEM },
  });
  expect(supergraph).toBe(path.join(folder, 'graph.graphql'));
  expect(warnings).toEqual([]);
});

test('records that would travel in the clear are warned of', () => {
  expect(read('subgraphs: {death: {url: "http://death.example/subgraph/death"}}').warnings).toEqual([
    expect.stringMatching(/^subgraphs\.death\.url .* use https$/),
  ]);
});

test.each([
  ['no address', 'subgraphs:\n  death: {url: death.example}', /:2: subgraphs\.death\.url: no address/],
  ['a password in it', 'subgraphs:\n  death: {url: "https://a:b@c.example/"}', /:2: subgraphs\.death\.url: no address/],
  ['a name that is none', 'subgraphs:\n  Death!: {url: "https://c.example/"}', /:2: subgraphs\.Death!: no name of a bureau|Invalid key/],
  ['a file that is not there', 'subgraphs:\n  death:\n    url: "https://c.example/"\n    ca: b.pem', /:4: subgraphs\.death\.ca: .*b\.pem cannot be read \(ENOENT\)/],
  ['a file that is no PEM', 'subgraphs:\n  death:\n    url: "https://c.example/"\n    ca: empty.pem', /:4: subgraphs\.death\.ca: .*holds no certificate in PEM/],
  ['half a pair', 'subgraphs:\n  death:\n    url: "https://c.example/"\n    cert: a.pem', /:4: subgraphs\.death\.cert: cert and key go together/],
  ['certificates over http', 'subgraphs:\n  death:\n    url: "http://c.example/"\n    ca: a.pem', /:3: subgraphs\.death\.url: certificates need https/],
  ['a limit beyond that of an operation', 'subgraphs:\n  death:\n    url: "https://c.example/"\n    timeoutMilliseconds: 60000', /:4: subgraphs\.death\.timeoutMilliseconds/],
  ['a setting that is none', 'subgraphs:\n  death:\n    url: "https://c.example/"\n    retries: 3', /:4: subgraphs\.death\.retries: no such setting/],
  ['sources of a bureau that is elsewhere', 'subgraphs:\n  death: {url: "https://c.example/"}\nbureaus:\n  death: {deliveries: inbox}', /:4: bureaus\.death: subgraphs\.death says that this bureau is served elsewhere/],
  ['nobody who may call', 'serving: {hubs: []}', /:1: serving\.hubs/],
  ['keys that are none', 'serving:\n  hubs: [a.pem]', /:2: serving\.hubs\[0\]: .*holds no JSON Web Key Set.*heyan hub-keys/],
])('names the line of a mistake: %s', (_, text, message) => {
  expect(() => read(text)).toThrow(message);
}); // biome-ignore format: rows
