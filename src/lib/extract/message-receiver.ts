/** What the streams of a capture need from the extractor. */
import type { Frame, StreamLosses } from '../base/index.js';
import type { Packet } from '../decode/index.js';
import type { HoldAccount } from './hold-account.js';

export interface MessageReceiver {
  readonly losses: StreamLosses;
  readonly holds: HoldAccount;
  /** A SIP message; `packet.cut` if its end is missing. `end`: where it ended, as `Packet.placeAfter` tells. */
  sip(packet: Packet, payload: Buffer, frames: readonly Frame[], end: number): void;
  hepPacket(packet: Packet, bytes: Buffer, from: number, to: number, frames: readonly Frame[], end: number): void;
  /** The current frame is part of a message. */
  hold(): void;
  note(reason: string, count?: number): void;
}
