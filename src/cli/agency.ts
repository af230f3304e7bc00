import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Pool } from 'pg';
import type { Config } from '../config';
import { disableClient, makeClient } from '../gateway/client';
import { issuerFor } from '../gateway/issuers';
import { publicKeySet } from '../gateway/key-set';
import { TOKEN_PATH } from '../gateway/oauth';
import { addAgency, suspendAgency } from '../sharing/agency';
import { note, printJson, printLine, table } from './print';
import { inSession } from './session';

const JSON_OPTION = ['--json', 'one JSON document on stdout'] as const;
const KEY_FILE_BYTES_MAX = 100_000;

export function addTo(program: Command): void {
  const agency = program
    .command('agency')
    .description('register agencies, and the clients that fetch tokens for them')
    .addHelpText(
      'after',
      '\nExample:\n  heyan agency add housing-fund --name-en "Housing fund" --name-zh 住房公积金管理中心\n  heyan agency client housing-fund',
    );
  addAdd(agency);
  addList(agency);
  addClient(agency);
  addDisableClient(agency);
  addSuspend(agency);
}

function addAdd(agency: Command): void {
  agency
    .command('add')
    .description('register an agency, so that its tokens are taken; what it may ask, agreements say')
    .argument('<code>', 'its code: lower-case letters, digits and hyphens')
    .requiredOption('--name-en <name>', 'its name in English')
    .requiredOption('--name-zh <name>', 'its name in Chinese')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  heyan agency add housing-fund --name-en "Housing fund" --name-zh 住房公积金管理中心',
    )
    .action((code: string, { nameEn, nameZh, json }: { nameEn: string; nameZh: string; json?: boolean }) =>
      inSession(async ({ database }) => {
        await addAgency(database.dataSource, { code, nameEn, nameZh });
        if (json) printJson({ code, nameEn, nameZh });
        else printLine(`Registered ${code}.`);
      }),
    );
}

function addList(agency: Command): void {
  agency
    .command('list')
    .description('list agencies and their clients')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  heyan agency list')
    .action(({ json }: { json?: boolean }) =>
      inSession(async ({ config, database }) => {
        const agencies = await listed(database.pool, config);
        if (json) return printJson(agencies);
        const rows = agencies.map(({ code, nameEn, nameZh, suspendedAt, issuer, clients }) => [
          code,
          `${nameEn} ${nameZh}`,
          suspendedAt ? 'suspended' : 'active',
          issuer ?? clients.map(({ id, disabledAt }) => (disabledAt ? `${id} (disabled)` : id)).join(', '),
        ]);
        printLine(table(['code', 'name', 'state', 'clients or issuer'], rows));
      }),
    );
}

interface Listed {
  code: string;
  nameEn: string;
  nameZh: string;
  suspendedAt: string | null;
  /** The configured issuer that speaks for it. */
  issuer: string | null;
  clients: { id: string; proof: 'secret' | 'key'; madeAt: string; disabledAt: string | null }[];
}

async function listed(pool: Pool, { issuers }: Config): Promise<Listed[]> {
  const { rows } = await pool.query<Omit<Listed, 'issuer'>>(`
    select a.code, a.name_en as "nameEn", a.name_zh as "nameZh", a.suspended_at as "suspendedAt",
      coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'proof', case when c.jwks is null then 'secret' else 'key' end,
        'madeAt', c.made_at, 'disabledAt', c.disabled_at
      ) order by c.id) filter (where c.id is not null), '[]') as clients
    from sharing.agency a left join sharing.client c on c.agency = a.code group by a.code order by a.code`);
  return rows.map(({ clients, ...one }) => ({ ...one, issuer: issuerFor(issuers, one.code) ?? null, clients }));
}

function addClient(agency: Command): void {
  agency
    .command('client')
    .description('make a client of an agency: with a secret, which is shown once, or with a key of its own')
    .argument('<code>', 'code of the agency')
    .option('--name <name>', 'name of the client, when the agency has several')
    .option('--jwks <file>', 'public key of the client (JSON Web Key Set), instead of a secret')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  heyan agency client housing-fund --name nightly')
    .action((code: string, options: { name?: string; jwks?: string; json?: boolean }) =>
      inSession(async ({ config, database }) => {
        const jwks = options.jwks === undefined ? null : await keySetIn(options.jwks);
        const { id, secret } = await makeClient(database.pool, { agency: code, name: options.name ?? null, jwks });
        const issuer = issuerFor(config.issuers, code);
        if (issuer) note(`Tokens of ${code} come from ${issuer}: this client gets none while it is configured.`);
        const curl = curlOf(config, id, secret);
        if (options.json) printJson({ clientId: id, clientSecret: secret, curl });
        else printLine(`Client  ${id}\n${secret ? `Secret  ${secret}\n` : ''}\n${curl}`);
        if (secret) note('The secret is not kept and cannot be shown again.');
      }),
    );
}

async function keySetIn(file: string): Promise<Awaited<ReturnType<typeof publicKeySet>>> {
  try {
    if (statSync(file).size > KEY_FILE_BYTES_MAX) throw new Error('it is too long for a key set');
    return await publicKeySet(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${file} cannot be used: ${code ? `it cannot be read (${code})` : message}`);
  }
}

/** What a developer pastes to get the first token. */
function curlOf({ host, port }: Config, id: string, secret: string | null): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${TOKEN_PATH}`;
  if (secret) return `curl -u '${id}:${secret}' -d grant_type=client_credentials ${url}`;
  return [
    `curl -d grant_type=client_credentials -d client_assertion="$ASSERTION" \\`,
    '  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\',
    `  ${url}`,
    `where ASSERTION is a JWT signed by the client's key with iss and sub ${id}, aud heyan, a new jti, and exp within ten minutes.`,
  ].join('\n');
}

function addDisableClient(agency: Command): void {
  agency
    .command('disable-client')
    .description(
      'disable a client for good: it gets no tokens, and those it has are not taken from the next request on',
    )
    .argument('<id>', 'id of the client')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  heyan agency disable-client housing-fund/nightly')
    .action((id: string, { json }: { json?: boolean }) =>
      inSession(async ({ database }) => {
        await disableClient(database.pool, id);
        if (json) printJson({ clientId: id, disabled: true });
        else printLine(`Disabled ${id}.`);
      }),
    );
}

function addSuspend(agency: Command): void {
  for (const [name, isSuspended, description] of [
    ['suspend', true, 'take no token of an agency, from the next request on'],
    ['resume', false, 'take the tokens of a suspended agency again'],
  ] as const)
    agency
      .command(name)
      .description(description)
      .argument('<code>', 'code of the agency')
      .option(...JSON_OPTION)
      .addHelpText('after', `\nExample:\n  heyan agency ${name} housing-fund`)
      .action((code: string, { json }: { json?: boolean }) =>
        inSession(async ({ database }) => {
          await suspendAgency(database.dataSource, code, isSuspended);
          if (json) printJson({ code, suspended: isSuspended });
          else printLine(isSuspended ? `Suspended ${code}.` : `${code} may work again.`);
        }),
      );
}
