/**
 * The two shapes of a hub: every bureau in its process and database, or each on its own premises, with a database, agreements and an audit log of
 * its own, reached over HTTP with signed callers. `HEYAN_TEST_SHAPE=remote` opens every hub that a test asks for in the second shape, so
 * that whole suites can be run in it:
 *
 *     HEYAN_TEST_SHAPE=remote npm run jest -- test/gateway test/sharing test/bureaus test/hub
 */
import type { Pool } from 'pg';
import type { Signer } from '../../src/audit/signing';
import { bureaus, recordKinds } from '../../src/bureaus/bureau';
import { recordKind } from '../../src/bureaus/record';
import type { Database } from '../../src/db/database';
import { Agreement } from '../../src/sharing/agreement';
import { signApproval } from '../../src/sharing/approval';
import { type LoadOptions, loadDelivery } from '../../src/sync/load';
import type { DeliveryReport } from '../../src/sync/report';
import type { TestHub } from './hub';
import { type TestPremises, testPremises } from './premises';

export type Shape = 'local' | 'remote';

/** The shape of hubs whose test does not choose. */
export const SHAPE: Shape = process.env.HEYAN_TEST_SHAPE === 'remote' ? 'remote' : 'local';
/** For suites that are run in both. */
export const SHAPES: readonly Shape[] = SHAPE === 'remote' ? ['remote'] : ['local', 'remote'];

/** Seven bureaus take longer to open than one hub does, and each compiles what it is asked. */
if (SHAPE === 'remote') jest.setTimeout(300_000);
/** Compiling its first operations may take a bureau seconds where other tests use the same cores. */
const TIMEOUT_MILLISECONDS = 9_500;
/** Connections of each bureau to its database: seven bureaus of two hubs at once share one server. */
const POOL_SIZE = 3;

/** Where the records of a hub are that are not in its own database, by kind. */
const away = new WeakMap<Database, ReadonlyMap<string, TestPremises>>();

/** The premises on which the bureaus of the hub with this database are; none when they are all in its process. */
export function premisesOf(database: Database): readonly TestPremises[] {
  return [...new Set(away.get(database)?.values() ?? [])];
}

/** The database in which a kind's records are kept, for the hub with this one. */
export function keeping(database: Database, kind: string): Database {
  return away.get(database)?.get(kind)?.database ?? database;
}

/** The databases of a hub: its own, and those of its bureaus. */
export function databasesOf(database: Database): readonly Database[] {
  return [database, ...premisesOf(database).map((premises) => premises.database)];
}

/** Who signs the agreements under which a kind's bureau decides. */
export function signerFor({ database, hub }: Pick<TestHub, 'database' | 'hub'>, kind: string): Signer {
  return away.get(database)?.get(kind)?.signer ?? hub.signer;
}

export function poolsOf(database: Database): Pool[] {
  return databasesOf(database).map(({ pool }) => pool);
}

/** Puts every bureau of a hub on premises of its own. */
export async function moveOut(
  database: Database,
  options: Parameters<typeof testPremises>[1],
): Promise<readonly TestPremises[]> {
  const opened = await Promise.all(
    bureaus().map(async (bureau) => {
      const premises = await testPremises([bureau.name], { poolSize: POOL_SIZE, ...options });
      for (const setting of Object.values(premises.settings)) setting.timeoutMilliseconds = TIMEOUT_MILLISECONDS;
      return { premises, kinds: kindsOf(bureau) };
    }),
  );
  away.set(database, new Map(opened.flatMap(({ premises, kinds }) => kinds.map((kind) => [kind, premises] as const))));
  return opened.map(({ premises }) => premises);
}

/** Takes a delivery in where the records of each bureau are kept: by the bureaus themselves when they are not here. */
export async function takeIn(database: Database, options: LoadOptions): Promise<DeliveryReport> {
  const elsewhere = away.get(database);
  if (!elsewhere) return loadDelivery(database, options);
  const report: DeliveryReport = { directory: options.directory, warnings: [], kinds: [] };
  for (const premises of premisesOf(database)) {
    const theirs = [...elsewhere].flatMap(([kind, one]) => (one === premises ? [kind] : []));
    const kinds = theirs.filter((kind) => options.kinds?.includes(kind) ?? true);
    const taken = await loadDelivery(premises.database, { ...options, kinds });
    report.kinds.push(...taken.kinds);
    report.warnings.push(...taken.warnings);
  }
  return report;
}

/**
 * Bureaus elsewhere grant the same as stands in the hub's database: each what is its own to give, signed by itself. The household register hands on
 * which keys are one person's to agencies that it has an agreement with, so those that others share with have one with it too; it gives
 * nothing that the hub would let through.
 */
export async function grantElsewhere(database: Database, agreements: readonly Agreement[]): Promise<void> {
  for (const premises of premisesOf(database)) {
    const own = ownProviders(database, premises);
    const theirs = agreements.flatMap((one) => {
      if (own.has(one.provider)) return [one];
      return own.has(REGISTER) && one.state === 'APPROVED' ? [joining(one)] : [];
    });
    const codes = theirs.flatMap(({ provider, agency }) => [provider, agency]);
    await premises.database.pool.query(
      'insert into sharing.agency (code, name_en, name_zh) select distinct code, code, code from unnest($1::text[]) code on conflict do nothing',
      [codes],
    );
    const signed = theirs.map((one) => ({ ...one, approval: one.approval && signApproval(one, premises.signer) }));
    await forget(premises.database, signed);
    const repository = premises.database.dataSource.getRepository(Agreement);
    for (let at = 0; at < signed.length; at += 200) await repository.insert(signed.slice(at, at + 200) as object[]);
  }
}

/** What bureaus elsewhere grant as this agreement of the hub says now; nothing where they share the hub's agreements. */
export async function grantedThere(database: Database, id: string): Promise<void> {
  await grantElsewhere(database, await database.dataSource.getRepository(Agreement).findBy({ id }));
}

/** Agreements are never deleted; a test that writes one anew takes the old one out past the guard. */
async function forget({ pool }: Database, agreements: readonly { id: string }[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    await client.query('delete from sharing.agreement where id = any($1)', [agreements.map(({ id }) => id)]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

const REGISTER = 'public-security';

function joining(other: Agreement): Agreement {
  const clauses = [{ recordKind: 'household', fields: ['ethnicity'], verbs: ['AGGREGATE' as const] }];
  return { ...other, id: `${REGISTER}/joining/${other.id}`, provider: REGISTER, clauses, personsPerDay: null };
}

function ownProviders(database: Database, premises: TestPremises): ReadonlySet<string> {
  const kinds = [...(away.get(database) ?? [])].flatMap(([kind, one]) => (one === premises ? [kind] : []));
  const providers = recordKinds().filter(({ kind }) => kinds.includes(kind));
  return new Set(providers.map(({ provider }) => provider));
}

function kindsOf({ records }: ReturnType<typeof bureaus>[number]): string[] {
  return records.map((record) => recordKind(record).kind);
}

/**
 * As `describe`, for tests that hold for a hub with every bureau in its own process alone. In the other shape a test stands in their place and says
 * why they are not there.
 * @example inOneProcess('statements of one database are counted')('what a page costs', () => …)
 */
export function inOneProcess(reason: string): (name: string, tests: () => void) => void {
  if (SHAPE === 'local') return describe;
  return (name) => test(`${name}: not with bureaus elsewhere, since ${reason}`, () => expect(SHAPE).toBe('remote'));
}
