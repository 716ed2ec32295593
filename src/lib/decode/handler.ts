/** Whom the decoder delivers to. */
import type { Packet } from './packet.js';

export interface DecodeHandler {
  /** Each UDP payload and each complete SCTP user message. */
  datagram(packet: Packet): void;
  /** Once per TCP direction, before its first byte; null where nobody is interested in it. */
  stream(packet: Packet): StreamReceiver | null;
  /** True where bytes could be the beginning of a message; without it any bytes could. */
  beginsMessage?(bytes: Buffer, from: number, to: number): boolean;
}

/** Takes the bytes of one TCP direction: in order, each byte once. */
export interface StreamReceiver {
  /** True while it waits for the rest of a message. */
  readonly holding?: boolean;
  /** bytes[from..to); false ends the interest in this stream: nothing of it is called again, `end` neither. */
  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean;
  /** `lost` bytes never came; what is pushed next stands behind them. Negative: it stands so many bytes before the end of what was pushed last. `packet.cut`: the snap length cut them off. */
  gap(lost: number, packet: Packet): void;
  /** Nothing more will come: closed, reset, idle, given up or at the end of the input. */
  end(packet: Packet): void;
}
