/** A TCP direction in which there may be RTP, besides whatever else is looked for in it. */
import type { Packet, StreamReceiver } from '../decode/index.js';
import { MediaFramer } from '../media/index.js';
import type { HoldAccount, Holder } from './hold-account.js';
import type { MediaWatch } from './media-watch.js';

/** Rough cost of what is held, besides the bytes. */
const HOLD_OVERHEAD_BYTES = 512;

export class RtpOverTcp implements StreamReceiver, Holder {
  older: Holder | null = null;
  newer: Holder | null = null;
  accountedBytes = 0;
  private readonly framer: MediaFramer;
  private packet!: Packet;
  private hasTaken = false;

  constructor(
    /** Looks for messages in the same bytes. */
    private readonly messages: StreamReceiver,
    private readonly media: MediaWatch,
    private readonly holds: HoldAccount,
    /** The frame has RTP. */
    private readonly onRtp: () => void,
  ) {
    this.framer = new MediaFramer((bytes, from, to, isRelayed) => {
      this.hasTaken = media.takePart(this.packet, bytes, from, to, isRelayed) || this.hasTaken;
    });
  }

  get holding(): boolean {
    return this.messages.holding === true;
  }

  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    const goesOn = this.messages.push(bytes, from, to, packet);
    this.packet = packet;
    this.hasTaken = this.media.isOver && this.media.afterwards?.segment(packet) === true;
    this.framer.push(bytes, from, to);
    if (this.hasTaken) this.onRtp();
    this.settle();
    return goesOn;
  }

  gap(lost: number, packet: Packet): void {
    this.messages.gap(lost, packet);
    this.giveUp();
    this.settle();
  }

  end(packet: Packet): void {
    this.messages.end(packet);
    this.giveUp();
    this.settle();
  }

  giveUp(): void {
    this.framer.gap();
  }

  private settle(): void {
    const { heldBytes } = this.framer;
    const account = heldBytes === 0 ? 0 : heldBytes + HOLD_OVERHEAD_BYTES;
    if (account !== this.accountedBytes) this.holds.set(this, account);
  }
}
