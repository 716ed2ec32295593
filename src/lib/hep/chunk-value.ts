/** The data of chunks as text: text to bytes with range checks, and bytes to text. */
import { FAMILY_IPV4, FAMILY_IPV6, escapedLine, ipv4Text, ipv6Text, parseIpv4, parseIpv6, u16, u32 } from '../base/index.js';
import { isUtf8 } from 'node:buffer';
import type { Chunk } from './chunk-list.js';
import { CHUNK, chunkRow, type ChunkType } from './chunks.js';
import { numberOf, type ChunkName, type Refusal } from './chunk-name.js';
import { payloadTypeNumber, payloadTypeText } from './payload-types.js';
import { isProtocolWithoutNumber, protocolNumber, protocolText } from './protocols.js';

const INTEGER_BYTES: Partial<Record<ChunkType, number>> = { uint8: 1, uint16: 2, uint32: 4 };

/** The bytes of `text` for the chunk. */
export function bytesOfText(name: ChunkName, text: string): Buffer | Refusal {
  const { row } = name;
  if (name.means === 'source' || name.means === 'destination') {
    const address = parseIpv4(text) ?? parseIpv6(text);
    return address ?? { refused: `${name.text}: invalid address '${text}': expected IPv4 or IPv6` };
  }
  const data =
    row !== null && row.builtIn && name.vendor === 0 && !name.isTyped ? (wordOf(name, text) ?? ofType(name, text)) : ofType(name, text);
  if (!Buffer.isBuffer(data) || row === null || row.sizes.length === 0 || name.means === 'payload') return data;
  if (row.sizes.includes(data.length)) return data;
  return {
    refused: `${name.text}: '${text}' as ${name.type} has ${data.length} bytes: expected ${row.sizes.join(' or ')} for ${row.name}`,
  };
}

/** Words that stand for numbers (families, transports, payload types); null if the text is not one. */
function wordOf(name: ChunkName, text: string): Buffer | Refusal | null {
  if (numberOf(text) >= 0) return null;
  let number: number;
  if (name.id === CHUNK.family)
    number = text.toUpperCase() === 'AF_INET' ? FAMILY_IPV4 : text.toUpperCase() === 'AF_INET6' ? FAMILY_IPV6 : -1;
  else if (name.id === CHUNK.protocol) {
    if (isProtocolWithoutNumber(text)) return { refused: `${name.text}: ${text.toUpperCase()} has no number on the wire` };
    number = protocolNumber(text);
  } else if (name.id === CHUNK.payloadType) number = payloadTypeNumber(text);
  else return null;
  return number < 0 ? { refused: `${name.text}: unknown ${name.row!.name} '${text}'` } : Buffer.from([number]);
}

function ofType(name: ChunkName, text: string): Buffer | Refusal {
  const refuse = (what: string, expected: string): Refusal => ({
    refused: `${name.text}: invalid ${what} '${text}': expected ${expected}`,
  });
  switch (name.type) {
    case 'uint8':
    case 'uint16':
    case 'uint32': {
      const size = INTEGER_BYTES[name.type]!;
      const value = numberOf(text);
      if (value < 0) return refuse(name.type, 'an unsigned number, decimal or 0x hex');
      if (value >= 2 ** (size * 8)) return refuse(name.type, `at most ${2 ** (size * 8) - 1}`);
      const bytes = Buffer.allocUnsafe(size);
      bytes.writeUIntBE(value, 0, size);
      return bytes;
    }
    case 'inet4-addr':
      return parseIpv4(text) ?? refuse('IPv4 address', '192.0.2.1');
    case 'inet6-addr':
      return parseIpv6(text) ?? refuse('IPv6 address', '2001:db8::1');
    case 'mac-addr':
      return /^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}(?:(?:[:-][0-9a-fA-F]{2}){2})?$/.test(text)
        ? Buffer.from(text.replace(/[:-]/g, ''), 'hex')
        : refuse('MAC address', '02:00:00:00:00:01');
    case 'utf8-string':
      return Buffer.from(text, 'utf8');
    case 'octet-string':
      return /^(?:[0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, 'hex') : refuse('octet-string', 'two hex digits for each byte');
  }
}

/** Text of a chunk as hep_get returns it, by its own type or the given one; null if the data does not fit the type. */
export function textOfChunk(chunk: Chunk, type: ChunkType | null = null): string | null {
  const value = valueOfChunk(chunk, type);
  return value === null ? null : String(value);
}

/** As `textOfChunk`, with numbers as numbers: for JSON. */
export function valueOfChunk(chunk: Chunk, type: ChunkType | null = null): string | number | null {
  const row = chunk.vendor === 0 ? chunkRow(chunk.id) : undefined;
  const wanted = type ?? row?.type ?? (isPlainText(chunk) ? 'utf8-string' : 'octet-string');
  const value = ofBytes(chunk, wanted);
  if (row === undefined || type !== null || typeof value !== 'number') return value;
  if (chunk.id === CHUNK.family) return value === FAMILY_IPV4 ? 'AF_INET' : 'AF_INET6';
  if (chunk.id === CHUNK.protocol) return protocolText(value);
  return chunk.id === CHUNK.payloadType ? payloadTypeText(value) : value;
}

/** A chunk for lists and JSON: data that does not fit its type is shown as hex. */
export interface ChunkDescription {
  vendor: number;
  id: number;
  /** '' for an unknown chunk. */
  name: string;
  type: ChunkType;
  value: string | number;
}

export function describeChunk(chunk: Chunk): ChunkDescription {
  const row = chunk.vendor === 0 ? chunkRow(chunk.id) : undefined;
  const value = valueOfChunk(chunk);
  const type = value === null ? 'octet-string' : (row?.type ?? (isPlainText(chunk) ? 'utf8-string' : 'octet-string'));
  return { vendor: chunk.vendor, id: chunk.id, name: row?.name ?? '', type, value: value ?? valueOfChunk(chunk, 'octet-string')! };
}

function ofBytes(chunk: Chunk, type: ChunkType): string | number | null {
  const { bytes, from, to } = chunk;
  const size = to - from;
  switch (type) {
    case 'uint8':
      // Some senders write the payload type into two or four bytes.
      if (size === 1) return bytes[from];
      return chunk.vendor !== 0 || chunk.id !== CHUNK.payloadType
        ? null
        : size === 2
          ? u16(bytes, from)
          : size === 4
            ? u32(bytes, from)
            : null;
    case 'uint16':
      return size === 2 ? u16(bytes, from) : null;
    case 'uint32':
      return size === 4 ? u32(bytes, from) : null;
    case 'inet4-addr':
      return size === 4 ? ipv4Text(bytes, from) : size === 16 ? ipv6Text(bytes, from) : null;
    case 'inet6-addr':
      return size === 16 ? ipv6Text(bytes, from) : null;
    case 'mac-addr':
      return size === 6 || size === 8 ? bytes.toString('hex', from, to).replace(/..(?!$)/g, '$&:') : null;
    case 'utf8-string':
      return bytes.utf8Slice(from, to);
    case 'octet-string':
      return bytes.toString('hex', from, to);
  }
}

/** True if the data is text: UTF-8 without control characters except tab and line ends. */
function isPlainText(chunk: Chunk): boolean {
  const { bytes, from, to } = chunk;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return false;
  }
  return isUtf8(bytes.subarray(from, to));
}

/** One line: backslash, tab and line ends escaped as \\ \t \r \n, other control characters as \xNN and \uNNNN. */
export function escapeText(text: string): string {
  return escapedLine(text.replaceAll('\\', '\\\\'));
}
