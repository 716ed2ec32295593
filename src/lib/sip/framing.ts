/**
 * SIP messages from a byte stream (RFC 3261 section 18.3), framed by Content-Length. A message within one piece is delivered
 * without a copy; one that straddles pieces is gathered in one buffer, and no byte is scanned twice. After a gap the next
 * message is found by Content-Length if that reaches across the gap, else by searching: for a while at every line, then at
 * the beginning of each piece.
 */
import { GrowingBuffer, StreamLosses, type StreamFramer } from '../base/index.js';
import { MORE, MessageProgress, NO_SIP, TOO_BIG } from './message-progress.js';
import { gluedStartLine, hasCallId, hasHeaders, lineFeedAt, unfinishedStart } from './message-scan.js';
import { couldBecomeSip } from './start-line.js';

const NUL = 0;
const CR = 13;
const LF = 10;
const MAX_MESSAGE_BYTES = 1_048_576;
/** Up to this, a declared length is trusted for skipping as many bytes. */
const MAX_PASS_OVER_BYTES = 16 * 1024 * 1024;
/** After so many bytes without SIP, only the beginning of each piece is examined. */
const SEARCH_BYTES = 65_536;
export const FIRST_LOOK_BYTES = 64;

/** `isCut`: the end of the message is missing, `payload` is what came before the gap or the end of the stream. */
export type OnSipMessage = (payload: Buffer, isCut: boolean) => void;

export class SipFramer implements StreamFramer {
  /** Bytes skipped since the last message; not 0 while the start of the next one is unknown. */
  skippedInARow = 0;
  /** The part so far of a message that straddles pieces. */
  private readonly gathered = new GrowingBuffer();
  /** Bytes still to arrive of a message that is not delivered, or only up to its gap. */
  private passOver = 0;
  private passOverReason: 'lostInGaps' | 'givenUp' = 'lostInGaps';
  private readonly progress: MessageProgress;

  constructor(
    private readonly onMessage: OnSipMessage,
    maxMessageBytes = MAX_MESSAGE_BYTES,
    readonly losses = new StreamLosses(),
  ) {
    this.progress = new MessageProgress(maxMessageBytes);
  }

  get holding(): boolean {
    return this.gathered.length > 0;
  }

  /** True while the start of the next message is unknown and what is held is only a candidate. */
  get isSearching(): boolean {
    return this.skippedInARow > 0 && !this.progress.inHead;
  }

  get heldBytes(): number {
    return this.gathered.length;
  }

  /** True while only the beginning of each piece is examined, and nothing is held. */
  get isDormant(): boolean {
    return this.skippedInARow > SEARCH_BYTES && this.gathered.length === 0 && this.passOver === 0;
  }

  /** The same, while every line is examined. */
  get isSearchingLines(): boolean {
    return this.isSearching && this.skippedInARow <= SEARCH_BYTES;
  }

  push(bytes: Buffer, from: number, to: number): void {
    let at = from;
    if (this.passOver > 0) {
      at += Math.min(this.passOver, to - from);
      this.passOver -= at - from;
      this.losses.bytes[this.passOverReason] += at - from;
    }
    if (this.gathered.length > 0) at = this.goOn(bytes, at, to);
    if (at < to) this.scan(bytes, at, to);
  }

  gap(lost: number, wasSnapped = false): void {
    if (this.passOver > 0) {
      this.skipTo(lost < 0 ? -1 : this.passOver - lost, this.passOverReason);
      return;
    }
    const held = this.gathered.length;
    const needed = held > 0 ? this.progress.needed : 0;
    if (held > 0) this.cut('message_lost_in_gap', 'lostInGaps', wasSnapped);
    this.skipTo(needed > 0 && lost >= 0 ? needed - held - lost : -1, 'lostInGaps');
  }

  end(): void {
    if (this.gathered.length > 0) this.cut('message_unfinished', 'givenUp');
    this.passOver = 0;
  }

  /** The next message begins `left` bytes from here; negative: unknown. */
  private skipTo(left: number, reason: 'lostInGaps' | 'givenUp'): void {
    this.passOver = Math.max(0, left);
    this.passOverReason = reason;
    if (left < 0) this.skippedInARow = Math.max(1, this.skippedInARow);
  }

