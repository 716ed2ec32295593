/**
 * Turns the bytes of one stream direction into messages, and accounts for those bytes. Whatever a stream
 * carries (SIP, WebSocket, HEP, HTTP), it is framed through this one interface.
 */
import { Counters } from './counters.js';

/** A gap whose size is not known; so is any negative one. */
export const UNKNOWN_GAP = -1;

export interface StreamFramer {
  /** Takes bytes[from..to), which directly follow the bytes of the last push. */
  push(bytes: Buffer, from: number, to: number): void;
  /** `lost` bytes (a negative number where that is not known) are missing between the last push and the next. `wasSnapped`: the snap length cut them off. */
  gap(lost: number, wasSnapped?: boolean): void;
  /** No more bytes will come. */
  end(): void;
  /** True while part of a message waits for the rest. */
  readonly holding: boolean;
  /** Bytes of that part. */
  readonly heldBytes: number;
  readonly losses: StreamLosses;
}

/** Law of accounting: received = framed + skipped + lost in gaps + given up + held. */
export class StreamBytes {
  /** Each byte of a stream, counted once, however often it was sent. */
  received = 0;
  /** Messages and the framing around them. */
  framed = 0;
  /** Not part of any message. */
  skipped = 0;
  /** Parts of messages that lost another part. */
  lostInGaps = 0;
  /** Parts of messages that were too large, did not decompress or never ended. */
  givenUp = 0;
  /** Parts of messages whose rest may still arrive. */
  held = 0;
  /** Never captured; not among `received`. */
  missing = 0;
}

export const STREAM_BYTES = ['received', 'framed', 'skipped', 'lostInGaps', 'givenUp', 'held', 'missing'] as const;

/** Where framers report what they could not deliver. */
export class StreamLosses {
  constructor(
    readonly bytes: StreamBytes = new StreamBytes(),
    /** Messages lost, by reason. */
    readonly messages: Counters = new Counters(),
  ) {}
}
