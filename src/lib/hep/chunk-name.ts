/**
 * How users name a chunk: by its name, by its number (`25`, `0x19`: of any vendor, the first), or exactly
 * (`3:31`, `3:31:uint32`). What is wrong with a name is said, never guessed.
 */
import { CHUNK, CHUNKS, PAST_REV37, chunkNamed, chunkRow, type ChunkRow, type ChunkType } from './chunks.js';
import { VENDOR_GENERIC, VENDOR_OPENSIPS } from './vendors.js';

/** Why something that the user wrote cannot be done; a whole sentence without the full stop. */
export interface Refusal {
  refused: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

export const ANY_VENDOR = -1;
const MAX_U16 = 0xffff;

export interface ChunkName {
  /** As it was written. */
  text: string;
  /** ANY_VENDOR where only the number was given. */
  vendor: number;
  id: number;
  /** How its data is written and shown. */
  type: ChunkType;
  /** True where the type was asked for, not taken from the table. */
  isTyped: boolean;
  /** The row of the table, where the name means a generic chunk. */
  row: ChunkRow | null;
  /** What the name means as a whole: an address of either family, the payload in either form, or one chunk. */
  means: 'source' | 'destination' | 'payload' | 'chunk';
}

export const CHUNK_TYPES: readonly ChunkType[] = [
  'uint8',
  'uint16',
  'uint32',
  'inet4-addr',
  'inet6-addr',
  'mac-addr',
  'utf8-string',
  'octet-string',
];

/** Reads `name`, `id` or `vendor:id[:type]`. */
export function parseChunkName(text: string): ChunkName | Refusal {
  const parts = text
    .trim()
    .split(':')
    .map((part) => part.trim());
  if (parts.length === 1) return nameChunk(parts[0], null, null, text.trim());
  if (parts.length > 3 || parts[0] === '') return { refused: `'${text}' is no chunk: write a name, an id, or vendor:id[:type]` };
  if (numberOf(parts[1]) < 0) return { refused: `'${text}' is no chunk: behind the vendor stands the chunk's number` };
  return nameChunk(parts[1], parts[2] ?? null, parts[0], text.trim());
}

/** A chunk by name or number, with the type and vendor that a script or command line gives, or null. */
export function nameChunk(chunk: string, type: string | null, vendor: string | null, text = chunk): ChunkName | Refusal {
  const word = chunk.trim();
  const isNumber = /^\d/.test(word);
  const id = isNumber ? numberOf(word) : (chunkNamed(word)?.id ?? -1);
  if (isNumber && (id < 1 || id > MAX_U16)) return { refused: `'${word}' is no chunk number: write 1 to 65535, decimal or 0x hex` };
  if (id < 0) return { refused: `'${word}' is no chunk: known are ${CHUNKS.map((row) => row.name).join(', ')}, or a number` };
  const vendorNumber = vendor === null ? (isNumber && chunkRow(id)?.builtIn !== true ? ANY_VENDOR : VENDOR_GENERIC) : numberOf(vendor);
  if (vendorNumber > MAX_U16 || (vendor !== null && vendorNumber < 0))
    return { refused: `'${vendor}' is no vendor: write 0 to 65535, decimal or 0x hex` };
  if (type !== null && !CHUNK_TYPES.includes(type.toLowerCase() as ChunkType)) {
    return { refused: `'${type}' is no type: known are ${CHUNK_TYPES.join(', ')}` };
  }
  const row = vendorNumber === VENDOR_GENERIC || vendorNumber === ANY_VENDOR ? (chunkRow(id) ?? null) : null;
  const means = vendorNumber === VENDOR_GENERIC ? meaningOf(id) : 'chunk';
  const usual = means === 'payload' || row === null ? 'utf8-string' : row.type;
  return {
    text,
    vendor: vendorNumber,
    id,
    type: type === null ? usual : (type.toLowerCase() as ChunkType),
    isTyped: type !== null,
    row,
    means,
  };
}

/** The vendor that a new chunk gets: generic where REV 37 defines its number, else OpenSIPS'. */
export function vendorForNew(name: ChunkName): number {
  if (name.vendor !== ANY_VENDOR) return name.vendor;
  return name.row !== null && name.id < PAST_REV37 ? VENDOR_GENERIC : VENDOR_OPENSIPS;
}

function meaningOf(id: number): ChunkName['means'] {
  if (id === CHUNK.source4 || id === CHUNK.source6) return 'source';
  if (id === CHUNK.destination4 || id === CHUNK.destination6) return 'destination';
  return id === CHUNK.payload || id === CHUNK.packedPayload ? 'payload' : 'chunk';
}

/** Decimal or 0x hex, or -1. */
export function numberOf(text: string): number {
  return /^(?:\d{1,15}|0[xX][0-9a-fA-F]{1,12})$/.test(text) ? Number(text) : -1;
}
