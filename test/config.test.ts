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
      metrics: null,
      requestLog: null,
      tracing: false,
      citus: false,
      drainSeconds: 0,
      personKey: null,
      quarantineLimit: 0.2,
      audit: { hash: 'sha256', signature: 'ed25519', checkpoints: [] },
      issuers: [],
      bureaus: {},
      nightly: null,
      subgraphs: {},
      supergraph: null,
      serving: null,
      warnings: [],
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
      HEYAN_METRICS: '[::1]:9464',
      HEYAN_LOG: 'off',
      HEYAN_DRAIN_SECONDS: '5',
      HEYAN_CITUS: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    };
    expect(readConfig(env, directory)).toEqual({
      dataDirectory: path.join(directory, 'data'),
      databaseUrl: 'postgresql://h/d',
      host: '::1',
      port: 0,
      metrics: { host: '::1', port: 9464 },
      requestLog: false,
      tracing: true,
      citus: true,
      drainSeconds: 5,
      personKey: Buffer.alloc(16, 0xab),
      quarantineLimit: 0.05,
      audit: { hash: 'sha256', signature: 'ed25519', checkpoints: [] },
      issuers: [],
      bureaus: {},
      nightly: null,
      subgraphs: {},
      supergraph: null,
      serving: null,
      warnings: [],
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
    [{ HEYAN_METRICS: '9464' }, 'accepted'],
    [{ HEYAN_METRICS: '0.0.0.0:9464' }, 'accepted'],
    [
      { HEYAN_METRICS: 'everywhere' },
      'HEYAN_METRICS is everywhere, not an address: write a port, or host:port, such as 127.0.0.1:9464',
    ],
    [{ HEYAN_METRICS: 'h:70000' }, 'HEYAN_METRICS is 70000, not a port: write a number from 0 to 65535'],
    [{ HEYAN_LOG: 'requests' }, 'accepted'],
    [{ HEYAN_LOG: 'all' }, 'HEYAN_LOG is all: write requests for a line of JSON per request, or off'],
    [{ HEYAN_CITUS: 'yes' }, 'HEYAN_CITUS is yes: write 1 when the database is a Citus cluster, or leave it empty'],
    [{ HEYAN_DRAIN_SECONDS: '301' }, 'HEYAN_DRAIN_SECONDS is 301: write whole seconds from 0 to 300'],
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
      'several mistakes at once',
      'a: 1\nquarantineLimit: -1\nb: 2\n',
      '<dir>/heyan.yaml:1: a: no such setting\n<dir>/heyan.yaml:2: quarantineLimit: Too small: expected number to be >=0\n<dir>/heyan.yaml:3: b: no such setting',
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

  describe('issuers', () => {
    const written = (...lines: string[]) => writeFileSync(path.join(directory, 'heyan.yaml'), lines.join('\n'));
    beforeEach(() => {
      writeFileSync(path.join(directory, 'keys.json'), '{"keys":[]}');
      writeFileSync(path.join(directory, 'key.pem'), '-----BEGIN');
    });

    test('are read, with the file of keys beside heyan.yaml', () => {
      written(
        'issuers:',
        '  - { issuer: https://id.tax, jwks: keys.json, audience: hub, agencies: [tax] }',
        '  - { issuer: id, jwks: "https://id/jwks", audience: hub, agencies: [a, b-c], algorithms: [ES256, EdDSA] }',
      );
      expect(readConfig({}, directory).issuers).toEqual([
        { issuer: 'https://id.tax', jwks: path.join(directory, 'keys.json'), audience: 'hub', agencies: ['tax'] },
        {
          issuer: 'id',
          jwks: 'https://id/jwks',
          audience: 'hub',
          agencies: ['a', 'b-c'],
          algorithms: ['ES256', 'EdDSA'],
        },
      ]);
    });

    const GOOD = { issuer: 'id', jwks: 'keys.json', audience: 'hub', agencies: '[tax]' };
    const NO_SET = 'holds no JSON Web Key Set: write the path of one, or its http(s):// address';
    test.each<[string, object, string]>([
      ['nothing wrong', {}, 'accepted'],
      [
        "the hub's own name",
        { issuer: 'heyan' },
        "3: issuers[0].issuer: this is the hub's own issuer: write the name of another",
      ],
      [
        "the jobs' name",
        { issuer: 'heyan-jobs' },
        "3: issuers[0].issuer: this is the hub's own issuer: write the name of another",
      ],
      ['no file', { jwks: 'gone.json' }, `4: issuers[0].jwks: <dir>/gone.json ${NO_SET}`],
      ['a file of another form', { jwks: 'key.pem' }, `4: issuers[0].jwks: <dir>/key.pem ${NO_SET}`],
      ['a folder', { jwks: '.' }, `4: issuers[0].jwks: <dir> ${NO_SET}`],
      ['no address', { jwks: '"http://:x"' }, '4: issuers[0].jwks: this is no address'],
      [
        'an empty audience',
        { audience: '""' },
        '5: issuers[0].audience: Too small: expected string to have >=1 characters',
      ],
      ['no agency', { agencies: '[]' }, '6: issuers[0].agencies: Too small: expected array to have >=1 items'],
      ['an odd agency', { agencies: '[tax, "*"]' }, '6: issuers[0].agencies[1]: no code of an agency'],
      [
        'HS256',
        { algorithms: '[HS256]' },
        '7: issuers[0].algorithms[0]: Invalid option: expected one of "RS256"|"ES256"|"EdDSA"',
      ],
      [
        'no algorithm',
        { algorithms: '[none]' },
        '7: issuers[0].algorithms[0]: Invalid option: expected one of "RS256"|"ES256"|"EdDSA"',
      ],
      ['a word that is no setting', { agency: 'tax' }, '7: issuers[0].agency: no such setting'],
    ])('%s', (_, changes, expected) => {
      const [first, ...more] = Object.entries({ ...GOOD, ...changes }).map(([key, value]) => `${key}: ${value}`);
      written('# whose tokens are taken', 'issuers:', `  - ${first}`, ...more.map((line) => `    ${line}`));
      expect(told({})).toBe(expected === 'accepted' ? expected : `<dir>/heyan.yaml:${expected}`);
    });

    test('what is missing, and an issuer given twice, are told with their place', () => {
      const good = '{ issuer: id, jwks: keys.json, audience: hub, agencies: [tax] }';
      written('issuers:', '  - { issuer: id, jwks: keys.json, audience: hub }');
      expect(told({})).toBe(
        '<dir>/heyan.yaml:2: issuers[0].agencies: Invalid input: expected array, received undefined',
      );
      written('issuers:', `  - ${good}`, `  - ${good}`);
      expect(told({})).toBe(
        '<dir>/heyan.yaml:3: issuers[1].issuer: this issuer is given above: name all its agencies there',
      );
    });
  });

  test('heyan.yaml that is no YAML is told with file and line', () => {
    writeFileSync(path.join(directory, 'heyan.yaml'), 'quarantineLimit: 0.1\nother: "open\n');
    expect(told({})).toMatch(/^<dir>\/heyan\.yaml:[23]: Missing closing "quote/);
  });

  test('a data directory, or file, where heyan.yaml should be', () => {
    expect(told({ HEYAN_CONFIG: '.' })).toBe('HEYAN_CONFIG names <dir>, which cannot be read (EISDIR)');
  });

  test('the audit log: hash, signature and checkpoint sinks, files beside heyan.yaml', () => {
    const sinks = '[provider/heads.jsonl, /mnt/heads.jsonl, "https://tax.example/heads"]';
    writeFileSync(path.join(directory, 'heyan.yaml'), `audit: { hash: sm3, signature: sm2, checkpoints: ${sinks} }\n`);
    expect(readConfig({}, directory).audit).toEqual({
      hash: 'sm3',
      signature: 'sm2',
      checkpoints: [path.join(directory, 'provider/heads.jsonl'), '/mnt/heads.jsonl', 'https://tax.example/heads'],
    });
  });

  test.each([
    ['audit:\n  hash: md5', /^<dir>\/heyan.yaml:2: audit.hash: .*sha256.*sm3/],
    ['audit:\n  hash: sm3\n  sign: sm2', '<dir>/heyan.yaml:3: audit.sign: no such setting'],
    ['audit:\n  checkpoints:\n  - a\n  - a', '<dir>/heyan.yaml:4: audit.checkpoints[1]: this sink is given above'],
    [
      'audit:\n  checkpoints:\n  - ftp://tax/heads',
      '<dir>/heyan.yaml:3: audit.checkpoints[0]: neither a file nor an address: write a path, or an http(s):// address',
    ],
    [
      'audit:\n  checkpoints:\n  - https://user:secret@tax/heads',
      /:3: audit.checkpoints\[0\]: this is no address without user/,
    ],
    ['audit:\n  checkpoints: [5]', /:2: audit.checkpoints\[0\]: /],
  ])('audit settings that cannot be used: %j', (text, expected) => {
    writeFileSync(path.join(directory, 'heyan.yaml'), `${text}\n`);
    if (typeof expected === 'string') expect(told({})).toBe(expected);
    else expect(told({})).toMatch(expected);
    expect(told({})).not.toContain('secret');
  });
});
