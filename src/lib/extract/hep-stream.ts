/** HEP in a captured stream: adapts the listeners' framer to StreamFramer; here it never closes. */
import type { StreamFramer, StreamLosses } from '../base/index.js';
import { HepFramer } from '../hep/index.js';

export class HepStream implements StreamFramer {
  private framer = new HepFramer();

  constructor(
    private readonly onPacket: (bytes: Buffer, from: number, to: number) => void,
    readonly losses: StreamLosses,
  ) {}

  get holding(): boolean {
    return this.framer.holding;
  }

  get heldBytes(): number {
    return this.framer.heldBytes;
  }

  push(bytes: Buffer, from: number, to: number): void {
    const account = this.losses.bytes;
    const { framer } = this;
    const { heldBytes, lostBytes } = framer;
    let framed = 0;
    const verdict = framer.push(bytes, from, to, (packet, first, past) => {
      framed += past - first;
      account.framed += past - first;
      this.onPacket(packet, first, past);
    });
    const lost = framer.lostBytes - lostBytes;
    if (verdict === 'close') this.framer = new HepFramer();
    account.lostInGaps += lost;
    account.skipped += to - from + heldBytes - framed - lost - this.framer.heldBytes;
  }

  gap(lost: number): void {
    const { framer, losses } = this;
    if (framer.holding) losses.messages.add('message_lost_in_gap');
    losses.bytes.lostInGaps += framer.heldBytes;
    framer.gap(lost);
  }

  end(): void {
    const { framer, losses } = this;
    if (framer.holding) losses.messages.add('message_unfinished');
    losses.bytes.givenUp += framer.heldBytes;
    this.framer = new HepFramer();
  }
}
