/** What cannot be run without Docker is read: each name in docker/ is that of something that is there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { readConfig } from '../../src/config';
import { copyOf, ROOT, readStages } from './dockerfile';

const DOCKER = path.join(ROOT, 'docker');
const text = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Settings that the program knows: its own, and those its libraries read. */
const settings = new Set(
  [...(text('src/config.ts') + text('src/gateway/operating.ts')).matchAll(/env\.([A-Z_]+)/g)].map(
    (match) => match[1] as string,
  ),
);
const commands = new Set(
  [...(/COMMANDS = \[([^\]]+)\]/.exec(text('src/main.ts'))?.[1] ?? '').matchAll(/'([\w-]+)'/g)].map(
    (match) => match[1] as string,
  ),
);

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
}

interface Compose {
  services: Record<string, Service>;
  networks?: Record<string, object>;
  volumes?: Record<string, object>;
}

function read(...files: string[]): Compose {
  const all = files.map((file) => {
    const document = parseDocument(readFileSync(path.join(DOCKER, file), 'utf8'), { merge: true, logLevel: 'error' });
    expect(document.errors).toEqual([]);
    return document.toJS() as Compose;
  });
  // As compose puts one file over another, as far as these files need it.
  return all.reduce((below, above) => ({
    services: Object.fromEntries(
      [...new Set([...Object.keys(below.services), ...Object.keys(above.services)])].map((name) => {
        const [one, other] = [below.services[name] ?? {}, above.services[name] ?? {}];
        const environment = { ...one.environment, ...other.environment };
        return [name, { ...one, ...other, environment, depends_on: { ...one.depends_on, ...other.depends_on } }];
      }),
    ),
    networks: { ...below.networks, ...above.networks },
    volumes: { ...below.volumes, ...above.volumes },
  }));
}

const HUB = ['compose.yaml'];
const CITUS = ['compose.yaml', 'compose.citus.yaml'];
const PREMISES = ['compose.premises.yaml'];

