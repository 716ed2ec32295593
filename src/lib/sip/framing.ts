/**
 * SIP messages out of a byte stream (RFC 3261 section 18.3): Content-Length says where each ends. What lies
 * whole in one piece is handed on without a copy; what straddles pieces is gathered in one buffer, and no byte
 * is looked at twice.
 */
import { LENGTH_ABSENT, contentLengthAt, declaredLength } from './content-length.js';
import { couldBecomeSip, looksLikeSip } from './start-line.js';

const NUL = 0;
const CR = 13;
const LF = 10;
const MAX_HEAD_BYTES = 65_536;
const MAX_MESSAGE_BYTES = 1_048_576;
const NOTHING = Buffer.alloc(0);

/** What `advance` answers besides a length: more bytes are needed, no SIP begins here, the message is too large. */
const MORE = 0;
const NO_SIP = -1;
const TOO_BIG = -2;

/** What was not handed on, by reason. */
export interface FramingLosses {
  /** Bytes passed over because no SIP began there. */
  skippedBytes: number;
  /** Messages given up: their stream lost bytes, they were too large, or the stream ended within them. */
  gap: number;
  tooBig: number;
  unfinished: number;
}

/** Called with each message, and with how many pushes ago it began: 0 is the one in hand. */
export type OnSipMessage = (payload: Buffer, startedPushesAgo: number) => void;

export class SipFramer {
  readonly losses: FramingLosses = { skippedBytes: 0, gap: 0, tooBig: 0, unfinished: 0 };
  /** Bytes passed over since the last message. */
  skippedInARow = 0;
  /** The beginning of a message that straddles pieces. */
  private held: Buffer = NOTHING;
  private heldLength = 0;
  private pushes = 0;
  private startedAt = 0;
  /** Progress within the message in hand; offsets from its first byte. */
  private inHead = false;
  private line = 0;
  private searched = 0;
  private lengthAt = 0;
  private needed = 0;

  constructor(
    private readonly onMessage: OnSipMessage,
    private readonly maxMessageBytes = MAX_MESSAGE_BYTES,
  ) {}

  /** True while the beginning of a message is held. */
  get holding(): boolean {
    return this.heldLength > 0;
  }

  push(bytes: Buffer, from: number, to: number): void {
    this.pushes++;
    const at = this.heldLength > 0 ? this.goOn(bytes, from, to) : from;
    if (at < to) this.scan(bytes, at, to);
  }

  /** Bytes were lost: what is held cannot become whole. */
  gap(): void {
    if (this.heldLength > 0) this.losses.gap++;
    this.release();
  }

  /** The stream ended. */
  end(): void {
    if (this.heldLength > 0) this.losses.unfinished++;
    this.release();
  }

  /** Adds to what is held; answers the offset of the first byte that belongs to something else. */
  private goOn(bytes: Buffer, from: number, to: number): number {
    const before = this.heldLength;
    this.hold(bytes, from, this.needed > 0 ? Math.min(to, from + this.needed - before) : to);
    const end = this.advance(this.held, 0, this.heldLength);
    if (end === MORE) return to;
    if (end > 0) {
      const payload = this.held.subarray(0, end);
      const pushesAgo = this.pushes - this.startedAt;
      this.release();
      this.emit(payload, pushesAgo);
      return from + end - before;
    }
    // The line that was held is none of ours: this piece begins within it.
    if (end === TOO_BIG) this.losses.tooBig++;
    this.skip(before);
    this.release();
    return from;
  }

