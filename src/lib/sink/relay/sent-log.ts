/**
 * What was handed to the network and is not known to have arrived, oldest first: pieces of one packet
 * (UDP) or many (streams). A piece is all of the spool or all of the live traffic. First the system has
 * to take a piece (`completed`), then it stays until it counts as arrived.
 */
export interface SentPiece {
  bytes: Buffer;
  packets: number;
  /** False where others share its memory. */
  alone: boolean;
  /** Spool number of its last packet, 0 where it did not come from the spool. */
  record: number;
  /** The clock's `monotonic()` when it was handed over. */
  sentAtMs: number;
}

const COMPACT_FROM = 4096;

export class SentLog {
  bytes = 0;
  packets = 0;
  /** Packets that the system has not taken yet. */
  inFlight = 0;
  private pieces: SentPiece[] = [];
  private head = 0;
  private incomplete = 0;

  push(bytes: Buffer, packets: number, alone: boolean, record: number, sentAtMs: number): void {
    this.pieces.push({ bytes, packets, alone, record, sentAtMs });
    this.bytes += bytes.length;
    this.packets += packets;
    this.inFlight += packets;
  }

  /** The system took the oldest packets in flight; that many, whole pieces. */
  complete(packets: number): void {
    this.inFlight -= packets;
    for (let left = packets; left > 0; this.incomplete++) left -= this.pieces[this.incomplete].packets;
  }

  /** The oldest piece where the system has taken it. */
  oldestCompleted(): SentPiece | null {
    return this.head < this.incomplete ? this.pieces[this.head] : null;
  }

  /** Takes the oldest piece out, completed or not. */
  shift(): SentPiece | null {
    if (this.head === this.pieces.length) return null;
    const piece = this.pieces[this.head++];
    this.bytes -= piece.bytes.length;
    this.packets -= piece.packets;
    if (this.head > this.incomplete) {
      this.incomplete = this.head;
      this.inFlight -= piece.packets;
    }
    this.compact();
    return piece;
  }

  /** Takes all pieces out, oldest first. */
  takeAll(): SentPiece[] {
    const all = this.head === 0 ? this.pieces : this.pieces.slice(this.head);
    this.pieces = [];
    this.head = this.incomplete = 0;
    this.bytes = this.packets = this.inFlight = 0;
    return all;
  }

  /** Puts others in the place of all pieces; the first `completed` of the packets are completed. */
  replace(pieces: SentPiece[], completed: number): void {
    this.takeAll();
    for (const piece of pieces) this.push(piece.bytes, piece.packets, piece.alone, piece.record, piece.sentAtMs);
    this.complete(completed);
  }

  private compact(): void {
    if (this.head === this.pieces.length) this.pieces.length = 0;
    else if (this.head >= COMPACT_FROM && this.head * 2 > this.pieces.length) this.pieces = this.pieces.slice(this.head);
    else return;
    this.incomplete -= this.head;
    this.head = 0;
  }
}