describe.each([HUB, CITUS, PREMISES].map((files) => [files.join(' + '), files] as const))('%s', (_, files) => {
  const compose = read(...files);
  const services = Object.entries(compose.services);
  const ours = services.filter(([, { image }]) => image === 'heyan');

  test('every service has an image, and ours is built from what is there', () => {
    expect(services.filter(([, { image }]) => !image)).toEqual([]);
    expect(ours.length).toBeGreaterThan(1);
    for (const [, { build }] of ours)
      expect(existsSync(path.join(DOCKER, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
  });

  test('every file, volume and network that is named is there', () => {
    const missing = services.flatMap(([name, { volumes = [], networks = [] }]) => [
      ...networks.filter((network) => !compose.networks?.[network]).map((network) => `${name}: network ${network}`),
      ...volumes
        .map((volume) => volume.split(':')[0] as string)
        .filter((from) =>
          from.startsWith('.') ? !existsSync(path.join(DOCKER, from)) : !(from in (compose.volumes ?? {})),
        )
        .map((from) => `${name}: ${from}`),
    ]);
    expect(missing).toEqual([]);
    expect(services.filter(([, { networks }]) => !networks?.length)).toEqual([]);
  });

  test('whoever is waited for is there, and has what is waited for', () => {
    const wrong = services.flatMap(([name, { depends_on = {} }]) =>
      Object.entries(depends_on)
        .filter(([other, { condition }]) => {
          const service = compose.services[other];
          const isHealthKnown = service?.healthcheck || service?.image === 'heyan';
          return !service || (condition === 'service_healthy' && !isHealthKnown);
        })
        .map(([other]) => `${name} waits for ${other}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every setting is known, none holds a secret, and the program is told where its database is', () => {
    for (const [name, { environment = {} }] of ours) {
      expect([name, Object.keys(environment).filter((one) => !settings.has(one))]).toEqual([name, []]);
      expect(environment.DATABASE_URL).toMatch(/^postgres:\/\/heyan:\$\{POSTGRES_PASSWORD:\?.+\}@[\w-]+:5432\/heyan$/);
      const host = /@([\w-]+):/.exec(environment.DATABASE_URL ?? '')?.[1] as string;
      expect(compose.services[host]?.environment).toMatchObject({ POSTGRES_USER: 'heyan', POSTGRES_DB: 'heyan' });
      expect(environment.HEYAN_PERSON_KEY).toMatch(/^\$\{HEYAN_PERSON_KEY:\?.+\}$/);
    }
  });

  test('every command is one, and what is published is for this machine alone', () => {
    for (const [name, { command = ['serve'] }] of ours)
      expect([name, commands.has(command[0] as string)]).toEqual([name, true]);
    const published = services.flatMap(([, { ports = [] }]) => ports);
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    for (const [, { ports = [] }] of services) expect(ports.join()).not.toContain('9464');
  });

  test('the settings of each hub and bureau are read without a mistake', () => {
    const mounted = ours.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => volume.includes('/etc/heyan/')));
    const directory = mkdtempSync(path.join(tmpdir(), 'heyan-docker-'));
    // What "heyan hub-keys" writes there.
    writeFileSync(path.join(directory, 'hub-keys.json'), '{"keys":[]}');
    for (const volume of mounted) {
      const file = path.join(directory, 'heyan.yaml');
      const written = readFileSync(path.join(DOCKER, volume.split(':')[0] as string), 'utf8');
      writeFileSync(file, written.replaceAll('/public/', './'));
      const { bureaus, subgraphs } = readConfig({ HEYAN_CONFIG: file }, directory);
      expect(Object.keys({ ...bureaus, ...subgraphs })).not.toEqual([]);
    }
    rmSync(directory, { recursive: true });
    expect(mounted.length).toBeGreaterThan(0);
  });
});

describe('the image', () => {
  const stages = readStages();
  const last = stages.at(-1) as (typeof stages)[number];
  const texts = (name: string) => last.steps.filter((step) => step.name === name).map((step) => step.text);

  test('copies what is there, and what the build is let see', () => {
    const letThrough = text('docker/Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const stage of stages)
      for (const { text: step } of stage.steps.filter(({ name }) => name === 'COPY')) {
        const { stage: from, from: sources } = copyOf(step);
        if (from) expect(stages.map(({ as }) => as)).toContain(from);
        else
          for (const source of sources)
            expect([
              source,
              existsSync(path.join(ROOT, source)),
              letThrough.includes(source.replace('./', '')),
            ]).toEqual([source, true, true]);
      }
  });

  test('is not root, holds nothing that only building needs, and has no other settings than the program', () => {
    expect(texts('USER')).toEqual(['node']);
    expect(stages[0]?.steps.at(-1)).toEqual({ name: 'RUN', text: 'npm prune --omit=dev --ignore-scripts' });
    const names = texts('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=')[0] as string));
    expect(names.filter((name) => name !== 'NODE_ENV' && !settings.has(name))).toEqual([]);
    expect(texts('ENTRYPOINT')).toEqual(['["node", "/heyan/dist/src/main.js"]']);
    expect(texts('HEALTHCHECK')[0]).toContain('/healthz');
  });

  test('runs the Node that the package asks for', () => {
    const { engines } = JSON.parse(text('package.json')) as { engines: { node: string } };
    expect([engines.node, ...new Set(stages.map(({ from }) => from))]).toEqual(['>=20.19.0', 'node:20-slim']);
  });
});

test('nginx sends to the gateways that there are', () => {
  const compose = read(...HUB);
  const gateways = [...text('docker/nginx.conf').matchAll(/^\s+server ([\w-]+):(\d+)/gm)].map((match) => [
    match[1],
    match[2],
  ]);
  const hubs = Object.entries(compose.services).filter(([, { image }]) => image === 'heyan');
  expect(gateways).toEqual(hubs.map(([name]) => [name, '4000']));
  expect(text('docker/nginx.conf')).toContain(`listen ${compose.services.nginx?.ports?.[0]?.split(':').at(-1)};`);
});
