/** What the main thread and a decoding worker send each other. Bytes are transferred as buffers, and offsets into them stand for the pieces. */
import type { LedgerCounts, PortRange } from '../../base/index.js';
import type { PackedMessages } from './packed-messages.js';

export interface WorkerOptions {
  ports: readonly PortRange[];
  keepFrames: boolean;
  parseHep: boolean;
  tunnelTo: string | undefined;
}

/** Numbers of a frame in `FrameBatch.frames`. */
export const FRAME_NUMBERS = 9;

export interface FrameBatch {
  round: number;
  bytes: ArrayBuffer;
  /** For each frame: order, link type, from, to, length on the wire, microseconds, nanoseconds, number, index of its source. */
  frames: Float64Array;
}

/** No more frames follow. */
export interface LastWord {
  finish: true;
}

export interface Answer {
  /** Round of the batch; -1 for what was still held at the end. */
  round: number;
  messages: PackedMessages;
  /** Its ledger since it started. */
  counts: LedgerCounts;
}
