import type { SqlSetting } from '../../setting';
import { SourceFault } from '../source';

/** A register's address, taken apart. `name` is what may be shown. */
export interface SqlAddress {
  name: string;
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** `?sslmode=` of the address: verify-full checks the server's certificate, require only encrypts; without one it is the driver's way. */
  tls?: 'disable' | 'require' | 'verify-full';
}

/** Takes the address apart. Throws a SourceFault that does not repeat it. */
export function addressOf({ type, url }: Pick<SqlSetting, 'type' | 'url'>, portUsual: number): SqlAddress {
  // postgres://user@/database?host=/folder is a usual form that URL does not know.
  const readable = url.replace('@/', '@localhost/');
  if (!URL.canParse(readable))
    throw new SourceFault('has a url that is none: write type://user:password@host:port/database');
  const { hostname, port, pathname, searchParams, username, password } = new URL(readable);
  const host = searchParams.get('host') ?? hostname.replace(/^\[|\]$/g, '');
  const address = {
    host,
    port: port === '' ? portUsual : Number(port),
    database: decoded(pathname.slice(1)),
    user: decoded(username),
    password: decoded(password),
    tls: type === 'postgres' ? undefined : tlsOf(searchParams),
  };
  return { ...address, name: `${type}://${host}:${address.port}/${address.database}` };
}

/** pg reads the parameters of its addresses itself. */
function tlsOf(parameters: URLSearchParams): SqlAddress['tls'] {
  const strange = [...parameters.keys()].find((name) => name !== 'sslmode');
  if (strange !== undefined) throw new SourceFault(`has a url with the parameter ${strange}: only sslmode is known`);
  const mode = parameters.get('sslmode');
  if (mode === null || mode === 'disable' || mode === 'require' || mode === 'verify-full') return mode ?? undefined;
  throw new SourceFault('has a url whose sslmode is none of disable, require, verify-full');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SourceFault('has a url with a % that begins no escape: write it as %25');
  }
}
