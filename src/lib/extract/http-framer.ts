/** The part of HTTP that matters here: heads that upgrade a stream to WebSocket (RFC 6455 section 1.3). Bodies are skipped. */
import { GrowingBuffer, type StreamFramer, type StreamLosses } from '../base/index.js';
import { beginsHttp, couldBecomeWord } from './stream-protocol.js';

const MAX_HEAD_BYTES = 16_384;
const HEAD_END = Buffer.from('\r\n\r\n', 'latin1');

export class HttpFramer implements StreamFramer {
  private readonly head = new GrowingBuffer();

  /** `onUpgrade` receives the bytes after the head. */
  constructor(
    private readonly onUpgrade: (bytes: Buffer, from: number, to: number) => void,
    readonly losses: StreamLosses,
  ) {}

  get holding(): boolean {
    return this.head.length > 0;
  }

  get heldBytes(): number {
    return this.head.length;
  }

  push(bytes: Buffer, from: number, to: number): void {
    const { head } = this;
    const before = head.length;
    if (before === 0 && !beginsHttp(bytes, from, to) && !couldBecomeWord(bytes, from, to)) {
      this.losses.bytes.skipped += to - from;
      return;
    }
    head.append(bytes, from, Math.min(to, from + MAX_HEAD_BYTES - before + 1));
    const end = head.bytes.subarray(0, head.length).indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1));
    if (end < 0) {
      if (head.length > MAX_HEAD_BYTES) this.losses.bytes.skipped += head.take().length + (to - from) - (MAX_HEAD_BYTES - before + 1);
      return;
    }
    const isUpgrade = /^upgrade:[ \t]*websocket/im.test(head.bytes.latin1Slice(0, end + 2));
    const bodyAt = from + end + HEAD_END.length - before;
    head.take();
    this.losses.bytes.framed += end + HEAD_END.length;
    if (isUpgrade) this.onUpgrade(bytes, bodyAt, to);
    else this.losses.bytes.skipped += to - bodyAt;
  }

  gap(): void {
    this.losses.bytes.lostInGaps += this.head.take().length;
  }

  end(): void {
    this.losses.bytes.skipped += this.head.take().length;
  }
}
