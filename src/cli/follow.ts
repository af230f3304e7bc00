import { type Command, InvalidArgumentError, Option } from 'commander';
import { pauseFor } from '../sync/follower/feed';
import { type FollowReport, followFeed } from '../sync/follower/follower';
import { wholeNumber } from './options';
import { note, printJson, printLine, progress, table } from './print';
import { complain } from './session';

interface Asked {
  url: URL;
  token: string;
  purpose: string;
  case?: string;
  out: string;
  fields?: string[];
  watch?: number;
  json?: boolean;
}

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const NO_TOKEN =
  'what --token or HEYAN_TOKEN gives is no access token: three parts of letters and digits with dots between.';
const INTERRUPTED = 130;
const WATCH_SECONDS_MAX = 86_400;

export function addTo(program: Command): void {
  program
    .command('follow')
    .description('follow a change feed of a hub into a directory of deliveries, and go on where it was left')
    .argument('<kind>', 'kind of record, for example death')
    .requiredOption('--url <url>', 'address of the hub', hubAddress)
    .addOption(
      new Option('--token <token>', 'access token; in the environment, other users of the machine do not see it')
        .env('HEYAN_TOKEN')
        .makeOptionMandatory(),
    )
    .requiredOption('--purpose <code>', 'purpose of the agreement', purposeCode)
    .option('--case <number>', 'number of the case, when the purpose is for one at a time')
    .requiredOption('--out <dir>', 'directory of this feed alone; each step is a delivery in it')
    .option('--fields <list>', 'only these fields, with commas; every field that is shared unless told', fieldList)
    .option('--watch <seconds>', 'look again so long after the end, until Ctrl-C', wholeNumber(1, WATCH_SECONDS_MAX))
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action((kind: string, asked: Asked, command: Command) => {
      // Checked here: what an option's own check refuses is repeated on the terminal, and this may be another secret.
      if (!TOKEN.test(asked.token)) return command.error(`error: ${NO_TOKEN}`);
      return untilInterrupted((signal) => follow(kind, asked, signal));
    });
}

const EXAMPLE = `
Each delivery is named by its place in the change log and loads as it is, in the order of the names.
Asked together, fields that are shared in some districts only limit all others to these: --fields leaves them out.

Example:
  HEYAN_TOKEN=eyJhbGciOi… heyan follow death --url http://127.0.0.1:4000 --purpose PENSION_REVIEW --out ./deaths
  for delivery in ./deaths/0*; do heyan load "$delivery"; done`;

async function follow(kind: string, asked: Asked, signal: AbortSignal): Promise<number> {
  const { url, token, purpose, case: caseNumber, out: directory, fields, watch } = asked;
  if (!isSafe(url)) note(`${url.origin} is not encrypted: whoever is in between reads the token and the records.`);
  const bar = progress();
  const hub = { url: url.href, token, purpose, case: caseNumber };
  for (;;) {
    const report = await followFeed({
      kind,
      hub,
      directory,
      fields,
      signal,
      onProgress: (changes) => bar.show({ what: kind, count: changes, unit: 'changes' }),
      note: (sentence) => note(`${sentence}.`),
    });
    bar.done();
    const looksAgain = watch !== undefined && (report.state === 'COMPLETE' || report.state === 'UNREADY');
    if (!looksAgain || report.changes > 0) print(report, asked);
    if (report.reason) note(`${report.reason}.`);
    if (looksAgain) await pauseFor(watch * 1_000, signal).catch(() => undefined);
    if (signal.aborted) return INTERRUPTED;
    if (!looksAgain) return report.state === 'COMPLETE' ? 0 : 1;
  }
}

/** Of several rounds each is a line, so that a program can read them one by one. */
function print(report: FollowReport, { json, watch }: Asked): void {
  if (json && watch !== undefined) printLine(JSON.stringify(report));
  else if (json) printJson(report);
  else printLine(followText(report));
}

function followText(report: FollowReport): string {
  const { kind, directory, changes, deleted, deliveries, from, cursor, pages, receipts, freshness, late, columns } =
    report;
  return [
    table(
      ['kind', 'changes', 'deleted', 'deliveries', 'from', 'to', 'state'],
      [[kind, changes, deleted, deliveries, from, cursor, report.state]],
    ),
    '',
    `directory  ${directory}`,
    `columns    ${columns.join(', ') || '-'}`,
    `fresh to   ${freshness ?? 'no complete delivery of the bureau yet'}${late ? `; the bureau is late since ${late}` : ''}`,
    `receipts   ${pages}${receipts.length > 0 ? `, the last ${receipts.at(-1)}` : ''}`,
  ].join('\n');
}

/** Runs until it ends or Ctrl-C: the first lets it put in order what it has, a second does not wait for that. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    process.exitCode = await work(stop.signal);
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
}

function hubAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('write an address such as https://hub.example or http://127.0.0.1:4000.');
  return url;
}

function purposeCode(text: string): string {
  if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(text))
    throw new InvalidArgumentError('write the code of the agreement, as FUND_SUPERVISION.');
  return text;
}

function fieldList(text: string): string[] {
  const fields = text.split(',').map((field) => field.trim());
  if (fields.includes('')) throw new InvalidArgumentError('write names with commas between, as death_date,status.');
  return fields;
}

/** Encrypted, or not leaving this machine. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
