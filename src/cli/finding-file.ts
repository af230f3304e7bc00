/** `heyan findings export` and `verify`: one finding as a file that proves itself, for a referral. */
import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkFinding } from '../audit/finding-verifier';
import { KEYS, Wrong } from '../audit/verifier';
import { exportFinding } from '../hub/export-finding';
import { OFFICER } from '../sharing/life';
import { note, printJson, printLine } from './print';
import { complain, inSession, type Session } from './session';

const BAD = 1;
/** Not everyone's to read: it names who is suspected, if only by key. */
const FILE_MODE = 0o600;

interface ExportOptions {
  out?: string;
  officer: string;
  case?: string;
  json?: boolean;
}

export function addExport(findings: Command): void {
  findings
    .command('export')
    .argument('<id>', 'id of the finding: 32 hex digits, as the graph tells it', (text) => {
      if (!/^[0-9a-f]{1,64}$/.test(text)) throw new InvalidArgumentError('write the hex digits of a finding’s id.');
      return text;
    })
    .description(
      'write one finding with its evidence and proofs into one file, for a referral; the export is on record',
    )
    .option('--out <file>', 'where to write it; the file must not exist. Without it: to stdout')
    .option('--officer <name>', 'who exports it, for the audit log', officerOption, userInfo().username)
    .option('--case <number>', 'number of the case it is for')
    .option('--json', 'with --out: one JSON document on stdout that says what was written')
    .addHelpText(
      'after',
      '\nExample:\n  heyan findings export 3f2a… --out finding.json --officer 张三 --case 2026-017\n  heyan findings verify finding.json --head heads.jsonl',
    )
    .action((id: string, options: ExportOptions) => inSession((session) => exportTo(session, id, options)));
}

function officerOption(name: string): string {
  if (!OFFICER.test(name)) throw new InvalidArgumentError('write a name without control characters.');
  return name;
}

async function exportTo({ hub, database }: Session, id: string, options: ExportOptions): Promise<void> {
  const out = options.out === undefined ? undefined : path.resolve(options.out);
  // Asked before anything is put on record.
  if (out !== undefined && existsSync(out)) throw new Error(`${out} is there already: name a file that does not exist`);
  const { text, receipt, readings, missing } = await exportFinding(await hub(), database.pool, id, options);
  for (const sentence of missing) note(`${sentence}.`);
  if (out === undefined) {
    // Not a byte more than the document: whoever redirects it has the file.
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(out, text, { flag: 'wx', mode: FILE_MODE, flush: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${out} cannot be made (${code}): name a new file in a folder that is there`);
  }
  if (options.json) printJson({ out, finding: id, receipt, readings, missing });
  else printLine(`Finding ${id} written to ${out}, with the proofs of ${readings} readings; receipt ${receipt}`);
}

export function addVerify(findings: Command): void {
  findings
    .command('verify')
    .argument('<file>', 'what heyan findings export wrote')
    .description(
      'check an exported finding against tree heads or a public key that you trust; needs no database and no network',
    )
    .option(
      '--head <file>',
      'tree heads as a provider keeps them, or one head; your own copy, not one that came with the file',
    )
    .option(
      '--key <hex>',
      "the hub's public key, as heyan audit head tells it; several, separated by commas",
      keyOption,
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan findings verify finding.json --head /mnt/provider/heads.jsonl')
    .action(async (file: string, options: { head?: string; key?: string; json?: boolean }, command: Command) => {
      if (!options.head && !options.key)
        return command.error("error: name what you trust: '--head <file>', '--key <hex>', or both");
      await verify(file, options);
    });
}

function keyOption(text: string): string {
  if (!KEYS.test(text)) throw new InvalidArgumentError('write a public key in hex, as heyan audit head tells it.');
  return text;
}

async function verify(
  file: string,
  { head, key, json }: { head?: string; key?: string; json?: boolean },
): Promise<void> {
  try {
    const what = await checkFinding(file, { heads: head, key });
    if (json) printJson({ isGood: true, what });
    else printLine(what);
  } catch (error) {
    process.exitCode = BAD;
    const { code, path: unread } = error as NodeJS.ErrnoException;
    if (code && unread) return complain(new Error(`${unread} cannot be read (${code}): name a file that is there`));
    if (!(error instanceof Wrong)) return complain(error);
    if (json) printJson({ isGood: false, what: error.message });
    else printLine(error.message);
  }
}
