/** The receiver of what the decoder delivers. */
import type { Packet } from './packet.js';

export interface DecodeHandler {
  /** Each UDP payload and each complete SCTP user message. */
  datagram(packet: Packet): void;
  /** Called once per TCP direction, before its first byte; null ignores the stream. */
  stream(packet: Packet): StreamReceiver | null;
  /** True if the bytes could begin a message; without it any bytes could. */
  beginsMessage?(bytes: Buffer, from: number, to: number): boolean;
  /** What is delivered between these two was given up because time went on, before the current frame is decoded. */
  sweepBegins?(): void;
  sweepEnds?(): void;
}

/** Receives the bytes of one TCP direction in order, each byte once. */
export interface StreamReceiver {
  /** True while part of a message waits for the rest. */
  readonly holding?: boolean;
  /** Takes bytes[from..to). Returning false drops the stream: nothing is called again, not even `end`. */
  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean;
  /** `lost` bytes are missing before the next push; negative: the next push goes back that many bytes. `packet.cut`: the snap length cut them off. */
  gap(lost: number, packet: Packet): void;
  /** No more bytes follow: closed, reset, idle, given up or end of input. */
  end(packet: Packet): void;
}
