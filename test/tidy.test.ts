/**
 * What keeps the house in order: the direction of imports, and that nothing is without its test, its README or its description.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { bureaus } from '../src/bureaus/bureau';
import { recordKind } from '../src/bureaus/record';
import { allRules } from '../src/crosscheck/rulebook';

const SRC = path.join(__dirname, '../src');
const TEST = __dirname;

/** A folder imports only from those before it; those in one entry import nothing of each other. */
const ORDER: readonly (readonly string[])[] = [
  ['db'],
  ['audit'],
  ['sharing'],
  ['bureaus'],
  ['subgraph'],
  ['gateway'],
  ['federation'],
  ['sync'],
  ['crosscheck'],
  ['hub'],
  ['web', 'demo'],
  ['config.ts'],
  ['cli'],
  ['main.ts'],
];
const rank = new Map(ORDER.flatMap((rooms, place) => rooms.map((room) => [room, place] as const)));

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? filesBelow(file) : /\.tsx?$/.test(name) ? [file] : [];
  });
}

function foldersBelow(folder: string): string[] {
  const inside = readdirSync(folder).filter((name) => statSync(path.join(folder, name)).isDirectory());
  return inside.flatMap((name) => [path.join(folder, name), ...foldersBelow(path.join(folder, name))]);
}

/** Every import of our own files: `[importing file, imported file]`, both relative to src, without their endings. */
const imports = filesBelow(SRC).flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import|require\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) => ({
    from: path.relative(SRC, file),
    to: path.relative(SRC, path.resolve(path.dirname(file), match[1] as string)),
  })),
);
const roomOf = (file: string) => {
  const first = file.split(path.sep)[0] as string;
  return file.includes(path.sep) ? first : `${first.replace(/\.ts$/, '')}.ts`;
};

describe('imports', () => {
  test('there are some, from every room: the pattern still finds them', () => {
    expect(new Set(imports.map(({ from }) => roomOf(from))).size).toBeGreaterThanOrEqual(ORDER.flat().length - 2);
  });

  test('every room of src has its place in the order', () => {
    expect(readdirSync(SRC).filter((name) => name !== 'README.md' && !rank.has(name))).toEqual([]);
  });

  test('run one way', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [here, there] = [rank.get(roomOf(from)) as number, rank.get(roomOf(to)) as number];
      return roomOf(from) !== roomOf(to) && !(there < here);
    });
    expect(wrong).toEqual([]);
  });

  test('no bureau imports another', () => {
    const inBureau = (file: string) => /^bureaus\/(\w+)\//.exec(file)?.[1];
    expect(imports.filter(({ from, to }) => inBureau(from) && inBureau(to) && inBureau(from) !== inBureau(to))).toEqual(
      [],
    );
  });

  test('a rule imports only the contract', () => {
    const ofRules = imports.filter(({ from }) => from.startsWith('crosscheck/rules/'));
    expect(ofRules.length).toBeGreaterThan(0);
    expect(ofRules.filter(({ to }) => to !== 'crosscheck/rule')).toEqual([]);
  });

  test('tests and shared folders outside are never read by the program', () => {
    expect(imports.filter(({ to }) => to.startsWith('..') && !to.startsWith('../migrations'))).toEqual([]);
  });
});

describe('completeness', () => {
  test('every folder of src has a README of 4 to 30 lines, src itself a map', () => {
    const lines = (folder: string) => {
      const file = path.join(folder, 'README.md');
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 0;
    };
    const bare = foldersBelow(SRC).filter((folder) => lines(folder) < 4 || lines(folder) > 30);
    expect(bare.map((folder) => path.relative(SRC, folder))).toEqual([]);
    expect(lines(SRC)).toBeGreaterThan(20);
  });

  test('every rule has a test of its name', () => {
    const missing = allRules().filter(
      ({ code }) => !existsSync(path.join(TEST, `crosscheck/rules/${code.toLowerCase()}.test.ts`)),
    );
    expect(missing.map(({ code }) => code)).toEqual([]);
  });

  test('every bureau has its migration', () => {
    const migrations = readdirSync(path.join(__dirname, '../migrations'));
    expect(bureaus().filter(({ name }) => !migrations.some((file) => file.endsWith(`-${name}.ts`)))).toEqual([]);
  });

  test.each(
    bureaus()
      .flatMap((bureau) => bureau.records.map(recordKind))
      .map((kind) => [kind.kind, kind] as const),
  )('%s: every field is described in both languages', (_name, kind) => {
    const bare = kind.fields.filter(({ en, zh }) => !/[a-z]/i.test(en) || !/\p{Script=Han}/u.test(zh));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  test('every exported function and interface of a contract is documented', () => {
    const contracts = [
      'bureaus/bureau.ts',
      'bureaus/record.ts',
      'crosscheck/rule.ts',
      'sharing/decide.ts',
      'audit/record.ts',
      'subgraph/subgraph.ts',
    ];
    const bare = contracts.flatMap((file) => {
      const lines = readFileSync(path.join(SRC, file), 'utf8').split('\n');
      return lines.flatMap((line, place) => {
        const exported = /^export (?:async )?(?:function|interface) (\w+)/.exec(line)?.[1];
        return exported && !/\*\/$/.test(lines[place - 1] ?? '') ? [`${file}: ${exported}`] : [];
      });
    });
    expect(bare).toEqual([]);
  });
});
