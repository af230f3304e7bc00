/** `heyan audit …`: the evidence, for those who must rely on it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { isUrl } from '../audit/checkpoint';
import { keptRecords, openLog } from '../audit/log';
import { prove } from '../audit/prove';
import { usesOf } from '../audit/report';
import { openSigner, type PublicKey } from '../audit/signing';
import { headsFile } from '../audit/take-heads';
import { verifyLog } from '../audit/verify';
import { dayOption } from './options';
import { note, printJson, printLine, table } from './print';
import { inSession, type Session } from './session';

const BAD = 1;
/** What is written to a file at once. */
const WRITE_CHARACTERS = 1_000_000;

export function addTo(program: Command): void {
  const audit = program
    .command('audit')
    .description('the audit log: verify it, prove one record, take a tree head, hand it out, report on it')
    .addHelpText('after', '\nExample:\n  heyan audit verify --heads /mnt/provider/heads.jsonl');
  addVerify(audit);
  addProve(audit);
  addHead(audit);
  addExport(audit);
  addReport(audit);
}

function addVerify(audit: Command): void {
  audit
    .command('verify')
    .description('check the whole log against its tree heads, and name the first bad record')
    .option(
      '--heads <file>',
      'a checkpoint file; again for more. Without it: the own one and every sink that is a file',
      several,
      [],
    )
    .option(
      '--key <hex>',
      'a public key of the hub; again for more. Without it: those of the data directory',
      severalKeys,
      [],
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan audit verify --heads /mnt/provider/heads.jsonl --json')
    .action((options: { heads: string[]; key: PublicKey[]; json?: boolean }) =>
      inSession(async ({ config, database, signal }) => {
        const log = await openLog(database.pool, config.audit.hash);
        const named = options.heads.map((file) => path.resolve(file));
        const absent = named.find((file) => !existsSync(file));
        if (absent) throw new Error(`${absent} does not exist: name a checkpoint file`);
        const files = named.length > 0 ? named : filesOf(config);
        const keys = options.key.length > 0 ? options.key : keysOf(config.dataDirectory);
        const verdict = await verifyLog(database.pool, { log, files, keys, signal });
        // Without any head, nothing outside the database vouches for the log, and whoever can change it can remove a file too.
        const isVouchedFor = verdict.heads > 0 || verdict.records === 0;
        const isGood = verdict.isGood && isVouchedFor;
        if (options.json) printJson({ ...verdict, isGood, files });
        else printLine(verdict.what);
        if (!isVouchedFor && verdict.isGood)
          note(
            `No tree head was found (${files.join(', ') || headsFile(config.dataDirectory)}): name one with --heads, or begin with heyan audit head`,
          );
        return isGood ? 0 : BAD;
      }),
    );
}

function addProve(audit: Command): void {
  audit
    .command('prove')
    .argument('<receipt>', 'extensions.receipt of an answer: 64 hex digits', (text) => {
      if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('write the 64 hex digits of a receipt.');
      return text;
    })
    .description('prove that one record is in the log: a document that stands alone, checked by audit/verifier.js')
    .option('--json', 'the same: a proof is a JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  heyan audit prove RECEIPT > proof.json\n  node dist/src/audit/verifier.js proof.json heads.jsonl',
    )
    .action((receipt: string) =>
      inSession(async ({ config, database, hub }) => {
        const log = await openLog(database.pool, config.audit.hash);
        const head = await (await hub()).heads.take();
        if (!head) throw new Error('The audit log is empty: there is nothing to prove');
        printJson(await prove(database.pool, log, head, receipt));
      }),
    );
}

function addHead(audit: Command): void {
  audit
    .command('head')
    .description('sign a tree head over all records now, and hand it to the checkpoint sinks')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan audit head --json')
    .action((options: { json?: boolean }) =>
      inSession(async ({ config, hub }) => {
        const head = await (await hub()).heads.take();
        if (options.json) printJson(head ?? null);
        else if (!head) printLine('The audit log is empty.');
        else {
          const { leaves: _, ...shown } = head;
          const rows = Object.entries({ ...shown, file: headsFile(config.dataDirectory) });
          printLine(rows.map(([name, value]) => `${name.padEnd(10)} ${value}`).join('\n'));
        }
      }),
    );
}

function addExport(audit: Command): void {
  audit
    .command('export')
    .description('write the whole log: one record a line, as it was hashed')
    .requiredOption('--out <file>', 'where to write it; the file must not exist')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  heyan audit export --out log.jsonl\n  node dist/src/audit/verifier.js --log log.jsonl heads.jsonl',
    )
    .action((options: { out: string; json?: boolean }) =>
      inSession(async (session) => {
        const out = path.resolve(options.out);
        const records = await exportTo(out, session);
        if (options.json) printJson({ out, ...records });
        else printLine(`${records.records} records written to ${out}, SHA-256 ${records.sha256}`);
      }),
    );
}

