import { type Command, Option } from 'commander';
import { Agreement, STATES, stateOn } from '../sharing/agreement';
import { plain, unregistered } from '../sharing/life';
import type { Mistake } from '../sharing/terms';
import {
  checkAgreements,
  readAgreements,
  toldMistake,
  type WrittenTerms,
  WrongFile,
  writeAgreement,
} from './agreement-file';
import { printJson, printLine, table } from './print';
import { inSession, type Session } from './session';

const FIELDS = 'id provider agency state version';
const DRAFT = `mutation DraftAgreement($input: AgreementInput!) { done: draftAgreement(input: $input) { ${FIELDS} } }`;
const PROPOSE = `mutation ProposeAgreement($id: ID!) { done: proposeAgreement(id: $id) { ${FIELDS} } }`;
const APPROVE = `mutation ApproveAgreement($id: ID!) { done: approveAgreement(id: $id) { ${FIELDS} } }`;
const REVOKE = `mutation RevokeAgreement($id: ID!, $reason: String!) {
  done: revokeAgreement(id: $id, reason: $reason) { ${FIELDS} }
}`;

/** What became of an agreement. */
interface Done {
  id: string;
  provider: string;
  agency: string;
  state: string;
  version: number;
}

/** A change through the door, for an officer of the provider: it is on record like any other operation. */
async function change(
  session: Session,
  provider: string,
  officer: string,
  mutation: string,
  variables: Record<string, unknown>,
  at?: WrittenTerms['at'],
): Promise<Done> {
  const { data, errors } = await (await session.hub()).askFor({ agency: provider, officer }, mutation, variables);
  const [error] = errors ?? [];
  const mistakes = error?.extensions?.mistakes as Mistake[] | undefined;
  if (mistakes && at) throw new WrongFile(mistakes.map((mistake) => toldMistake(mistake, at)));
  if (error) throw new Error(error.message);
  return data?.done as Done;
}

async function providerOf({ database }: Session, id: string): Promise<string> {
  return (await one(database, id)).provider;
}

async function one({ dataSource }: Session['database'], id: string): Promise<Agreement> {
  const found = await dataSource.getRepository(Agreement).findOneBy({ id });
  if (!found) throw new Error(`There is no agreement ${id}: "heyan agreement list" shows them`);
  return found;
}

/** The terms as the graph takes them: the provider is who asks. */
function inputOf({ terms }: WrittenTerms): object {
  const { provider: _provider, covertDays, clauses, ...rest } = terms;
  return {
    ...rest,
    covertDays: Object.entries(covertDays).map(([purpose, days]) => ({ purpose, days })),
    clauses: clauses.map(({ masks = {}, ...clause }) => ({
      ...clause,
      masks: Object.entries(masks).map(([field, mask]) => ({ field, mask })),
    })),
  };
}

function tell(done: readonly Done[], { json }: { json?: boolean }): void {
  if (json) printJson(done);
  else for (const { id, state } of done) printLine(`${id}: ${state}`);
}

function addImport(agreement: Command): void {
  agreement
    .command('import')
    .description('draft the agreements of a YAML file, or propose them; every mistake is named with its line')
    .argument('<file>', 'YAML file of one agreement, or of several under agreements')
    .requiredOption('--officer <name>', 'officer of the provider who writes it')
    .option('--propose', 'propose them at once')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan agreement import pensions.yaml --propose --officer 张三')
    .action((file: string, options: { officer: string; propose?: boolean; json?: boolean }) =>
      inSession(async (session) => {
        const written = readAgreements(file);
        const { dataSource } = session.database;
        const missing = await Promise.all(written.map(({ terms }) => unregistered(dataSource, terms)));
        checkAgreements(written, (await session.hub()).catalogue(), missing);
        const done: Done[] = [];
        for (const one of written) {
          const { id, provider } = one.terms;
          let now = await change(session, provider, options.officer, DRAFT, { input: inputOf(one) }, one.at);
          if (options.propose && now.state === 'DRAFT')
            now = await change(session, provider, options.officer, PROPOSE, { id }, one.at);
          done.push(now);
        }
        tell(done, options);
      }),
    );
}

/** `propose`, `approve` and `revoke`: one officer does one thing to one agreement. */
function addStep(agreement: Command, name: string, description: string, mutation: string): void {
  const needsReason = mutation === REVOKE;
  const step = agreement
    .command(name)
    .description(description)
    .argument('<id>', 'id of the agreement')
    .requiredOption('--officer <name>', 'officer of the provider who does it');
  if (needsReason) step.requiredOption('--reason <text>', 'why; both sides can read it');
  const reason = needsReason ? ' --reason "purpose fulfilled"' : '';
  step
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `\nExample:\n  heyan agreement ${name} civil-affairs/social-security/pensions --officer 李四${reason}`,
    )
    .action((id: string, options: { officer: string; reason?: string; json?: boolean }) =>
      inSession(async (session) => {
        const provider = await providerOf(session, id);
        tell([await change(session, provider, options.officer, mutation, { id, reason: options.reason })], options);
      }),
    );
}

function addList(agreement: Command): void {
  agreement
    .command('list')
    .description('list agreements')
    .option('--provider <code>', 'only those that this agency gave')
    .option('--agency <code>', 'only those given to this agency')
    .addOption(new Option('--state <state>', 'only in this state').choices([...STATES]))
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan agreement list --agency social-security --state APPROVED')
    .action((options: { provider?: string; agency?: string; state?: string; json?: boolean }) =>
      inSession(async ({ database, today }) => {
        const { provider, agency } = options;
        const found = await database.dataSource
          .getRepository(Agreement)
          .find({ where: { ...(provider && { provider }), ...(agency && { agency }) }, order: { id: 'ASC' } });
        const rows = found
          .map((one) => ({ ...one, state: stateOn(one, today) }))
          .filter(({ state }) => options.state === undefined || state === options.state);
        if (options.json) printJson(rows);
        else if (rows.length === 0) printLine('No agreements.');
        else
          printLine(
            table(
              ['id', 'provider', 'agency', 'purposes', 'kinds', 'from', 'to', 'state'],
              rows.map((row) => [
                row.id,
                row.provider,
                row.agency,
                row.purposes.join(','),
                [...new Set(row.clauses.map(({ recordKind }) => recordKind))].join(','),
                row.validFrom,
                row.validTo,
                row.state,
              ]),
            ),
          );
      }),
    );
}

function addShow(agreement: Command): void {
  agreement
    .command('show')
    .description('show the terms of an agreement as YAML, fit for import')
    .argument('<id>', 'id of the agreement')
    .option('--json', 'everything that is kept of it, as one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan agreement show civil-affairs/social-security/pensions > pensions.yaml')
    .action((id: string, options: { json?: boolean }) =>
      inSession(async ({ database, today }) => {
        const found = await one(database, id);
        if (options.json) return printJson({ ...found, state: stateOn(found, today) });
        process.stdout.write(writeAgreement(plain(found)));
      }),
    );
}

export function addTo(program: Command): void {
  const agreement = program
    .command('agreement')
    .description('agreements between agencies: draft, propose, approve, revoke');
  addImport(agreement);
  addStep(agreement, 'propose', 'propose a draft', PROPOSE);
  addStep(agreement, 'approve', "approve another officer's proposal; the hub signs it", APPROVE);
  addStep(agreement, 'revoke', 'revoke an agreement or withdraw a proposal, for good', REVOKE);
  addList(agreement);
  addShow(agreement);
}
