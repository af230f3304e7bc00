/**
 * A bureau on its own premises by the commands alone: served over TLS for hubs with a certificate, composed into the graph, asked through the
 * gateway; and what `compose` says when the bureau takes away what others use.
 */
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, print, visit } from 'graphql';
import { digestOf } from '../../src/federation/connection';
import { openIssuer } from '../../src/gateway/issuer';
import { SUPERVISION } from '../../src/hub/codes';
import { type Certificates, certificatesIn } from '../support/certificates';
import { type Ended, ended, type Place, startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { post } from '../support/http';
import { writeHubKeys } from '../support/premises';
import { deliver, JIA, smallCity } from '../support/small-city';

jest.setTimeout(180_000);

let root: string;
let hub: Place;
let bureau: Place;
let certificates: Certificates;
/** `https://host:port/subgraph/death` */
let url: string;
const serving: ChildProcess[] = [];

beforeAll(async () => {
  compileIfStale();
  root = mkdtempSync(path.join(tmpdir(), 'heyan-premises-'));
  certificates = certificatesIn(folder('certificates'));
  for (const name of ['ours', 'theirs']) certificates.authority(name);
  for (const name of ['bureau', 'hub']) certificates.certificate(name, 'ours');
  certificates.certificate('stranger', 'theirs');
  hub = { directory: folder('hub'), database: await testDatabase() };
  bureau = { directory: folder('bureau'), database: await testDatabase() };
  const { death = [], ...others } = smallCity();
  await deliver(bureau.database, { death });
  await deliver(hub.database, others);
  cpSync(await writeHubKeys(dataOf(hub)), path.join(bureau.directory, 'hub-keys.json'));
  const tls = Object.entries(files('bureau', 'ours')).map(([what, file]) => `${what}: ${file}`);
  settings(bureau, `serving: {hubs: [./hub-keys.json], tls: {${tls.join(', ')}}}\n`);
  url = await serve(bureau, /Subgraph +(https:\S+)/, 'serve', '--only', 'death');
});
afterAll(async () => {
  await Promise.all(serving.map((child) => new Promise((gone) => child.once('exit', gone).kill('SIGTERM'))));
  for (const place of [hub, bureau]) await place?.database.close();
  rmSync(root, { recursive: true, force: true });
});

function folder(name: string): string {
  mkdirSync(path.join(root, name));
  return path.join(root, name);
}

/** The settings that name a certificate, its key, and an authority. */
function files(name: string | null, ca: string | null): Record<string, string> {
  const at = (file: string) => path.join(certificates.folder, file);
  return { ...(name && { cert: at(`${name}.pem`), key: at(`${name}.key`) }), ...(ca && { ca: at(`${ca}.pem`) }) };
}

const dataOf = ({ directory }: Place) => path.join(directory, 'data');

function settings({ directory }: Place, text: string): void {
  writeFileSync(path.join(directory, 'heyan.yaml'), text);
}

function run(place: Place, ...args: string[]): Promise<Ended> {
  return ended(startCommand(place, args));
}

/** Starts what serves; the address that it prints. */
function serve(place: Place, address: RegExp, ...args: string[]): Promise<string> {
  const child = startCommand(place, args, { PORT: '0', HEYAN_LOG: 'off' });
  serving.push(child);
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const found = address.exec(said)?.[1];
        if (found && said.endsWith('\n')) resolve(found);
      });
  });
}

/** The hub's setting for the bureau: its address and these certificates. */
function reaching(name: string | null, ca: string | null): void {
  const setting = Object.entries({ url, ...files(name, ca) }).map(([what, value]) => `${what}: "${value}"`);
  settings(hub, `subgraphs: {death: {${setting.join(', ')}}}\n`);
}

test.each<[string, string | null, string | null, RegExp]>([
  ['without a certificate of its own', null, 'ours', /^The death bureau (could not be reached|and this hub do not trust)/],
  ['with one of another authority', 'stranger', 'ours', /^The death bureau (could not be reached|and this hub do not trust)/],
])('a hub %s is not spoken to', async (_, name, ca, said) => {
  reaching(name, ca);
  const { code, out, err } = await run(hub, 'compose', '--out', 'supergraph.graphql');
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(said);
  expect(err).not.toMatch(/BEGIN|Bearer|eyJ/);
}); // biome-ignore format: a table

