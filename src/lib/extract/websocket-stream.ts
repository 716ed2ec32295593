/** WebSocket in a captured stream: where bytes were lost, or the capture began later, the next frame is looked for at the beginning of segments. */
import type { StreamFramer, StreamLosses } from '../base/index.js';
import { WebSocketDeframer, type OnWebSocketMessage } from '../decode/index.js';
import { beginsCompressedFrame, beginsSipInWebSocket } from './stream-protocol.js';

export class WebSocketStream implements StreamFramer {
  private readonly deframer: WebSocketDeframer;

  /** `note` receives what is wrong with the framing. */
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
