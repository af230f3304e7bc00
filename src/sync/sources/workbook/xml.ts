/**
 * The XML of a workbook's parts as events, parsed by saxen chunk by chunk. What is merely odd is a fault, because an attribute or a text that a
 * parser skips is a cell lost: no DTD (ECMA-376, part 2, M1.18), so no entity but the five of XML, no other encoding than UTF-8, nothing malformed.
 */
import type { Parser } from 'saxen';
import { SourceFault } from '../source';

/**
 * What a reader of one part wants to hear. Elements come without their namespace's prefix, attributes with theirs; texts come decoded, and may come
 * in pieces.
 */
export interface XmlReader {
  open(name: string, attributes: () => Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

/** Deepest nesting, and longest text or tag in characters, as a cell of 32,767 written in entities: without them a part would be kept in memory whole. */
const DEPTH_MAX = 100;
const TOKEN_CHARACTERS_MAX = 300_000;

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));|&/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

function broken(why: string): SourceFault {
  return new SourceFault(`is no workbook that can be read (${why}): save it as .xlsx and deliver it again`);
}

/** Reads a part and pauses behind each chunk, so that what its reader has gathered can be passed on. Throws a SourceFault. */
export async function* readXml(bytes: AsyncIterable<Buffer>, reader: XmlReader): AsyncGenerator<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw broken('its XML is not UTF-8');
    }
  };
  const watched = { depth: 0, pending: 0 };
  const parser = await newParser(reader, watched);
  const feed = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      throw error instanceof SourceFault ? error : broken('its XML is malformed');
    }
  };
  for await (const chunk of bytes) {
    const text = decode(chunk);
    watched.pending += text.length;
    feed(() => parser.write(text));
    if (watched.pending > TOKEN_CHARACTERS_MAX + text.length) throw broken('its XML holds a text beyond any cell');
    yield;
  }
  feed(() => parser.write(decode()).end());
  yield;
}

async function newParser(reader: XmlReader, watched: { depth: number; pending: number }): Promise<Parser> {
  const { Parser } = await import('saxen');
  const refuse = () => {
    throw broken('its XML is malformed');
  };
  return new Parser()
    .on('warn', refuse)
    .on('attention', () => {
      throw broken('its XML declares a document type');
    })
    .on('comment', () => {
      watched.pending = 0;
    })
    .on('cdata', (text) => {
      watched.pending = 0;
      reader.text(text);
    })
    .on('text', (text) => {
      watched.pending = 0;
      reader.text(decoded(text));
    })
    .on('openTag', (name, attributes) => {
      watched.pending = 0;
      if (++watched.depth > DEPTH_MAX) throw broken('its XML is nested too deeply');
      reader.open(localName(name), () => decodedAll(attributes() || refuse()));
    })
    .on('closeTag', (name) => {
      watched.depth--;
      reader.close(localName(name));
    });
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function decodedAll(attributes: Record<string, string>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name in attributes) all[name] = decoded(attributes[name] as string);
  return all;
}

/** By code point: saxen's own decoding cuts characters beyond the first 65,536, which rare names are written with. */
function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (_, hex?: string, decimal?: string, name?: string) => {
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
    if (code !== undefined && code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    const character = name && Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (character === undefined) throw broken('its XML names an unknown entity');
    return character;
  });
}
