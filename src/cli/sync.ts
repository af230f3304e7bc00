import type { Command } from 'commander';
import { bureaus, recordKinds } from '../bureaus/bureau';
import { recordKind } from '../bureaus/record';
import { type Config, readConfig } from '../config';
import { type Preview, previewKind } from '../sync/preview';
import { hasSource, syncBureaus } from '../sync/sync';
import { note, printJson, printLine, progress } from './print';
import { loadStep, previewText, syncText } from './reports';
import { complain, inSession } from './session';

interface Asked {
  full?: boolean;
  dryRun?: boolean;
  showValues?: boolean;
  json?: boolean;
}

const NO_SOURCE = `No source is configured: nothing can be synced. Name one in heyan.yaml, or load a directory with "heyan load DIR". For example:

bureaus:
  death:
    deliveries: ./inbox/civil-affairs
  contribution:
    schedule: "30 2 * * *"
    kinds:
      contribution:
        sql: { type: mysql, url: "\${TAX_DB}", table: SB_ZSXX, watermark: GXSJ, key: ZSXH }
        mapping: { source_id: ZSXH, id_number: GMSFHM, updated_at: GXSJ }

"heyan sync --dry-run" then shows what would come of it, and writes nothing.`;

export function addTo(program: Command): void {
  program
    .command('sync')
    .description('take in now what the sources of heyan.yaml have')
    .argument('[kinds...]', 'only these kinds of record')
    .option('--full', 'read registers from their beginning, and deliveries again that were taken')
    .option('--dry-run', 'show the first rows as they are mapped and what would be quarantined; write nothing')
    .option('--show-values', 'with --dry-run: show names, numbers and addresses whole')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  heyan sync --dry-run death\n  heyan sync death contribution')
    .action((kinds: string[], options: Asked, command: Command) => {
      if (options.showValues && !options.dryRun) return command.error('error: --show-values belongs to --dry-run');
      if (options.full && options.dryRun)
        return command.error(
          'error: --full and --dry-run do not go together: a dry run always reads from the beginning',
        );
      return options.dryRun ? dryRun(kinds, options) : sync(kinds, options);
    });
}

async function sync(kinds: readonly string[], options: Asked): Promise<void> {
  try {
    // Said before a database is brought up for nothing.
    wantedOf(readConfig(), kinds);
  } catch (error) {
    complain(error);
    process.exitCode = 1;
    return;
  }
  await inSession(async ({ config, database, hubKey, signal }) => {
    const bar = progress();
    const report = await syncBureaus(database, {
      settings: config.bureaus,
      kinds: kinds.length > 0 ? kinds : undefined,
      full: options.full,
      hubKey: await hubKey(),
      quarantineLimit: config.quarantineLimit,
      onProgress: (taken) => bar.show(loadStep(taken)),
      signal,
    });
    bar.done();
    if (options.json) printJson(report);
    else printLine(syncText(report));
    return report.kinds.every(({ state }) => state === 'COMPLETE') ? 0 : 1;
  });
}

/** Needs no session: neither a database nor a key is touched, so that sources can be tried before there is either. */
async function dryRun(kinds: readonly string[], { showValues, json }: Asked): Promise<void> {
  try {
    const config = readConfig();
    for (const warning of config.warnings) note(warning);
    const previews: Preview[] = [];
    for (const kind of wantedOf(config, kinds))
      previews.push(await previewKind({ settings: config.bureaus, kind, showValues }));
    if (json) printJson(previews);
    else
      printLine(previews.map((one) => previewText(one, config.quarantineLimit, process.stdout.columns)).join('\n\n'));
    process.exitCode = previews.every((one) => wouldBeTaken(one, config.quarantineLimit)) ? 0 : 1;
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
}

function wouldBeTaken({ fault, quarantined, rowsRead }: Preview, limit: number): boolean {
  return fault === undefined && quarantined.reduce((sum, { rows }) => sum + rows, 0) <= rowsRead * limit;
}

/** The kinds that were asked for, or all that have a source. Throws when one has none. */
function wantedOf({ bureaus: settings }: Config, asked: readonly string[]): readonly string[] {
  const kinds = recordKinds().map(({ kind }) => kind);
  const strange = asked.find((kind) => !kinds.includes(kind));
  if (strange !== undefined) throw new Error(`${strange} is no kind of record: the kinds are ${kinds.join(', ')}`);
  const having = bureaus().flatMap(({ name, records }) => {
    const setting = settings[name];
    return setting ? records.map((record) => recordKind(record).kind).filter((kind) => hasSource(setting, kind)) : [];
  });
  if (having.length === 0) throw new Error(NO_SOURCE);
  const bare = asked.find((kind) => !having.includes(kind));
  if (bare !== undefined)
    throw new Error(`${bare} has no source in heyan.yaml: the kinds that have one are ${having.join(', ')}`);
  return asked.length > 0 ? asked : having;
}
