/** HEP in a captured stream: adapts the listeners' framer to StreamFramer; here it never closes. */
import { UNKNOWN_GAP, type StreamFramer, type StreamLosses } from '../base/index.js';
import { Hep3Fields, HepFramer } from '../hep/index.js';
import { hasCallId, looksLikeSip } from '../sip/index.js';

export class HepStream implements StreamFramer {
  private framer = new HepFramer();
  private readonly fields = new Hep3Fields();

  constructor(
    /** False if the packet could not be delivered. */
    private readonly onPacket: (bytes: Buffer, from: number, to: number) => boolean,
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
    this.cut(this.framer.gap(lost), 'message_lost_in_gap', 'lostInGaps');
  }

  end(): void {
    this.cut(this.framer.gap(UNKNOWN_GAP), 'message_unfinished', 'givenUp');
    this.framer = new HepFramer();
  }

  /** Delivers the beginning of a packet whose end is missing, if its message identifies a call. */
  private cut(packet: Buffer, reason: string, group: 'lostInGaps' | 'givenUp'): void {
    if (packet.length === 0) return;
    const { losses } = this;
    if (this.identifiesCall(packet) && this.onPacket(packet, 0, packet.length)) {
      losses.bytes.framed += packet.length;
      return;
    }
    losses.bytes[group] += packet.length;
    losses.messages.add(reason);
  }

  private identifiesCall(packet: Buffer): boolean {
    const { fields } = this;
    if (fields.walk(packet, 0, packet.length) !== null || fields.payloadFrom < 0 || fields.compressed) return false;
    const { payloadFrom, payloadTo } = fields;
    return looksLikeSip(packet, payloadFrom, payloadTo) && hasCallId(packet, payloadFrom, payloadTo);
  }
}
