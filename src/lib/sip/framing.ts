/**
 * SIP messages out of a byte stream (RFC 3261 section 18.3): Content-Length says where each ends. What lies
 * whole in one piece is handed on without a copy; what straddles pieces is gathered in one buffer.
 */
import { looksLikeSip } from './start-line.js';
import { same } from './header-names.js';

const CR = 13;
const LF = 10;
const MOST_HEAD_BYTES = 65_536;
const MOST_MESSAGE_BYTES = 1_048_576;
const NOTHING = Buffer.alloc(0);

export interface FramingLosses {
  /** Bytes passed over because no SIP began there. */
  skippedBytes: number;
  /** Messages given up: their stream lost bytes, they were too large, or the stream ended within them. */
  gap: number;
  tooBig: number;
  unfinished: number;
}

export class SipFramer {
  readonly losses: FramingLosses = { skippedBytes: 0, gap: 0, tooBig: 0, unfinished: 0 };
  /** Bytes passed over since the last message. */
  skippedInARow = 0;
  private gathered: Buffer = NOTHING;
  private length = 0;
  /** Length of the message at the front once its head is read, 0 before. */
  private needed = 0;
  /** Where the search for the end of the head goes on. */
  private searched = 0;

  constructor(private readonly onMessage: (payload: Buffer) => void) {}

  /** True while the beginning of a message is held. */
  get holding(): boolean {
    return this.length > 0;
  }

  push(bytes: Buffer, from: number, to: number): void {
    if (this.length === 0) {
      const used = this.scan(bytes, from, to);
      if (used < to) this.gather(bytes, used, to);
      return;
    }
    this.gather(bytes, from, to);
    if (this.needed > 0 && this.length < this.needed) return;
    const { gathered, length } = this;
    this.gathered = NOTHING;
    this.length = 0;
    const used = this.scan(gathered, 0, length);
    if (used < length) this.gather(gathered, used, length);
  }

  /** Bytes were lost: what is held cannot become whole. */
  gap(): void {
    if (this.length > 0) this.losses.gap++;
    this.drop();
  }

  end(): void {
    if (this.length > 0) this.losses.unfinished++;
    this.drop();
  }

  private drop(): void {
    this.gathered = NOTHING;
    this.length = 0;
    this.needed = 0;
    this.searched = 0;
  }

  /** Takes whole messages out of the bytes; answers the offset of what must wait for more. */
  private scan(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to) {
      // Empty lines between messages are keep-alives (RFC 5626 section 3.5.1).
      if (bytes[at] === CR || bytes[at] === LF) {
        at++;
        continue;
      }
      const lineEnd = this.needed > 0 ? at : bytes.indexOf(LF, at);
      if (lineEnd < 0 || lineEnd >= to) {
        if (to - at <= MOST_HEAD_BYTES && isText(bytes, at, Math.min(to, at + 16))) return at;
        this.skip(to - at);
        return to;
      }
      if (this.needed === 0 && !looksLikeSip(bytes, at, lineEnd + 1)) {
        this.skip(lineEnd + 1 - at);
        at = lineEnd + 1;
        continue;
      }
      const end = this.messageEnd(bytes, at, to);
      if (end > to) return at;
      if (end < 0) {
        this.losses.tooBig++;
        this.skip(lineEnd + 1 - at);
        at = lineEnd + 1;
        continue;
      }
      this.needed = 0;
      this.searched = 0;
      this.skippedInARow = 0;
      this.onMessage(bytes.subarray(at, end));
      at = end;
    }
    return to;
  }

  /** One past the message that begins at `at`: beyond `to` where more is needed, -1 where it is too large. */
  private messageEnd(bytes: Buffer, at: number, to: number): number {
    if (this.needed > 0) return at + this.needed;
    const bodyAt = this.headEnd(bytes, at, to);
    if (bodyAt < 0) {
      this.searched = Math.max(0, to - at - 3);
      return to - at > MOST_HEAD_BYTES ? -1 : to + 1;
    }
    const length = contentLength(bytes.latin1Slice(at, bodyAt));
    if (length < 0) return restOfPiece(bytes, bodyAt, to);
    if (bodyAt - at + length > MOST_MESSAGE_BYTES) return -1;
    this.needed = bodyAt - at + length;
    return at + this.needed;
  }

  private headEnd(bytes: Buffer, at: number, to: number): number {
    let line = bytes.indexOf(LF, at + this.searched);
    while (line >= 0 && line < to) {
      if (line + 1 < to && bytes[line + 1] === LF) return line + 2;
      if (line + 2 < to && bytes[line + 1] === CR && bytes[line + 2] === LF) return line + 3;
      line = bytes.indexOf(LF, line + 1);
    }
    return -1;
  }

  private gather(bytes: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (this.gathered.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.needed, length * 2, 2048));
      this.gathered.copy(larger, 0, 0, this.length);
      this.gathered = larger;
    }
    bytes.copy(this.gathered, this.length, from, to);
    this.length = length;
  }

  private skip(count: number): void {
    this.losses.skippedBytes += count;
    this.skippedInARow += count;
  }
}

/** The value of Content-Length (or `l`), -1 where there is none that is a number. */
export function contentLength(head: string): number {
  let at = head.indexOf('\n') + 1;
  while (at > 0 && at < head.length) {
    const letter = head.charCodeAt(at) | 0x20;
    const nameLength = letter === 0x63 && same(head, at, 'content-length') ? 14 : letter === 0x6c ? 1 : 0;
    if (nameLength > 0) {
      const match = /^[ \t]*:[ \t]*(?:\r?\n[ \t]+)?(\d{1,10})[ \t]*\r?\n/.exec(head.slice(at + nameLength, at + nameLength + 64));
      if (match !== null) return Number(match[1]);
    }
    at = head.indexOf('\n', at) + 1;
  }
  return -1;
}

/** Without a Content-Length the body is what came with the head, up to the next start line. */
function restOfPiece(bytes: Buffer, bodyAt: number, to: number): number {
  let at = bodyAt;
  while (at < to) {
    if (looksLikeSip(bytes, at, to) && bytes[at] !== CR && bytes[at] !== LF) return at;
    const line = bytes.indexOf(LF, at);
    if (line < 0 || line >= to) return to;
    at = line + 1;
  }
  return to;
}

function isText(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] < 0x20 || bytes[i] > 0x7e) return false;
  return true;
}