async function exportTo(out: string, { database, signal }: Session): Promise<{ records: number; sha256: string }> {
  // It names who asked about whom: nobody else's to read.
  const file = await open(out, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${out} cannot be made (${error.code}): name a file that does not exist, in a folder that does`);
  });
  const hash = createHash('sha256');
  let [records, lines] = [0, ''];
  const flush = async () => {
    hash.update(lines, 'utf8');
    await file.write(lines);
    lines = '';
  };
  try {
    for await (const { leaf } of keptRecords(database.pool)) {
      signal.throwIfAborted();
      lines += `${leaf}\n`;
      records += 1;
      if (lines.length > WRITE_CHARACTERS) await flush();
    }
    await flush();
    await file.sync();
  } finally {
    await file.close();
  }
  return { records, sha256: hash.digest('hex') };
}

const COLUMNS = ['agency', 'purpose', 'kind', 'field', 'verb', 'refused', 'operations', 'last'] as const;

function addReport(audit: Command): void {
  audit
    .command('report')
    .description("who used which of a provider's fields, under which purpose and by which verb; and what was refused")
    .option('--provider <agency>', 'only kinds that this agency gives')
    .option('--from <day>', 'first day, Asia/Shanghai', dayOption)
    .option('--to <day>', 'last day, Asia/Shanghai', dayOption)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan audit report --provider civil-affairs --from 2026-06-01 --to 2026-06-30')
    .action((options: { provider?: string; from?: string; to?: string; json?: boolean }) =>
      inSession(async ({ database, hub }) => {
        const { kinds: all } = (await hub()).catalogue();
        const kinds = all
          .filter(({ provider }) => !options.provider || provider === options.provider)
          .map(({ kind }) => kind);
        if (kinds.length === 0) {
          const providers = [...new Set(all.map(({ provider }) => provider))].sort();
          throw new Error(`${options.provider} gives no kind of record: name one of ${providers.join(', ')}`);
        }
        const { lines, isComplete } = await usesOf(database.pool, { kinds, from: options.from, to: options.to });
        if (!isComplete)
          note(`More than ${lines.length} lines: the rest is left out; narrow it with --provider, --from and --to.`);
        if (options.json) printJson({ kinds, isComplete, lines });
        else if (lines.length === 0) printLine('No uses and no refusals.');
        else
          printLine(
            table(
              COLUMNS,
              lines.map((line) => COLUMNS.map((column) => line[column] ?? '')),
            ),
          );
      }),
    );
}

/** The hub's own checkpoint file and every sink that is a file, as far as they exist. */
function filesOf({ dataDirectory, audit }: Session['config']): string[] {
  const files = [headsFile(dataDirectory), ...audit.checkpoints.filter((sink) => !isUrl(sink))];
  for (const file of files.slice(1)) if (!existsSync(file)) note(`The checkpoint sink ${file} does not exist.`);
  return files.filter((file) => existsSync(file));
}

/** A hub that changed its algorithm still has the other key. */
function keysOf(dataDirectory: string): PublicKey[] {
  const algorithms = (['ed25519', 'sm2'] as const).filter((algorithm) =>
    existsSync(path.join(dataDirectory, 'keys', `hub-${algorithm}.json`)),
  );
  return algorithms.map((algorithm) => openSigner(dataDirectory, algorithm));
}

function several(file: string, before: string[]): string[] {
  return [...before, file];
}

function severalKeys(publicKey: string, before: PublicKey[]): PublicKey[] {
  if (!/^([0-9a-f]{64}|04[0-9a-f]{128})$/.test(publicKey))
    throw new InvalidArgumentError('write a public key in hex, as heyan audit head tells it.');
  return [...before, { algorithm: publicKey.length === 64 ? 'ed25519' : 'sm2', publicKey }];
}
