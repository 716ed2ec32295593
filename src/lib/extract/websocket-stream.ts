/** WebSocket in a captured stream: after a loss, or if the capture began late, the next frame is searched at the beginning of segments. */
import type { StreamFramer, StreamLosses } from '../base/index.js';
import { WebSocketDeframer, type OnWebSocketMessage } from '../decode/index.js';
import { beginsCompressedFrame, beginsSipInWebSocket } from './stream-protocol.js';

export class WebSocketStream implements StreamFramer {
  private readonly deframer: WebSocketDeframer;

  /** `note` is called with framing errors. */
  constructor(
    deliver: OnWebSocketMessage,
    readonly losses: StreamLosses,
    private readonly note: (reason: string) => void,
  ) {
    this.deframer = new WebSocketDeframer(deliver, { losses });
  }

  get holding(): boolean {
    return this.deframer.holding;
  }

  get heldBytes(): number {
    return this.deframer.heldBytes;
  }

  push(bytes: Buffer, from: number, to: number): void {
    const { deframer } = this;
    if (deframer.ended) {
      if (!beginsSipInWebSocket(bytes, from, to) && !beginsCompressedFrame(bytes, from, to)) {
        this.losses.bytes.skipped += to - from;
        return;
      }
      deframer.resume();
    }
    const wrong = deframer.push(bytes, from, to);
    if (wrong?.fault === 'corrupt') this.note('websocket_corrupt');
  }

  gap(lost: number): void {
    this.deframer.gap(lost);
  }

  end(): void {
    this.deframer.end();
  }
}
