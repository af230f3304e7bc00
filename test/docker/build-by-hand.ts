/**
 * Does what the Dockerfile says, step by step, in an empty directory, for machines without Docker; then starts what the image would start on an
 * embedded database, and asks its health as the image would.
 *
 *     node -r ./test/support/run-typescript.cjs test/docker/build-by-hand.ts /tmp/an-empty-directory
 *
 * Stages are folders. Of the base image nothing is taken: Node is this machine's.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { copyOf, ROOT, readStages, type Stage } from './dockerfile';

const UP_SECONDS_MAX = 120;

interface Built {
  folder: string;
  workdir: string;
  env: Record<string, string>;
  entrypoint: string[];
  command: string[];
}

function build(stage: Stage, folder: string, built: ReadonlyMap<string, Built>): Built {
  const done: Built = { folder, workdir: '/', env: {}, entrypoint: [], command: [] };
  const at = (place: string) => path.join(folder, path.resolve(done.workdir, place));
  // The folders that steps name from the root are below the stage's folder here.
  const moved = (text: string) => text.replace(/(?<=^|\s)\/(?=data|public|heyan)/g, `${folder}/`);
  for (const { name, text } of stage.steps) {
    process.stdout.write(`${name} ${text}\n`);
    if (name === 'WORKDIR') done.workdir = path.resolve(done.workdir, text);
    if (name === 'ENV')
      for (const pair of text.split(/\s+/))
        done.env[pair.split('=')[0] as string] = moved(pair.split('=')[1] as string);
    if (name === 'ENTRYPOINT') done.entrypoint = (JSON.parse(text) as string[]).map(moved);
    if (name === 'CMD') done.command = JSON.parse(text) as string[];
    if (name === 'COPY') {
      const copy = copyOf(text);
      const source = copy.stage ? (built.get(copy.stage) as Built).folder : ROOT;
      for (const one of copy.from) {
        const isInto = copy.to.endsWith('/');
        cpSync(path.join(source, one), isInto ? path.join(at(copy.to), path.basename(one)) : at(copy.to), {
          recursive: true,
        });
      }
    }
    if (name === 'RUN') {
      // There is no such account here.
      const line = moved(text).replace(/&& chown node:node .*$/, '');
      mkdirSync(at('.'), { recursive: true });
      const { status } = spawnSync('sh', ['-ec', line], {
        cwd: at('.'),
        stdio: 'inherit',
        env: { ...process.env, ...done.env },
      });
      if (status !== 0) throw new Error(`RUN ${text} ended with ${status}`);
    }
  }
  return done;
}

async function start({ folder, workdir, env, entrypoint, command }: Built): Promise<void> {
  const [program, ...words] = [...entrypoint, ...command] as [string, ...string[]];
  const port = '4899';
  const child = spawn(program, words, {
    cwd: path.join(folder, workdir),
    env: { PATH: process.env.PATH, ...env, PORT: port, HEYAN_HOST: '127.0.0.1' },
    stdio: 'inherit',
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let isUp = false;
  for (let second = 0; second < UP_SECONDS_MAX && !isUp && child.exitCode === null; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    isUp = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
  child.kill('SIGTERM');
  const code = await ended;
  if (!isUp || code !== 0) throw new Error(`up: ${isUp}; ended with ${code}`);
  process.stdout.write('The image would come up, be ready, and end with 0.\n');
}

async function main(directory: string | undefined): Promise<void> {
  if (!directory || (existsSync(directory) && readdirSync(directory).length > 0))
    throw new Error('Name a directory that is empty or not there');
  mkdirSync(directory, { recursive: true });
  const root = realpathSync(directory);
  const built = new Map<string, Built>();
  let last: Built | undefined;
  for (const [place, stage] of readStages().entries()) {
    last = build(stage, path.join(root, stage.as || `stage-${place}`), built);
    built.set(stage.as, last);
  }
  const image = last as Built;
  const packages = path.join(image.folder, 'heyan/node_modules');
  for (const name of ['jest', 'typescript', 'esbuild', 'react'])
    if (existsSync(path.join(packages, name)))
      throw new Error(`${name} is in the image: it is needed for building only`);
  await start(image);
  rmSync(root, { recursive: true, force: true });
}

main(process.argv[2]).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