test('nobody without a certificate is told anything, not even that the bureau lives', async () => {
  const told = new Promise((resolve, reject) =>
    https.get(new URL('/healthz', url), { ca: certificates.pem('ours.pem') }, resolve).on('error', reject),
  );
  await expect(told).rejects.toThrow();
});

test('with the right certificates the graph is composed, and served over the bureau', async () => {
  reaching('hub', 'ours');
  expect(await run(hub, 'compose', '--out', 'supergraph.graphql')).toEqual({ code: 0, out: '', err: '' });
  const graph = await serve(hub, /Graph +(http:\S+)/, 'serve', '--gateway', 'supergraph.graphql');
  const token = await (await openIssuer(dataOf(hub), () => new Date())).issue(SUPERVISION, '张三');
  const query = `{ person(idNumber: "${JIA.number}") { name deaths { sourceId deathDate } } }`;
  const answer = await post(graph, token, { query });
  expect(await answer.json()).toMatchObject({
    data: { person: { name: JIA.name, deaths: [{ sourceId: 'SW1', deathDate: '2026-03-10' }] } },
  });
});

describe('a bureau that changes its schema', () => {
  let changed: Server;
  let there: string;
  beforeAll(async () => {
    changed = createServer((request, answer) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const body = withoutFields(await forward(Buffer.concat(chunks), request.headers.authorization as string));
        answer.writeHead(200, { 'content-type': 'application/json', 'content-digest': digestOf(body) }).end(body);
      });
    });
    await new Promise<void>((resolve) => changed.listen(0, '127.0.0.1', resolve));
    there = `http://127.0.0.1:${(changed.address() as AddressInfo).port}/subgraph/death`;
    settings(hub, '');
  });
  afterAll(() => void changed?.close().closeAllConnections());

  /** What the bureau itself answers. */
  function forward(body: Buffer, authorization: string): Promise<string> {
    const given = { cert: 'hub.pem', key: 'hub.key', ca: 'ours.pem' };
    const tls = Object.fromEntries(Object.entries(given).map(([what, file]) => [what, certificates.pem(file)]));
    const headers = { 'content-type': 'application/json', 'content-length': body.length, authorization };
    return new Promise((resolve, reject) => {
      const sent = https.request(url, { method: 'POST', headers, ...tls, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      });
      sent.on('error', reject).end(body);
    });
  }

  /** Its schema without `Death.deathDate`, and with another type for `Death.certificateNo`. */
  function withoutFields(text: string): string {
    const answer = JSON.parse(text);
    const sdl = visit(parse(answer.data._service.sdl), {
      ObjectTypeDefinition: ({ name }) => (name.value === 'Death' ? undefined : false),
      FieldDefinition(field) {
        if (field.name.value === 'deathDate') return null;
        if (field.name.value !== 'certificateNo') return undefined;
        return { ...field, type: { kind: 'NamedType', name: { kind: 'Name', value: 'Int' } } };
      },
    });
    return JSON.stringify({ ...answer, data: { _service: { sdl: print(sdl) } } });
  }

  test('compose says what breaks, for which agency and which rule, and writes the graph as it is now', async () => {
    const asked = ['compose', '--subgraph', `death=${there}`, '--out', 'changed.graphql', '--json'];
    const { code, out, err } = await run(hub, ...asked);
    expect(code).toBe(0);
    expect(err).toMatch(/^Breaks: Death\.deathDate is gone \(it was Date\): used by .*\bsocial-security \(civil-affairs\/social-security\/\w+\).*; read by .*\bD1\b/m);
    expect(err).toMatch(/^Breaks: Death\.certificateNo was String and is Int: used by medical-insurance-supervision \(/m);
    const { breaks } = JSON.parse(out);
    expect(breaks.map(({ field, was, is }: Record<string, unknown>) => [field, was, is])).toEqual([
      ['Death.deathDate', 'Date', null],
      ['Death.certificateNo', 'String', 'Int'],
    ]);
    expect(breaks[0].agreements).toEqual(expect.arrayContaining([{ id: expect.any(String), agency: 'social-security' }]));
    expect(breaks[0].rules).toEqual(expect.arrayContaining(['D1', 'D10']));
    const written = readFileSync(path.join(hub.directory, 'changed.graphql'), 'utf8');
    expect(written).toContain(there);
    expect(written).toMatch(/type Death\b[^}]*\bcertificateNo: Int\b/);
    expect(written).not.toMatch(/type Death\b[^}]*\bdeathDate:/);
  }); // biome-ignore format: long patterns
});
