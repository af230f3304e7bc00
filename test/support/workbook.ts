import { crc32, deflateRawSync } from 'node:zlib';

/** What an entry of an archive says of itself where that is not true. */
export interface ZipLies {
  uncompressedSize?: number;
  crc32?: number;
  isEncrypted?: boolean;
}

/** A ZIP archive of these files (APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16), deflated. */
export function zipOf(files: Record<string, string | Buffer>, lies: Record<string, ZipLies> = {}): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content as string);
    const compressed = deflateRawSync(bytes);
    const lie = lies[name] ?? {};
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(lie.isEncrypted ? 0x801 : 0x800, 2);
    about.writeUInt16LE(8, 4);
    about.writeUInt32LE(lie.crc32 ?? crc32(bytes), 10);
    about.writeUInt32LE(compressed.length, 14);
    about.writeUInt32LE(lie.uncompressedSize ?? bytes.length, 18);
    about.writeUInt16LE(Buffer.byteLength(name), 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const entry = [Buffer.from('PK\u0003\u0004', 'latin1'), about, Buffer.from(name), compressed];
    local.push(...entry);
    central.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), about, place, Buffer.from(name));
    offset += entry.reduce((sum, part) => sum + part.length, 0);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(files).length, 4);
  end.writeUInt16LE(Object.keys(files).length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

export function escapedXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** The `<row>`s of texts, as most programs write them: inline, an empty cell left out. */
export function rowsXml(rows: readonly (readonly string[])[], first = 1): string {
  return rows
    .map((cells, at) => {
      const written = cells.map((text, column) =>
        text === ''
          ? ''
          : `<c r="${columnName(column)}${first + at}" t="inlineStr"><is><t xml:space="preserve">${escapedXml(text)}</t></is></c>`,
      );
      return `<row r="${first + at}">${written.join('')}</row>`;
    })
    .join('');
}

export function columnName(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `${columnName(Math.floor(at / 26) - 1)}${columnName(at % 26)}`;
}

export interface WorkbookContent {
  /** `<row>`s of each sheet; hidden ones by their place. */
  sheets: readonly string[];
  hidden?: readonly number[];
  sharedTexts?: string;
  /** Number formats of styles 1, 2, …: the number of one that is built in, or a code. Style 0 is General. */
  formats?: readonly (number | string)[];
  from1904?: boolean;
}

/** The files of a workbook. */
export function workbookFiles({
  sheets,
  hidden = [],
  sharedTexts,
  formats = [],
  from1904,
}: WorkbookContent): Record<string, string> {
  const parts = [...sheets.map((_, at) => ['worksheet', `worksheets/sheet${at + 1}.xml`]), ['styles', 'styles.xml']];
  if (sharedTexts !== undefined) parts.push(['sharedStrings', 'sharedStrings.xml']);
  const relation = (id: number, type: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const codes = formats.map((format, at) =>
    typeof format === 'string' ? `<numFmt numFmtId="${164 + at}" formatCode="${escapedXml(format)}"/>` : '',
  );
  const styles = [0, ...formats.map((format, at) => (typeof format === 'string' ? 164 + at : format))];
  return {
    '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}">${relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><workbookPr${from1904 ? ' date1904="1"' : ''}/><sheets>${sheets
      .map(
        (_, at) =>
          `<sheet name="表${at + 1}" sheetId="${at + 1}"${hidden.includes(at) ? ' state="hidden"' : ''} r:id="rId${at + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}">${parts
      .map(([type, target], at) => relation(at + 1, type as string, target as string))
      .join('')}</Relationships>`,
    'xl/styles.xml': `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles
      .map((id) => `<xf numFmtId="${id}" xfId="0"/>`)
      .join('')}</cellXfs></styleSheet>`,
    ...(sharedTexts === undefined
      ? {}
      : { 'xl/sharedStrings.xml': `${HEAD}<sst xmlns="${MAIN}">${sharedTexts}</sst>` }),
    ...Object.fromEntries(
      sheets.map((rows, at) => [
        `xl/worksheets/sheet${at + 1}.xml`,
        `${HEAD}<worksheet xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheetData>${rows}</sheetData><mergeCells/></worksheet>`,
      ]),
    ),
  };
}

export function workbookOf(content: WorkbookContent): Buffer {
  return zipOf(workbookFiles(content));
}

/** A workbook of texts: what a table is when it is typed into a spreadsheet whose cells are formatted as text. */
export function workbookOfTexts(rows: readonly (readonly string[])[]): Buffer {
  return workbookOf({ sheets: [rowsXml(rows)] });
}
