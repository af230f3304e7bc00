/**
 * The parts of a workbook that say how its sheets are to be read: which there are, the texts that cells share, and the styles that tell days from
 * numbers (ECMA-376, part 1, section 12.3; strict and transitional alike).
 */
import path from 'node:path/posix';
import type { FileLimits } from '../limits';
import { SourceFault } from '../source';
import type { Archive } from './archive';
import { type CellContext, type Format, formatOf, TEXT_CHARACTERS_MAX, unescaped } from './cell';
import { readXml, type XmlReader } from './xml';

export interface WorkbookParts extends CellContext {
  /** Names of the visible worksheets' parts, in the order of their tabs, and of the hidden ones. */
  sheets: readonly string[];
  hiddenSheets: readonly string[];
  /** By the number of the style. */
  formats: readonly Format[];
}

const SMALL_PART_BYTES_MAX = 16 * 1024 ** 2;

/** Reads them. Throws a SourceFault when they are not there or beyond a limit. */
export async function readParts(archive: Archive, limits: FileLimits): Promise<WorkbookParts> {
  const root = await relationsOf(archive, '');
  const workbook = root.find(({ type }) => type === 'officeDocument')?.target;
  if (workbook === undefined || !archive.has(workbook))
    throw new SourceFault('is an archive, but no workbook of .xlsx');
  const relations = await relationsOf(archive, workbook);
  const { from1904, sheets } = await readWorkbook(archive, workbook);
  const named = sheets.flatMap(({ id, isHidden }) => {
    const relation = relations.find((one) => one.id === id && one.type === 'worksheet');
    return relation ? [{ part: relation.target, isHidden }] : [];
  });
  const partOf = (type: string) => {
    const target = relations.find((one) => one.type === type)?.target;
    return target !== undefined && archive.has(target) ? target : undefined;
  };
  return {
    from1904,
    sheets: named.filter(({ isHidden }) => !isHidden).map(({ part }) => part),
    hiddenSheets: named.filter(({ isHidden }) => isHidden).map(({ part }) => part),
    sharedTexts: await readSharedTexts(archive, partOf('sharedStrings'), limits),
    formats: await readFormats(archive, partOf('styles')),
  };
}

async function read(archive: Archive, part: string, bytesMax: number, reader: Partial<XmlReader>): Promise<void> {
  const nothing = () => undefined;
  const whole = { open: nothing, close: nothing, text: nothing, ...reader };
  for await (const _ of readXml(archive.read(part, bytesMax), whole));
}

interface Relation {
  id: string;
  /** The last word of its type, which is the same in both dialects. */
  type: string;
  target: string;
}

/** What a part points to (ECMA-376, part 2, section 9.3); `''` is the package itself. Targets beyond the package are left out. */
async function relationsOf(archive: Archive, part: string): Promise<Relation[]> {
  const folder = path.dirname(part);
  const source = path.join(folder, '_rels', `${path.basename(part)}.rels`);
  if (!archive.has(source)) return [];
  const relations: Relation[] = [];
  await read(archive, source, SMALL_PART_BYTES_MAX, {
    open(name, attributes) {
      if (name !== 'Relationship') return;
      const { Id = '', Type = '', Target = '', TargetMode } = attributes();
      if (TargetMode === 'External') return;
      const target = Target.startsWith('/') ? Target.slice(1) : path.join(folder, Target);
      relations.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), target });
    },
  });
  return relations;
}

async function readWorkbook(
  archive: Archive,
  part: string,
): Promise<{ from1904: boolean; sheets: { id: string; isHidden: boolean }[] }> {
  const found = { from1904: false, sheets: [] as { id: string; isHidden: boolean }[] };
  await read(archive, part, SMALL_PART_BYTES_MAX, {
    open(name, attributes) {
      if (name === 'workbookPr') found.from1904 ||= /^(?:1|true)$/.test(attributes().date1904 ?? '');
      if (name !== 'sheet') return;
      const all = attributes();
      const id = Object.entries(all).find(([attribute]) => attribute.endsWith(':id'))?.[1] ?? '';
      found.sheets.push({ id, isHidden: (all.state ?? 'visible') !== 'visible' });
    },
  });
  return found;
}

/** Texts in the order of their numbers. A rich text is the sum of its runs; how it is read aloud (`rPh`) is no part of it. */
async function readSharedTexts(archive: Archive, part: string | undefined, limits: FileLimits): Promise<string[]> {
  const texts: string[] = [];
  if (part === undefined) return texts;
  let text = '';
  let isText = false;
  let isPhonetic = false;
  await read(archive, part, limits.sharedTextBytesMax, {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') isText = !isPhonetic;
    },
    text(piece) {
      if (isText) text += piece;
      if (text.length > TEXT_CHARACTERS_MAX)
        throw new SourceFault(`shares a text of more than ${TEXT_CHARACTERS_MAX} characters`);
    },
    close(name) {
      if (name === 't') isText = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'si') texts.push(unescaped(text));
    },
  });
  return texts;
}

async function readFormats(archive: Archive, part: string | undefined): Promise<Format[]> {
  const codes = new Map<number, string>();
  const styles: number[] = [];
  let isCellStyles = false;
  if (part === undefined) return [];
  await read(archive, part, SMALL_PART_BYTES_MAX, {
    open(name, attributes) {
      if (name === 'cellXfs') isCellStyles = true;
      else if (name === 'xf' && isCellStyles) styles.push(Number(attributes().numFmtId ?? 0));
      else if (name === 'numFmt') {
        const { numFmtId, formatCode } = attributes();
        if (formatCode !== undefined) codes.set(Number(numFmtId), formatCode);
      }
    },
    close(name) {
      if (name === 'cellXfs') isCellStyles = false;
    },
  });
  return styles.map((id) => formatOf(id, codes.get(id)));
}
