/** `heyan findings review`: what the page's mutations do, for an officer at a terminal or a script; through the same door. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OUTCOMES } from '../crosscheck/finding';
import type { ReviewRefusal } from '../crosscheck/review';
import { CASE_INVESTIGATION, SUPERVISION } from '../hub/codes';
import { note, printJson, printLine, table } from './print';
import { inSession, type Session } from './session';

interface Seen {
  id: string;
  version: number;
}

interface ReviewOptions {
  officer: string;
  case?: string;
  takeUp?: boolean;
  giveBack?: boolean;
  decide?: string;
  reason?: string;
  bureau?: string;
  json?: boolean;
}

const ANSWER = '{ id state version }';
const TAKE_UP = `mutation TakeUp($findings: [FindingSeenInput!]!) { done: takeUpFindings(findings: $findings) ${ANSWER} }`;
const GIVE_BACK = `mutation GiveBack($findings: [FindingSeenInput!]!) { done: giveBackFindings(findings: $findings) ${ANSWER} }`;
const DECIDE = `mutation Decide($findings: [FindingSeenInput!]!, $outcome: FindingOutcome!, $reason: String!, $bureau: String) {
  done: decideFindings(findings: $findings, outcome: $outcome, reason: $reason, bureau: $bureau) ${ANSWER}
}`;

export function addReview(findings: Command): void {
  findings
    .command('review')
    .argument('<id@version...>', 'findings and the version of each that was looked at; all of them or none', seen)
    .description('take findings up, decide on them, or give them back, as an officer of the supervision')
    .requiredOption('--officer <name>', 'the officer who reviews')
    .option('--case <number>', 'number of the case')
    .addOption(new Option('--take-up', 'review them: nobody else takes them up').conflicts(['giveBack', 'decide']))
    .addOption(new Option('--give-back', 'review them no more: they are open again').conflicts(['takeUp', 'decide']))
    .addOption(new Option('--decide <outcome>', 'what is decided').choices(OUTCOMES).conflicts(['takeUp', 'giveBack']))
    .option('--reason <text>', 'why; with --decide')
    .option('--bureau <code>', 'whose record is wrong; with --decide SOURCE_ERROR')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  heyan findings review 3f2a…@1 --take-up --officer 张三\n  heyan findings review 3f2a…@2 --decide LEGITIMATE --reason "paid before the death was known" --officer 张三',
    )
    .action((which: Seen[], options: ReviewOptions, command: Command) => {
      if (!options.takeUp && !options.giveBack && !options.decide)
        return command.error("error: say what to do: '--take-up', '--give-back' or '--decide <outcome>'");
      if ((options.decide === undefined) !== (options.reason === undefined))
        return command.error("error: '--decide <outcome>' and '--reason <text>' go together");
      return inSession((session) => review(session, which, options));
    });
}

function seen(text: string, before: Seen[] = []): Seen[] {
  const [, id, version] = /^([0-9a-f]{1,64})@([1-9]\d{0,8})$/.exec(text) ?? [];
  if (!id || !version) throw new InvalidArgumentError('write ID@VERSION, as heyan findings --json tells both.');
  return [...before, { id, version: Number(version) }];
}

async function review({ hub }: Session, findings: Seen[], options: ReviewOptions): Promise<void> {
  const { officer, case: caseNumber, decide: outcome, reason, bureau } = options;
  const mutation = outcome ? DECIDE : options.takeUp ? TAKE_UP : GIVE_BACK;
  const who = { agency: SUPERVISION, officer, purpose: CASE_INVESTIGATION, case: caseNumber };
  const variables = outcome ? { findings, outcome, reason, bureau } : { findings };
  const { data, errors } = await (await hub()).askFor(who, mutation, variables);
  const [error] = errors ?? [];
  for (const { message } of (error?.extensions?.refused as ReviewRefusal[] | undefined) ?? [])
    if (message !== error?.message) note(message);
  if (error) throw new Error([error.message, error.extensions?.apply].filter(Boolean).join(': '));
  const done = data?.done as (Seen & { state: string })[];
  if (options.json) printJson(done);
  else
    printLine(
      table(
        ['finding', 'state', 'version'],
        done.map(({ id, state, version }) => [id, state, version]),
      ),
    );
}