  /** Delivers what is held of a message whose end is missing, if it identifies its call. */
  private cut(reason: string, group: 'lostInGaps' | 'givenUp', wasSnapped = false): void {
    const { gathered, losses } = this;
    const { length } = gathered;
    const wasInHead = this.progress.inHead;
    const isKnown = wasInHead && (wasSnapped || hasCallId(gathered.bytes, 0, length));
    const payload = gathered.take();
    this.progress.restart();
    if (isKnown) this.emit(payload, true);
    else if (!wasInHead && this.skippedInARow > 0) this.skip(length);
    else {
      losses.bytes[group] += length;
      losses.messages.add(reason);
    }
  }

  /** Continues the held message; returns the offset of the first byte after it. */
  private goOn(bytes: Buffer, from: number, to: number): number {
    const { gathered } = this;
    const before = gathered.length;
    gathered.append(bytes, from, this.progress.needed > 0 ? Math.min(to, from + this.progress.needed - before) : to, this.progress.needed);
    const end = this.progress.advance(gathered.bytes, 0, gathered.length, this.skippedInARow > 0);
    if (end === MORE) return to;
    if (end > 0) {
      this.progress.restart();
      this.emit(gathered.take(end), false);
      return from + end - before;
    }
    // The held line is not SIP, or not from its beginning.
    const { length } = gathered;
    const joined = gathered.take();
    if (end === TOO_BIG) this.giveUp(joined, 0, length);
    else this.scan(joined, 0, length, NO_SIP);
    return to;
  }

  /** Delivers whole messages and holds an incomplete one. `known` is what is already known about the beginning. */
  private scan(bytes: Buffer, from: number, to: number, known = MORE): void {
    let at = from;
    while (at < to) {
      // Empty lines between messages are keep-alives (RFC 5626 section 3.5.1); some send NUL.
      if (bytes[at] === CR || bytes[at] === LF || bytes[at] === NUL) {
        at++;
        this.losses.bytes.framed++;
        continue;
      }
      if (this.skippedInARow > SEARCH_BYTES && (at !== from || !couldBecomeSip(bytes, at, Math.min(to, at + FIRST_LOOK_BYTES)))) {
        this.skip(to - at);
        return;
      }
      this.progress.restart();
      const end = known === NO_SIP && at === from ? NO_SIP : this.progress.advance(bytes, at, to, this.skippedInARow > 0);
      if (end === MORE) {
        this.gathered.append(bytes, at, to, this.progress.needed);
        return;
      }
      if (end > 0) {
        this.emit(bytes.subarray(at, at + end), false);
        at += end;
      } else if (end === TOO_BIG) {
        this.giveUp(bytes, at, to);
        return;
      } else {
        const next = this.nextStart(bytes, at, to);
        this.skip(next - at);
        at = next;
        if (this.gathered.length > 0) return;
      }
    }
  }

  /** After a line that is not SIP: the next line, or a start line within this one. */
  private nextStart(bytes: Buffer, at: number, to: number): number {
    const lineEnd = lineFeedAt(bytes, at, to);
    if (lineEnd === to) {
      const begun = unfinishedStart(bytes, at + 1, to);
      if (begun < to) {
        this.progress.restart();
        this.gathered.append(bytes, begun, to);
        this.progress.searched = to - begun;
      }
      return begun;
    }
    const glued = gluedStartLine(bytes, at, lineEnd);
    return glued > at && hasHeaders(bytes, glued, to) ? glued : lineEnd + 1;
  }

  /** A message beyond the limit: its bytes are skipped if its length is plausible; a head without end is dropped. */
  private giveUp(bytes: Buffer, from: number, to: number): void {
    const { needed } = this.progress;
    this.losses.messages.add('message_too_big');
    this.progress.restart();
    if (needed > 0 && needed <= MAX_PASS_OVER_BYTES) {
      const length = Math.min(needed, to - from);
      this.losses.bytes.givenUp += length;
      this.skipTo(needed - length, 'givenUp');
      if (from + length < to) this.scan(bytes, from + length, to);
      return;
    }
    if (needed > 0) {
      const next = Math.min(to, lineFeedAt(bytes, from, to) + 1);
      this.skip(next - from);
      if (next < to) this.scan(bytes, next, to);
      return;
    }
    this.losses.bytes.givenUp += to - from;
    this.skipTo(-1, 'givenUp');
  }

  private emit(payload: Buffer, isCut: boolean): void {
    this.skippedInARow = 0;
    this.losses.bytes.framed += payload.length;
    this.onMessage(payload, isCut);
  }

  private skip(count: number): void {
    this.losses.bytes.skipped += count;
    this.skippedInARow += count;
  }
}
