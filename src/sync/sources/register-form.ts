/**
 * What may be written under `sql:` and `http:` of a kind. Addresses, tokens and headers may take their parts from the environment, as `${NAME}`;
 * no message repeats them.
 */
import { z } from 'zod';
import { named, noSuchSetting, ofObjects } from '../mistakes';
import type { HttpSetting, SqlSetting } from '../setting';
import { queryFaults } from './query-faults';
import { addressOf } from './sql/address';

export type Environment = Readonly<Record<string, string | undefined>>;

const TEXT_CHARACTERS_MAX = 4_000;
const QUERY_CHARACTERS_MAX = 20_000;
const WEEK_MINUTES = 7 * 24 * 60;
const OVERLAP_MINUTES = 15;
const HEADERS_MAX = 50;

/** The schemes of an address, and how one is written, by type of database. */
const ADDRESSES: Readonly<Record<SqlSetting['type'], { schemes: readonly string[]; example: string }>> = {
  postgres: { schemes: ['postgres:', 'postgresql:'], example: 'postgres://user:password@host:5432/database' },
  mysql: { schemes: ['mysql:', 'mariadb:'], example: 'mysql://user:password@host:3306/database' },
  mariadb: { schemes: ['mariadb:', 'mysql:'], example: 'mariadb://user:password@host:3306/database' },
  mssql: { schemes: ['mssql:'], example: 'mssql://user:password@host:1433/database' },
  oracle: { schemes: ['oracle:'], example: 'oracle://user:password@host:1521/service' },
};

/** What a statement asks for by name: it is quoted there, and needs no quotes here. */
const UNFIT_FOR_NAME = /[\s"'`;[\](),\p{Cc}]/u;
const columnName = (says: string) =>
  z
    .string(says)
    .min(1, says)
    .max(128)
    .refine((name) => !UNFIT_FOR_NAME.test(name), 'write the name alone, without blanks, quotes or brackets');
const tableName = z
  .string()
  .max(386)
  .refine(
    (table) =>
      table.split('.').length <= 3 && table.split('.').every((part) => part !== '' && !UNFIT_FOR_NAME.test(part)),
    'write table, or schema.table, without blanks, quotes or brackets',
  );
const wholeNumber = (min: number, max: number) => z.int().min(min).max(max);
const offset = z
  .string()
  .regex(/^[+-](0\d|1[0-4]):[0-5]\d$/, 'write an offset such as +08:00')
  .default('+08:00');
const overlapMinutes = wholeNumber(0, WEEK_MINUTES).default(OVERLAP_MINUTES);

/** The text with `${NAME}` replaced by the variable's value. */
function filled(environment: Environment) {
  return z
    .string('write a text')
    .min(1)
    .max(TEXT_CHARACTERS_MAX)
    .transform((text, context) => {
      const mistakes = new Set<string>();
      const full = text.replace(/\$\{([^}]*)\}?/g, (written, name: string) => {
        if (!/^[A-Za-z_]\w*$/.test(name) || !written.endsWith('}'))
          // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how it is written in the file
          mistakes.add('write ${NAME}, the name of an environment variable: letters, digits and _');
        else if (!environment[name])
          mistakes.add(`the environment variable ${name} is not set: set it, or write the value here`);
        return environment[name] ?? '';
      });
      for (const message of mistakes) context.addIssue({ code: 'custom', message });
      return mistakes.size > 0 ? z.NEVER : full;
    });
}

/** A register in a database. */
export function sqlForm(environment: Environment): z.ZodType<SqlSetting> {
  const shape = {
    type: z.enum(Object.keys(ADDRESSES) as SqlSetting['type'][], `write one of ${Object.keys(ADDRESSES).join(', ')}`),
    url: filled(environment),
    table: tableName.optional(),
    query: z
      .string()
      .max(QUERY_CHARACTERS_MAX)
      .superRefine((query, context) => {
        for (const message of queryFaults(query)) context.addIssue({ code: 'custom', message });
      })
      .optional(),
    watermark: columnName('name the column that grows whenever a row is touched'),
    key: columnName('name the column that tells rows with the same watermark apart'),
    overlapMinutes,
    offset,
    statementTimeoutSeconds: wholeNumber(1, 86_400).default(300),
  };
  return named(shape, noSuchSetting(shape)).superRefine(({ type, url, table, query }, context) => {
    const mistake = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (table === undefined && query === undefined)
      mistake('table', 'name the table or view to read, or write a query');
    if (table !== undefined && query !== undefined) mistake('query', 'write table or query, not both');
    const fault = typeof url === 'string' && !url.includes('${') ? addressFault(type, url) : undefined;
    if (fault) mistake('url', fault);
  }, ofObjects) as unknown as z.ZodType<SqlSetting>;
}

