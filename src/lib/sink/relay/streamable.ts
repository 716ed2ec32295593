/**
 * Which packets a HEP stream can carry: the receiver splits it at the length fields of HEPv3, so a packet without one, or
 * with a wrong one, would corrupt everything after it.
 */
import { fault, u16, u32, type Fault } from '../../base/index.js';

const HEP3 = 0x48455033;
/** A misspelling of the magic that some senders use. */
const EEP3 = 0x45455033;
const LENGTH_AT = 4;
const MIN_BYTES = 6;

/** Null when the packet can be sent as it is; `bad_version` for v1 and v2; `too_big` when bytes follow the declared end. */
export function streamFault(packet: Buffer): Fault | null {
  if (packet.length < MIN_BYTES) return fault('too_short', 'hep packet', 0, MIN_BYTES, packet.length);
  const magic = u32(packet, 0);
  if (magic !== HEP3 && magic !== EEP3) return fault('bad_version', 'hep packet');
  const declared = u16(packet, LENGTH_AT);
  if (declared === packet.length) return null;
  return declared < MIN_BYTES || declared > packet.length
    ? fault('bad_length', 'hep packet', LENGTH_AT, declared, packet.length)
    : fault('too_big', 'hep packet', LENGTH_AT, declared, packet.length);
}

/** Length of the packet that begins at `at`, in bytes that `streamFault` accepted. */
export function streamedLength(bytes: Buffer, at: number): number {
  return u16(bytes, at + LENGTH_AT);
}

/** The packets of a piece, sharing its memory. */
export function splitPiece(piece: { bytes: Buffer; packets: number }): Buffer[] {
  if (piece.packets === 1) return [piece.bytes];
  const packets: Buffer[] = [];
  for (let at = 0; at < piece.bytes.length;) {
    const end = at + streamedLength(piece.bytes, at);
    packets.push(piece.bytes.subarray(at, end));
    at = end;
  }
  return packets;
}
