import type { Command } from 'commander';
import { Agreement } from '../sharing/agreement';
import { stands } from '../sharing/decide';
import { wholeNumber } from './options';
import { note, printJson, printLine } from './print';
import { inSession } from './session';

export function addTo(program: Command): void {
  program
    .command('token')
    .description('issue an access token for an agency')
    .requiredOption('--agency <code>', 'code of the agency, for example medical-insurance-supervision')
    .requiredOption('--purpose <code>', 'purpose it is for, for example FUND_SUPERVISION; sent as header x-purpose')
    .option('--officer <name>', 'officer inside the agency, for the audit log')
    .option('--hours <number>', 'how long it holds', wholeNumber(1, 720), 12)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan token --agency medical-insurance-supervision --purpose FUND_SUPERVISION')
    .action((options: { agency: string; purpose: string; officer?: string; hours: number; json?: boolean }) =>
      inSession(async ({ database, hub, today }) => {
        const agreements = await database.dataSource.getRepository(Agreement).findBy({ agency: options.agency });
        const standing = agreements.filter((agreement) => stands(agreement, today));
        if (agreements.length === 0)
          note(`${options.agency} has no agreement yet: every operation will be refused until it has one.`);
        else if (!standing.some((agreement) => agreement.purposes.includes(options.purpose))) {
          const purposes = [...new Set(standing.flatMap((agreement) => agreement.purposes))].sort();
          note(
            `${options.agency} has no agreement for ${options.purpose}; it has them for ${purposes.join(', ') || 'nothing'}.`,
          );
        }
        const token = await hub.issuer.issue(options.agency, options.officer ?? null, options.hours * 3_600);
        const headers = { authorization: `Bearer ${token}`, 'x-purpose': options.purpose };
        if (options.json) printJson({ token, headers });
        else printLine(token);
      }),
    );
}
