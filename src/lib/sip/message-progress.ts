/** The parse state of a SIP message in a stream: start line, head, length. No byte is scanned twice, however it is chunked. */
import { LENGTH_ABSENT, contentLengthAt, declaredLength } from './content-length.js';
import { gluedStartLine, hasHeaders, lineFeedAt, restOfPiece } from './message-scan.js';
import { couldBecomeSip, hasKnownMethod, hasTornMethod, looksLikeSip } from './start-line.js';

const CR = 13;
const LF = 10;
const MAX_HEAD_BYTES = 65_536;

/** What `advance` returns besides a length: more bytes are needed, no SIP begins here, the message is too large. */
export const MORE = 0;
export const NO_SIP = -1;
export const TOO_BIG = -2;

export class MessageProgress {
  /** True once the start line is known to be one. */
  inHead = false;
  /** Length of the message once its head is there, else 0. */
  needed = 0;
  /** Offsets from the first byte of the message: the current line, and how far its end was searched. */
  searched = 0;
  private line = 0;
  private lengthAt = 0;

  constructor(private readonly maxMessageBytes: number) {}

  restart(): void {
    this.needed = 0;
    this.inHead = false;
    this.searched = 0;
  }

  /**
   * Continues the message that begins at `start`; returns its length once known and complete. `isDoubtful`: it is
   * unknown whether a message begins here, so that a start line alone is not enough.
   */
  advance(bytes: Buffer, start: number, to: number, isDoubtful: boolean): number {
    if (!this.inHead) {
      const lineEnd = lineFeedAt(bytes, start + this.searched, to);
      if (lineEnd === to) {
        this.searched = to - start;
        return couldBecomeSip(bytes, start, to) ? MORE : NO_SIP;
      }
      if (!looksLikeSip(bytes, start, lineEnd + 1)) return NO_SIP;
      // The rest of a body, a keep-alive without line end or a gap may have changed the method.
      if (!hasKnownMethod(bytes, start, lineEnd) && (hasTornMethod(bytes, start, lineEnd) || isGlued(bytes, start, lineEnd, isDoubtful)))
        return NO_SIP;
      if (isDoubtful && !hasHeaders(bytes, start, to)) return NO_SIP;
      this.inHead = true;
      this.lengthAt = 0;
      this.line = this.searched = lineEnd + 1 - start;
    }
    if (this.needed === 0) {
      const bodyAt = this.headEnd(bytes, start, to);
      if (bodyAt < 0) return to - start > MAX_HEAD_BYTES ? TOO_BIG : MORE;
      if (isDoubtful && !hasHeaders(bytes, start, start + bodyAt)) return NO_SIP;
      const length = this.lengthAt === 0 ? LENGTH_ABSENT : declaredLength(bytes, start + this.lengthAt, start + bodyAt);
      if (length === LENGTH_ABSENT) return restOfPiece(bytes, start, start + bodyAt, to) - start;
      this.needed = bodyAt + length;
    }
    if (this.needed > this.maxMessageBytes) return TOO_BIG;
    return to - start >= this.needed ? this.needed : MORE;
  }

  /** Scans the available header lines; returns where the body begins, -1 if not yet known. */
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
}

/** True if the rest of a body or a keep-alive without line end precedes the method. A word in capitals alone is an extension method. */
function isGlued(bytes: Buffer, start: number, lineEnd: number, isDoubtful: boolean): boolean {
  const glued = gluedStartLine(bytes, start, lineEnd);
  if (glued <= start) return false;
  if (isDoubtful) return true;
  for (let at = start; at < glued; at++) if (bytes[at] < 0x41 || bytes[at] > 0x5a) return true;
  return false;
}
