import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BadSetting, readConfig } from '../src/config';

describe('settings', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const told = (env: Record<string, string>): string => {
    try {
      readConfig(env, directory);
      return 'accepted';
    } catch (error) {
      expect(error).toBeInstanceOf(BadSetting);
      return (error as Error).message.replaceAll(directory, '<dir>');
    }
  };

  test('none given: everything has its default, and nothing can be changed afterwards', () => {
    const config = readConfig({}, directory);
    expect(config).toEqual({
      dataDirectory: path.join(directory, '.heyan'),
      databaseUrl: null,
      host: '127.0.0.1',
      port: 4000,
      personKey: null,
      quarantineLimit: 0.2,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('all given', () => {
    writeFileSync(path.join(directory, 'mine.yaml'), 'quarantineLimit: 0.05\n');
    const env = {
      HEYAN_DATA: 'data',
      DATABASE_URL: 'postgresql://h/d',
      HEYAN_HOST: '::1',
      PORT: '0',
      HEYAN_PERSON_KEY: 'aB'.repeat(16),
      HEYAN_CONFIG: 'mine.yaml',
    };
    expect(readConfig(env, directory)).toEqual({
      dataDirectory: path.join(directory, 'data'),
      databaseUrl: 'postgresql://h/d',
      host: '::1',
      port: 0,
      personKey: Buffer.alloc(16, 0xab),
      quarantineLimit: 0.05,
    });
  });

  test('settings left empty are settings not given', () => {
    expect(
      readConfig(
        { HEYAN_DATA: '', DATABASE_URL: '', HEYAN_HOST: '', PORT: '', HEYAN_PERSON_KEY: '', HEYAN_CONFIG: '' },
        directory,
      ),
    ).toEqual(readConfig({}, directory));
  });

  const PORT = (text: string) => `PORT is ${text}, not a port: write a number from 0 to 65535`;
  const KEY = 'HEYAN_PERSON_KEY is not a key: write 32 to 128 hex digits, or leave it empty to have one made';
  test.each<[Record<string, string>, string]>([
    [{ PORT: '65535' }, 'accepted'],
    [{ PORT: '65536' }, PORT('65536')],
    [{ PORT: '-1' }, PORT('-1')],
    [{ PORT: '80.5' }, PORT('80.5')],
    [{ PORT: '0x50' }, PORT('0x50')],
    [{ PORT: 'http' }, PORT('http')],
    [{ PORT: ' 80' }, PORT(' 80')],
    [{ DATABASE_URL: 'postgres://u:secret@h/d' }, 'accepted'],
    [
      { DATABASE_URL: 'mysql://u:secret@h/d' },
      'DATABASE_URL is not a PostgreSQL address: write postgres://user:password@host:port/database',
    ],
    [
      { DATABASE_URL: 'localhost:5432' },
      'DATABASE_URL is not a PostgreSQL address: write postgres://user:password@host:port/database',
    ],
    [{ HEYAN_PERSON_KEY: 'ab'.repeat(64) }, 'accepted'],
    [{ HEYAN_PERSON_KEY: 'ab'.repeat(15) }, KEY],
    [{ HEYAN_PERSON_KEY: 'ab'.repeat(65) }, KEY],
    [{ HEYAN_PERSON_KEY: `${'ab'.repeat(16)}a` }, KEY],
    [{ HEYAN_PERSON_KEY: 'zz'.repeat(16) }, KEY],
    [{ HEYAN_CONFIG: 'gone.yaml' }, 'HEYAN_CONFIG names <dir>/gone.yaml, which does not exist'],
  ])('%j: %s', (env, expected) => {
    expect(told(env)).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['an empty file', '', 'accepted'],
    ['a comment alone', '# nothing yet\n', 'accepted'],
    ['a limit', 'quarantineLimit: 1\n', 'accepted'],
    [
      'a limit beyond all',
      '# rows\n\nquarantineLimit: 1.5\n',
      '<dir>/heyan.yaml:3: quarantineLimit: Too big: expected number to be <=1',
    ],
    [
      'a limit that is no number',
      'quarantineLimit: many\n',
      '<dir>/heyan.yaml:1: quarantineLimit: Invalid input: expected number, received string',
    ],
    [
      'a word that is no setting',
      'quarantineLimit: 0.1\nquarantinelimit: 0.1\n',
      '<dir>/heyan.yaml:2: quarantinelimit: no such setting',
    ],
    [
      'two mistakes at once',
      'a: 1\nquarantineLimit: -1\nb: 2\n',
      '<dir>/heyan.yaml:2: quarantineLimit: Too small: expected number to be >=0\n<dir>/heyan.yaml:1: a: no such setting\n<dir>/heyan.yaml:3: b: no such setting',
    ],
    [
      'a setting given twice',
      'quarantineLimit: 0.1\nquarantineLimit: 0.2\n',
      '<dir>/heyan.yaml:2: Map keys must be unique at line 2, column 1:',
    ],
    ['__proto__', '__proto__: { quarantineLimit: 1 }\n', '<dir>/heyan.yaml:1: __proto__: no such setting'],
    ['a list', '- quarantineLimit\n', '<dir>/heyan.yaml:1: the file holds no settings: write name: value, one a line'],
    ['a word', 'yes\n', '<dir>/heyan.yaml:1: the file holds no settings: write name: value, one a line'],
  ])('heyan.yaml with %s', (_, text, expected) => {
    writeFileSync(path.join(directory, 'heyan.yaml'), text);
    expect(told({})).toBe(expected);
  });

  test('heyan.yaml that is no YAML is told with file and line', () => {
    writeFileSync(path.join(directory, 'heyan.yaml'), 'quarantineLimit: 0.1\nother: "open\n');
    expect(told({})).toMatch(/^<dir>\/heyan\.yaml:[23]: Missing closing "quote/);
  });

  test('a data directory, or file, where heyan.yaml should be', () => {
    expect(told({ HEYAN_CONFIG: '.' })).toBe('HEYAN_CONFIG names <dir>, which cannot be read (EISDIR)');
  });
});