function addressFault(type: SqlSetting['type'], url: string): string | undefined {
  const address = ADDRESSES[type];
  if (!address) return undefined;
  if (!isDatabase(url, address.schemes))
    return `this is no address of a database of type ${type}: write ${address.example}, in a password %40 for @ and %2F for /`;
  try {
    addressOf({ type, url }, 0);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function isDatabase(url: string, schemes: readonly string[]): boolean {
  // postgres://user@/database?host=/folder is a usual form that URL does not know.
  const readable = url.replace('@/', '@localhost/');
  if (!URL.canParse(readable)) return false;
  const { protocol, hostname, pathname, searchParams } = new URL(readable);
  return schemes.includes(protocol) && (hostname !== '' || searchParams.has('host')) && pathname.length > 1;
}

const parameter = z.string().regex(/^[^\s&=?#]{1,100}$/, 'write the name of a query parameter');
const answerPath = z
  .string()
  .max(200)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'write the path in the answer, as data.items');

const page = z.discriminatedUnion(
  'by',
  [
    z.strictObject({
      by: z.literal('number'),
      parameter: parameter.default('page'),
      first: wholeNumber(0, 1).default(1),
    }),
    z.strictObject({ by: z.literal('cursor'), parameter, next: answerPath }),
    z.strictObject({ by: z.literal('address'), next: answerPath }),
  ],
  { error: 'write how pages are asked for: by: number, by: cursor or by: address' },
);

/** A register behind HTTP. */
export function httpForm(environment: Environment): z.ZodType<HttpSetting> {
  const text = filled(environment).refine((value) => !/[\r\n\0]/.test(value), 'holds a line end');
  const shape = {
    url: filled(environment).refine(isWebAddress, 'this is no http:// or https:// address'),
    token: text.optional(),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, 'no name of a header'), text)
      .refine((headers) => Object.keys(headers).length <= HEADERS_MAX, `more than ${HEADERS_MAX} headers`)
      .default({}),
    rows: z.union([z.literal(''), answerPath]).default(''),
    page,
    size: z.strictObject({ parameter, rows: wholeNumber(1, 10_000) }).optional(),
    since: z.strictObject({ parameter, watermark: answerPath, overlapMinutes }).optional(),
    offset,
    timeoutSeconds: wholeNumber(1, 600).default(30),
    attempts: wholeNumber(1, 20).default(5),
  };
  return named(shape, noSuchSetting(shape)).superRefine(({ token, headers }, context) => {
    const names = Object.keys((headers as object | null) ?? {});
    const authorization = names.find((name) => name.toLowerCase() === 'authorization');
    if (token !== undefined && authorization !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['headers', authorization],
        message: 'a token is given too: write one of the two',
      });
    for (const name of names.filter((one) => OWN_HEADERS.has(one.toLowerCase())))
      context.addIssue({
        code: 'custom',
        path: ['headers', name],
        message: 'this header is written by the request itself: take it out',
      });
  }, ofObjects) as unknown as z.ZodType<HttpSetting>;
}

const OWN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'accept-encoding',
]);

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}

/** Where a password or token stands in the file itself and not in the environment; `undefined` parts of the settings hold none. */
export function plainSecrets(kind: { sql?: unknown; http?: unknown }): string[][] {
  const { sql, http } = kind as {
    sql?: { url?: unknown };
    http?: { url?: unknown; token?: unknown; headers?: Record<string, unknown> };
  };
  const secret = (value: unknown) => typeof value === 'string' && value !== '' && !/^(\w+ )?\$\{\w+\}$/.test(value);
  const passwordOf = (url: unknown) => /^[^/]*\/\/[^/@]*?:([^/]*)@/.exec(String(url ?? ''))?.[1];
  return [
    ...(secret(passwordOf(sql?.url)) ? [['sql', 'url']] : []),
    ...(secret(passwordOf(http?.url)) ? [['http', 'url']] : []),
    ...(secret(http?.token) ? [['http', 'token']] : []),
    ...Object.entries(http?.headers ?? {})
      .filter(([name, value]) => /auth|token|key|secret|cookie|pass/i.test(name) && secret(value))
      .map(([name]) => ['http', 'headers', name]),
  ];
}
