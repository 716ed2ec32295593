/**
 * How users name a chunk: by name, by number (`25`, `0x19`: the first one of any vendor), or exactly (`3:31`,
 * `3:31:uint32`). An invalid name is reported, never guessed.
 */
import { didYouMean } from '../base/index.js';
import { CHUNK, CHUNKS, PAST_REV37, chunkNamed, chunkRow, type ChunkRow, type ChunkType } from './chunks.js';
import { VENDOR_GENERIC, VENDOR_OPENSIPS } from './vendors.js';

/** Why a request of the user is refused: a message without the full stop. */
export interface Refusal {
  refused: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

export const ANY_VENDOR = -1;
const MAX_U16 = 0xffff;

export interface ChunkName {
  /** As written by the user. */
  text: string;
  /** ANY_VENDOR if only the number was given. */
  vendor: number;
  id: number;
  /** How its data is read and printed. */
  type: ChunkType;
  /** True if the user gave the type. */
  isTyped: boolean;
  /** The row of the table, if the name means a generic chunk. */
  row: ChunkRow | null;
  /** What the name refers to: an address of either family, the payload in either form, or one chunk. */
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
  if (parts.length > 3 || parts[0] === '') return { refused: `invalid chunk '${text}': expected a name, an id, or vendor:id[:type]` };
  if (numberOf(parts[1]) < 0) return { refused: `invalid chunk '${text}': expected a number after the vendor` };
  return nameChunk(parts[1], parts[2] ?? null, parts[0], text.trim());
}

/** A chunk by name or number; type and vendor as given by a script or command line, or null. */
export function nameChunk(chunk: string, type: string | null, vendor: string | null, text = chunk): ChunkName | Refusal {
  const word = chunk.trim();
  const isNumber = /^\d/.test(word);
  const id = isNumber ? numberOf(word) : (chunkNamed(word)?.id ?? -1);
  if (isNumber && (id < 1 || id > MAX_U16)) return { refused: `invalid chunk id '${word}': expected 1 to 65535, decimal or 0x hex` };
  if (id < 0) {
    const hint = didYouMean(
      word,
      CHUNKS.map((row) => row.name),
    );
    return {
      refused: `unknown chunk '${word}': expected a number or a name that 'sipcap hep chunks' lists${hint === '' ? '' : `; ${hint}`}`,
    };
  }
  const vendorNumber = vendor === null ? (isNumber && chunkRow(id)?.builtIn !== true ? ANY_VENDOR : VENDOR_GENERIC) : numberOf(vendor);
  if (vendorNumber > MAX_U16 || (vendor !== null && vendorNumber < 0))
    return { refused: `invalid vendor '${vendor}': expected 0 to 65535, decimal or 0x hex` };
  if (type !== null && !CHUNK_TYPES.includes(type.toLowerCase() as ChunkType)) {
    return { refused: `unknown chunk type '${type}': expected one of ${CHUNK_TYPES.join(', ')}` };
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

/** The vendor of a new chunk: generic if REV 37 defines its number, else OpenSIPS. */
export function vendorForNew(name: ChunkName): number {
  if (name.vendor !== ANY_VENDOR) return name.vendor;
  return name.row !== null && name.id < PAST_REV37 ? VENDOR_GENERIC : VENDOR_OPENSIPS;
}

function meaningOf(id: number): ChunkName['means'] {
  if (id === CHUNK.source4 || id === CHUNK.source6) return 'source';
  if (id === CHUNK.destination4 || id === CHUNK.destination6) return 'destination';
  return id === CHUNK.payload || id === CHUNK.compressedPayload ? 'payload' : 'chunk';
}

/** The value of a decimal or 0x hex number, or -1. */
export function numberOf(text: string): number {
  return /^(?:\d{1,15}|0[xX][0-9a-fA-F]{1,12})$/.test(text) ? Number(text) : -1;
}
