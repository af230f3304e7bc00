import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { decodeJwt } from 'jose';
import { openIssuer } from '../gateway/issuer';
import { issuerFor } from '../gateway/issuers';
import { revokeAllOf, revokeToken } from '../gateway/revocation';
import { isText } from '../gateway/token';
import { Agency } from '../sharing/agency';
import { Agreement } from '../sharing/agreement';
import { stands } from '../sharing/decide';
import { wholeNumber } from './options';
import { note, printJson, printLine } from './print';
import { inSession, type Session } from './session';

interface Asked {
  agency?: string;
  purpose?: string;
  officer?: string;
  hours: number;
  json?: boolean;
}

export function addTo(program: Command): void {
  const token = program
    .command('token')
    .description('issue an access token for an agency, or revoke one')
    .option('--agency <code>', 'code of the agency, for example medical-insurance-supervision')
    .option('--purpose <code>', 'purpose it is for, for example FUND_SUPERVISION; sent as header x-purpose')
    .option('--officer <name>', 'officer inside the agency, for the audit log')
    .option('--hours <number>', 'how long it holds', wholeNumber(1, 720), 12)
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  heyan token --agency medical-insurance-supervision --purpose FUND_SUPERVISION\n  heyan token revoke eyJhbGciOi…',
    )
    .action((options: Asked, command: Command) => {
      const { agency, purpose } = options;
      // Not declared as required: then `token revoke` would require them too.
      if (!agency) return command.error("error: required option '--agency <code>' not specified");
      if (!purpose) return command.error("error: required option '--purpose <code>' not specified");
      return inSession((session) => issue(session, { ...options, agency, purpose }));
    });
  addRevoke(token);
}

async function issue(session: Session, options: Asked & { agency: string; purpose: string }): Promise<void> {
  await noteWhatWillBeRefused(session, options.agency, options.purpose);
  const issuer = await openIssuer(session.config.dataDirectory);
  const token = await issuer.issue(options.agency, options.officer ?? null, options.hours * 3_600);
  const headers = { authorization: `Bearer ${token}`, 'x-purpose': options.purpose };
  if (options.json) printJson({ token, jti: decodeJwt(token).jti, headers });
  else printLine(token);
}

async function noteWhatWillBeRefused(
  { config, database, today }: Session,
  agency: string,
  purpose: string,
): Promise<void> {
  const issuer = issuerFor(config.issuers, agency);
  if (issuer) note(`Tokens of ${agency} come from ${issuer}: this one will be refused.`);
  const registered = await database.dataSource.getRepository(Agency).findOneBy({ code: agency });
  if (!registered) note(`${agency} is not registered: its tokens are refused until "heyan agency add ${agency}".`);
  else if (registered.suspendedAt)
    note(`${agency} is suspended: its tokens are refused until "heyan agency resume ${agency}".`);
  const agreements = await database.dataSource.getRepository(Agreement).findBy({ agency });
  const standing = agreements.filter((agreement) => stands(agreement, today));
  if (agreements.length === 0)
    note(`${agency} has no agreement yet: every operation will be refused until it has one.`);
  else if (!standing.some((agreement) => agreement.purposes.includes(purpose))) {
    const purposes = [...new Set(standing.flatMap((agreement) => agreement.purposes))].sort();
    note(`${agency} has no agreement for ${purpose}; it has them for ${purposes.join(', ') || 'nothing'}.`);
  }
}

function addRevoke(token: Command): void {
  token
    .command('revoke')
    .description('revoke a token, or all that an agency has, from the next request on')
    .argument('[token]', 'the token, or its jti')
    .option('--agency <code>', 'with --all: the agency whose tokens are revoked')
    .option('--all', 'all tokens of the agency that were issued up to now')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  heyan token revoke eyJhbGciOi…\n  heyan token revoke --agency housing-fund --all',
    )
    .action(
      (given: string | undefined, options: { agency?: string; all?: boolean; json?: boolean }, command: Command) => {
        const { agency, all, json } = options;
        if (given !== undefined && (agency || all))
          return command.error('error: give a token, or --agency <code> --all, not both');
        if (given === undefined && !(agency && all))
          return command.error('error: give a token or its jti, or --agency <code> --all');
        return inSession(async ({ database }) => {
          if (given !== undefined) {
            const jti = namedBy(given);
            await revokeToken(database.pool, jti, userInfo().username, new Date());
            if (json) printJson({ revoked: jti });
            else printLine(`Revoked ${jti}.`);
            return;
          }
          const from = await revokeAllOf(database.pool, agency as string, new Date());
          if (json) printJson({ revoked: agency, tokensFrom: from });
          else printLine(`Revoked all tokens of ${agency} issued before ${from}.`);
        });
      },
    );
}

/** The id in a token, which need not be good, or the id itself. */
function namedBy(given: string): string {
  if (!given.includes('.') && isText(given)) return given;
  let claims: ReturnType<typeof decodeJwt> = {};
  try {
    claims = decodeJwt(given);
  } catch {
    // Said below.
  }
  if (!isText(claims.jti)) throw new Error('This is no token with an id: give the whole token, or its jti');
  return claims.jti;
}
