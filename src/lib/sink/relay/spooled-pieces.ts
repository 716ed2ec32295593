/** Writes a piece that is in flight to the spool as well, so that newer packets may follow it there. */
import type { SpoolLog } from '../spool/index.js';
import type { SentPiece } from './sent-log.js';
import { splitPiece } from './streamable.js';

/** The piece with its spool number; if the disk refused a part, that part as a separate piece without one. */
export function spooledPieces(piece: SentPiece, spool: SpoolLog): SentPiece[] {
  let record = 0;
  let bytes = 0;
  let packets = 0;
  for (const packet of splitPiece(piece)) {
    const number = spool.appendRead(packet);
    if (number === 0) break;
    record = number;
    bytes += packet.length;
    packets++;
  }
  if (packets === piece.packets) return [{ ...piece, record, isContiguous: true }];
  const rest = { ...piece, bytes: piece.bytes.subarray(bytes), packets: piece.packets - packets, alone: false, record: 0 };
  return packets === 0
    ? [rest]
    : [{ ...piece, bytes: piece.bytes.subarray(0, bytes), packets, alone: false, record, isContiguous: true }, rest];
}
