/**
 * What a database or its driver says when something goes wrong, in words that tell the operator what to do. The database's own sentence is not
 * repeated: it may hold a value, and a driver's the address with its password.
 */
import type { SqlSetting } from '../../setting';
import { SourceFault } from '../source';

/** The code of our own giving up, when neither an answer nor an error comes. */
export const NO_ANSWER = 'SILENT';

/** Codes of errors by what they mean: PostgreSQL (Appendix A), MySQL and MariaDB, SQL Server (numbers), Oracle (ORA-, NJS-), Node. */
const CODES = {
  unreachable: `ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENOENT ETIMEOUT ESOCKET ER_HOST_NOT_PRIVILEGED
    ORA-12541 ORA-12170 ORA-12545 NJS-503 NJS-510 NJS-511 NJS-515 NJS-530`,
  refused: '28P01 28000 ER_ACCESS_DENIED_ERROR ELOGIN 18456 ORA-01017 ORA-28000 ORA-01005',
  noDatabase: '3D000 ER_BAD_DB_ERROR ER_DBACCESS_DENIED_ERROR 4060 ORA-12514 ORA-12505 NJS-518',
  full: '53300 ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_USER_LIMIT_REACHED ORA-00018',
  starting: '57P03 ER_SERVER_SHUTDOWN ORA-01033 ORA-01034',
  noTable: '42P01 3F000 0A000 ER_NO_SUCH_TABLE ER_VIEW_INVALID 208 ORA-00942 ORA-04063',
  noColumn: '42703 ER_BAD_FIELD_ERROR 207 ORA-00904',
  denied: `42501 ER_TABLEACCESS_DENIED_ERROR ER_COLUMNACCESS_DENIED_ERROR ER_SPECIFIC_ACCESS_DENIED_ERROR 229 230
    ORA-01031 ORA-01045`,
  late: `${NO_ANSWER} 57014 ER_QUERY_TIMEOUT ER_QUERY_INTERRUPTED ER_LOCK_WAIT_TIMEOUT 1969 ETIMEOUT ORA-01013 NJS-123`,
  lost: `57P01 57P02 08006 08003 08000 ECONNRESET EPIPE ECONNABORTED PROTOCOL_CONNECTION_LOST ER_CONNECTION_KILLED ETIMEDOUT
    ECONNCLOSED ENOTOPEN ORA-03113 ORA-03114 ORA-00028 NJS-500`,
  unclear: '42601 ER_PARSE_ERROR ER_DUP_FIELDNAME 102 156 1033 ORA-00933 ORA-00923 ORA-00907',
  readOnly: '25006 ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION ORA-01456',
  certificate: `DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE CERT_HAS_EXPIRED
    ERR_TLS_CERT_ALTNAME_INVALID HANDSHAKE_NO_SSL_SUPPORT HANDSHAKE_SSL_ERROR`,
};

type Reason = keyof typeof CODES;

const REASONS = new Map<string, Reason[]>();
for (const [reason, codes] of Object.entries(CODES))
  for (const code of codes.split(/\s+/)) REASONS.set(code, [...(REASONS.get(code) ?? []), reason as Reason]);

/** While a connection is made, what breaks is a database out of reach; afterwards it is one that was lost. */
const CONNECTING: readonly Reason[] = ['unreachable', 'lost', 'late'];

/** What the drivers say without a code, as the code it amounts to. */
const WITHOUT_CODE: readonly [RegExp, string][] = [
  [
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/,
    '08006',
  ],
  [/does not support SSL/, 'HANDSHAKE_NO_SSL_SUPPORT'],
  [/client password must be a string/, '28P01'],
];

/** The SourceFault of an error while connecting or reading. Throws on a mistake of the program's own. */
export function faultOf(error: unknown, doing: 'connect' | 'read', setting: SqlSetting): SourceFault {
  if (error instanceof SourceFault) return error;
  const code = codeOf(error);
  return new SourceFault(sentence(reasonOf(code, doing), code, setting));
}

/** Whether the server ended a statement that took too long. */
export function isLate(error: unknown): boolean {
  return REASONS.get(codeOf(error))?.includes('late') ?? false;
}

/** The first code that says something. Numbers of SQL Server and names of MySQL stand before the general code of the driver. */
function codeOf(error: unknown): string {
  const { driverError, number, code, errno, errorNum } = error as Partial<Record<string, unknown>>;
  if (driverError !== undefined && driverError !== error) return codeOf(driverError);
  if (typeof number === 'number' && number > 0) return String(number);
  if (typeof errorNum === 'number' && errorNum > 0) return `ORA-${String(errorNum).padStart(5, '0')}`;
  if (typeof code === 'string' && code !== '') return code;
  // MariaDB has errors that its driver knows no name of.
  if (typeof errno === 'number' && errno > 0) return String(errno);
  // A TypeError and its like are nobody else's.
  if ((error as Error).name !== 'Error') throw error;
  return WITHOUT_CODE.find(([says]) => says.test((error as Error).message))?.[1] ?? 'without a code';
}

function reasonOf(code: string, doing: 'connect' | 'read'): Reason | undefined {
  const found = REASONS.get(code) ?? [];
  if (doing === 'connect') return found.some((reason) => CONNECTING.includes(reason)) ? 'unreachable' : found[0];
  return found.includes('late') ? 'late' : found[0] === 'unreachable' ? 'lost' : found[0];
}

function sentence(reason: Reason | undefined, code: string, setting: SqlSetting): string {
  const seconds = setting.statementTimeoutSeconds;
  const read = setting.table === undefined ? 'query' : `table ${setting.table}`;
  switch (reason) {
    case 'unreachable':
      return `cannot be reached (${code}): check host and port in sql.url, and that the database runs and lets this machine in`;
    case 'refused':
      return `refuses the user or password (${code}): check sql.url`;
    case 'noDatabase':
      return `has no database of that name for this user (${code}): check sql.url`;
    case 'full':
      return `has no connection left (${code}): raise its limit or read it at another hour`;
    case 'starting':
      return `is starting or stopping (${code}): read it again in a moment`;
    case 'noTable':
      return `has no table or view that ${read} names, or shows it to others only (${code}): letter case counts, and a schema may have to stand before it`;
    case 'noColumn':
      return `has no column that ${read} names (${code}): letter case may count`;
    case 'denied':
      return `does not let this user read (${code}): grant it select on what ${read} names`;
    case 'late':
      return `took longer than ${seconds} s for a statement (${code}): give it an index on (${setting.watermark}, ${setting.key}), or raise sql.statementTimeoutSeconds`;
    case 'lost':
      return `lost the connection while it was read (${code}): what was taken before stands, and the next run goes on from there`;
    case 'unclear':
      return `does not understand ${read} (${code}): sql.query must be one select whose columns have names of their own, without order by and semicolon`;
    case 'readOnly':
      return `was asked by ${read} to write (${code}): Heyan only reads`;
    case 'certificate':
      return `shows no certificate that this machine trusts (${code}): add its authority, or say ?sslmode= in sql.url`;
    default:
      return `answers with an error (${code}): read ${read} as the same user in the database's own client to learn more`;
  }
}
