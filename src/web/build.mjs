/**
 * Bundles the page into dist/web: `node src/web/build.mjs [--force]`. Every file but index.html carries the hash of its content in its
 * name; the same sources give the same bytes. Nothing is done when the page is newer than its sources and the installed packages.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = dirname(fileURLToPath(import.meta.url));
const root = resolve(source, '../..');
const target = join(root, 'dist/web');

/** Everything the bundles share. Browsers of the last four years or so: government desktops are updated late. */
const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  legalComments: 'none',
  write: false,
  target: ['chrome109', 'firefox115', 'safari16'],
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  outdir: join(target, 'assets'),
};

const workerSources = {
  'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
  'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
};

/** The page's own, smaller choice of editor parts (editor.tsx), wherever a package asks for all of them: a megabyte less. */
const smallerEditor = {
  name: 'smaller-editor',
  setup({ onLoad }) {
    const contents = `export * from ${JSON.stringify(join(source, 'editor.tsx'))}`;
    onLoad({ filter: /monaco-graphql[\\/]esm[\\/]monaco-editor\.js$/ }, () => ({ contents, resolveDir: source }));
  },
};

function isFresh() {
  const page = join(target, 'index.html');
  if (!existsSync(page)) return false;
  const inputs = readdirSync(source).map((name) => join(source, name));
  inputs.push(join(root, 'node_modules/.package-lock.json'));
  const builtAt = statSync(page).mtimeMs;
  return inputs.every((input) => !existsSync(input) || statSync(input).mtimeMs < builtAt);
}

async function buildWorkers() {
  return build({ ...shared, entryPoints: workerSources, format: 'iife' });
}

async function buildPage(workerNames) {
  const define = { ...shared.define, WORKER_NAMES: JSON.stringify(workerNames) };
  return build({
    ...shared,
    define,
    entryPoints: { page: join(source, 'page.tsx'), style: join(source, 'page.css'), icon: join(source, 'icon.svg') },
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    tsconfig: join(source, 'tsconfig.json'),
    loader: { '.ttf': 'file', '.svg': 'copy' },
    plugins: [smallerEditor],
  });
}

function namesOf(result, ending) {
  return result.outputFiles
    .map((file) => basename(file.path))
    .filter((name) => ending.test(name))
    .sort();
}

function isRepeatedStyle(name) {
  return name.endsWith('.css') && !/^(page|style)-/.test(name);
}

function htmlOf(page) {
  // The editor's own style sheet first, ours last: ours has the last word.
  const styles = ['page', 'style'].flatMap((entry) => namesOf(page, new RegExp(`^${entry}-.*\\.css$`)));
  const parts = {
    icon: `assets/${namesOf(page, /^icon-.*\.svg$/)[0]}`,
    script: `assets/${namesOf(page, /^page-.*\.js$/)[0]}`,
    styles: styles.map((name) => `<link rel="stylesheet" href="assets/${name}" />`).join('\n    '),
  };
  return readFileSync(join(source, 'index.html'), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, part) => parts[part]);
}

/** Written beside the old page and moved into its place at the end, so that a broken build never leaves half a page. */
function put(files, html) {
  const fresh = `${target}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, 'assets'), { recursive: true });
  for (const file of files) writeFileSync(join(fresh, 'assets', basename(file.path)), file.contents);
  writeFileSync(join(fresh, 'index.html'), html);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}

if (process.argv.includes('--force') || !isFresh()) {
  const startedAt = Date.now();
  const workers = await buildWorkers();
  const workerNames = Object.fromEntries(
    Object.keys(workerSources).map((name) => [name, namesOf(workers, /\.js$/).find((file) => file.startsWith(name))]),
  );
  const page = await buildPage(workerNames);
  // esbuild writes the editor's styles once for the page and again for each lazy part: once is enough.
  const files = [...workers.outputFiles, ...page.outputFiles].filter(({ path }) => !isRepeatedStyle(basename(path)));
  put(files, htmlOf(page));
  const kilobytes = Math.round(files.reduce((sum, file) => sum + file.contents.length, 0) / 1024);
  console.log(`dist/web: ${files.length} files, ${kilobytes} kB, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
