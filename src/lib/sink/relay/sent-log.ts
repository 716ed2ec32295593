/**
 * What was passed to the network and is not confirmed, oldest first: pieces of one packet (UDP) or many
 * (streams). A piece holds either packets of the spool or live packets. First the kernel has to accept it (`complete`),
 * then it stays until it counts as delivered.
 */
export interface SentPiece {
  bytes: Buffer;
  packets: number;
  /** False if others share its memory. */
  alone: boolean;
  /** Spool number of its last packet, 0 if not from the spool. */
  record: number;
  /** Its spool numbers have no gaps, so the number of each packet is known. */
  isContiguous: boolean;
  /** The clock's `monotonic()` when it was handed over. */
  sentAtMs: number;
}

const COMPACT_FROM = 4096;
/** In the place of a piece that was taken out, whose bytes are free from then on. */
const TAKEN: SentPiece = { bytes: Buffer.alloc(0), packets: 0, alone: false, record: 0, isContiguous: false, sentAtMs: 0 };

export class SentLog {
  bytes = 0;
  packets = 0;
  /** Packets that the kernel has not accepted yet. */
  inFlight = 0;
  /** Where its oldest piece begins in the stream of the connection: bytes that left the log since `begin`. */
  position = 0;
  private pieces: SentPiece[] = [];
  private head = 0;
  private incomplete = 0;

  /** A new stream; the log is empty. */
  begin(): void {
    this.position = 0;
  }

  push(piece: SentPiece): void {
    this.pieces.push(piece);
    this.bytes += piece.bytes.length;
    this.packets += piece.packets;
    this.inFlight += piece.packets;
  }

  /** The kernel took the oldest packets in flight; that many, whole pieces. */
  complete(packets: number): void {
    this.inFlight -= packets;
    for (let left = packets; left > 0; this.incomplete++) left -= this.pieces[this.incomplete].packets;
  }

  get oldest(): SentPiece | null {
    return this.head < this.pieces.length ? this.pieces[this.head] : null;
  }

  /** The oldest piece if the kernel has accepted it. */
  oldestCompleted(): SentPiece | null {
    return this.head < this.incomplete ? this.pieces[this.head] : null;
  }

  /** Takes the oldest piece out, completed or not. */
  shift(): SentPiece | null {
    if (this.head === this.pieces.length) return null;
    const piece = this.pieces[this.head];
    this.pieces[this.head++] = TAKEN;
    this.remove(piece.bytes.length, piece.packets);
    if (this.head > this.incomplete) {
      this.incomplete = this.head;
      this.inFlight -= piece.packets;
    }
    this.compact();
    return piece;
  }

  /** Takes the first packets of the oldest piece out, which stays with the rest; the piece is completed. */
  shiftPart(packets: number, bytes: number): void {
    const piece = this.pieces[this.head];
    this.pieces[this.head] = { ...piece, bytes: piece.bytes.subarray(bytes), packets: piece.packets - packets, alone: false };
    this.remove(bytes, packets);
  }

  /** Takes all pieces out, oldest first. */
  takeAll(): SentPiece[] {
    const all = this.head === 0 ? this.pieces : this.pieces.slice(this.head);
    this.pieces = [];
    this.head = this.incomplete = 0;
    this.bytes = this.packets = this.inFlight = 0;
    return all;
  }

  /** Replaces all pieces by others of as many bytes; the first `completed` of the packets are completed. */
  replace(pieces: SentPiece[], completed: number): void {
    this.takeAll();
    for (const piece of pieces) this.push(piece);
    this.complete(completed);
  }

  private remove(bytes: number, packets: number): void {
    this.bytes -= bytes;
    this.packets -= packets;
    this.position += bytes;
  }

  private compact(): void {
    if (this.head === this.pieces.length) this.pieces.length = 0;
    else if (this.head >= COMPACT_FROM && this.head * 2 > this.pieces.length) this.pieces = this.pieces.slice(this.head);
    else return;
    this.incomplete -= this.head;
    this.head = 0;
  }
}
