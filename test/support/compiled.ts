/** The compiled program, for tests that run it as users do: as a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
export const MAIN = path.join(ROOT, 'dist/src/main.js');

/** Compiles when a source is newer than what was compiled from it. */
export function compileIfStale(): void {
  const sources = ['src', 'migrations'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(folder, file))
      .filter((file) => file.endsWith('.ts')),
  );
  const isStale = (file: string) => {
    const compiled = path.join(ROOT, 'dist', file.replace(/\.ts$/, '.js'));
    return !existsSync(compiled) || statSync(compiled).mtimeMs < statSync(path.join(ROOT, file)).mtimeMs;
  };
  if (!sources.some(isStale)) return;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/.bin/swc', 'src', 'migrations', '-d', 'dist', '--quiet', '--ignore', '**/*.tsx,**/build.mjs'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
}
