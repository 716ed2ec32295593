/** `--set`: a chunk and its new bytes, checked before the first packet is read. */
import { chunkRow } from './chunks.js';
import { bytesOfText } from './chunk-value.js';
import { isRefusal, parseChunkName, type ChunkName, type Refusal } from './chunk-name.js';

export interface ChunkAssignment {
  name: ChunkName;
  data: Buffer;
}

export interface AssignmentOptions {
  /** Allows what OpenSIPS forbids: setting the family and the times. */
  force?: boolean;
  /** Reads the file of `name=@file`; without it '@' has no special meaning. */
  load?: (path: string) => Buffer;
}

/** Reads `name=value`, `id=value` or `vendor:id[:type]=value`. */
export function parseSet(text: string, options: AssignmentOptions = {}): ChunkAssignment | Refusal {
  const at = text.indexOf('=');
  if (at < 0) return { refused: `invalid assignment '${text}': expected chunk=value` };
  const name = parseChunkName(text.slice(0, at));
  if (isRefusal(name)) return name;
  return assign(name, text.slice(at + 1), options);
}

/** The assignment of a value to a chunk, or why it is refused. */
export function assign(name: ChunkName, value: string, options: AssignmentOptions = {}): ChunkAssignment | Refusal {
  const refused = settingRefused(name, options.force ?? false);
  if (refused !== null) return refused;
  const isBytes = name.type === 'utf8-string' || name.type === 'octet-string';
  if (options.load !== undefined && value.startsWith('@') && isBytes) return { name, data: options.load(value.slice(1)) };
  const data = bytesOfText(name, value);
  return Buffer.isBuffer(data) ? { name, data } : data;
}

/** The rules that do not depend on the value: chunks that need --force, and those of vendor 0 only. */
function settingRefused(name: ChunkName, force: boolean): Refusal | null {
  if (name.vendor <= 0 && name.row !== null && name.row.forcedOnly && !force) {
    return { refused: `${name.text}: ${name.row.name} follows from the packet and cannot be set; use --force to set it anyway` };
  }
  if (name.vendor > 0 && isVendor0Only(name.id)) {
    return { refused: `${name.text}: chunk 0x${name.id.toString(16).padStart(4, '0')} belongs to vendor 0` };
  }
  return null;
}

/** Keep-alive timer, authentication key, correlation id and VLAN exist for vendor 0 only (OpenSIPS manual, hep_set). */
function isVendor0Only(id: number): boolean {
  return chunkRow(id)?.vendor0Only === true;
}