  /** Takes whole messages out of the bytes, and holds what is not finished. */
  private scan(bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to) {
      // Empty lines between messages are keep-alives (RFC 5626 section 3.5.1); some send NUL.
      if (bytes[at] === CR || bytes[at] === LF || bytes[at] === NUL) {
        at++;
        continue;
      }
      this.inHead = false;
      this.searched = 0;
      this.needed = 0;
      const end = this.advance(bytes, at, to);
      if (end === MORE) {
        this.startedAt = this.pushes;
        this.hold(bytes, at, to);
        return;
      }
      if (end > 0) {
        this.emit(bytes.subarray(at, at + end), 0);
        at += end;
        continue;
      }
      if (end === TOO_BIG) this.losses.tooBig++;
      const next = Math.min(to, lineFeedAt(bytes, at, to) + 1);
      this.skip(next - at);
      at = next;
    }
  }

  /** Reads on in the message that begins at `start`; answers its length once that is known and there. */
  private advance(bytes: Buffer, start: number, to: number): number {
    if (!this.inHead) {
      const lineEnd = lineFeedAt(bytes, start + this.searched, to);
      if (lineEnd === to) {
        this.searched = to - start;
        return couldBecomeSip(bytes, start, to) ? MORE : NO_SIP;
      }
      if (!looksLikeSip(bytes, start, lineEnd + 1)) return NO_SIP;
      this.inHead = true;
      this.lengthAt = 0;
      this.line = this.searched = lineEnd + 1 - start;
    }
    if (this.needed === 0) {
      const bodyAt = this.headEnd(bytes, start, to);
      if (bodyAt < 0) return to - start > MAX_HEAD_BYTES ? TOO_BIG : MORE;
      const length = this.lengthAt === 0 ? LENGTH_ABSENT : declaredLength(bytes, start + this.lengthAt, start + bodyAt);
      if (length === LENGTH_ABSENT) return restOfPiece(bytes, start + bodyAt, to) - start;
      if (bodyAt + length > this.maxMessageBytes) return TOO_BIG;
      this.needed = bodyAt + length;
    }
    return to - start >= this.needed ? this.needed : MORE;
  }

  /** Goes through the header lines as far as there are; answers where the body begins, -1 where that is further on. */
  private headEnd(bytes: Buffer, start: number, to: number): number {
    for (;;) {
      const line = start + this.line;
      if (line < to && bytes[line] === LF) return this.line + 1;
      if (line + 1 < to && bytes[line] === CR && bytes[line + 1] === LF) return this.line + 2;
      const lineEnd = lineFeedAt(bytes, start + this.searched, to);
      if (lineEnd === to) {
        this.searched = to - start;
        return -1;
      }
      if (this.lengthAt === 0) {
        const value = contentLengthAt(bytes, line, lineEnd);
        if (value > 0) this.lengthAt = value - start;
      }
      this.line = this.searched = lineEnd + 1 - start;
    }
  }

  private emit(payload: Buffer, startedPushesAgo: number): void {
    this.skippedInARow = 0;
    this.onMessage(payload, startedPushesAgo);
  }

  /** Memory grows with what came, never with what a header promises. */
  private hold(bytes: Buffer, from: number, to: number): void {
    const length = this.heldLength + to - from;
    if (this.held.length < length) {
      const room = Math.max(2048, length * 2);
      const larger = Buffer.allocUnsafeSlow(this.needed >= length ? Math.min(room, this.needed) : room);
      this.held.copy(larger, 0, 0, this.heldLength);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldLength, from, to);
    this.heldLength = length;
  }

  private release(): void {
    this.held = NOTHING;
    this.heldLength = 0;
    this.needed = 0;
    this.inHead = false;
    this.searched = 0;
  }

  private skip(count: number): void {
    this.losses.skippedBytes += count;
    this.skippedInARow += count;
  }
}

/** Without a usable Content-Length the body is what came with the head, up to the next start line. */
function restOfPiece(bytes: Buffer, bodyAt: number, to: number): number {
  let at = bodyAt;
  while (at < to) {
    if (bytes[at] !== CR && bytes[at] !== LF && looksLikeSip(bytes, at, to)) return at;
    at = lineFeedAt(bytes, at, to) + 1;
  }
  return to;
}

/** The next line feed, or `to`. The buffer may go on far behind `to`: its own search would not stop there. */
function lineFeedAt(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== LF) at++;
  return at;
}
