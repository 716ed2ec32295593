/** Packets that are edited. */
import { isFault } from '../../src/lib/base/index.js';
import {
  EditablePacket,
  isRefusal,
  parseChunkName,
  parseSet,
  textOfChunk,
  type AssignmentOptions,
  type ChunkName,
} from '../../src/lib/hep/index.js';
import { RECEIVED_AT } from '../rigs/hep-packets.js';

export function named(text: string): ChunkName {
  const name = parseChunkName(text);
  if (isRefusal(name)) throw new Error(name.refused);
  return name;
}

export function open(bytes: Buffer): EditablePacket {
  const packet = EditablePacket.read(bytes, RECEIVED_AT);
  if (isFault(packet)) throw new Error(packet.fault);
  return packet;
}

export function setAll(packet: EditablePacket, texts: readonly string[], options: AssignmentOptions = {}): Buffer {
  for (const text of texts) {
    const assignment = parseSet(text, options);
    if (isRefusal(assignment)) throw new Error(assignment.refused);
    packet.set(assignment);
  }
  const bytes = packet.packet();
  if (isFault(bytes)) throw new Error(bytes.fault);
  return bytes;
}

export function get(bytes: Buffer, text: string): string | null {
  const name = named(text);
  const found = open(bytes).get(name);
  if (found === null) return null;
  return isFault(found) ? found.fault : textOfChunk(found, name.isTyped ? name.type : null);
}
