/** What the main thread and a decoding worker send each other. Bytes are transferred as buffers, and offsets into them stand for the pieces. */
import type { PortRange, StreamBytes } from '../../base/index.js';
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

/** The counters of a worker since it started. */
export interface WorkerCounts {
  received: number;
  bytes: number;
  part: number;
  complete: number;
  found: number;
  firstAt: number;
  lastAt: number;
  without: Record<string, number>;
  filtered: Record<string, number>;
  rejected: Record<string, number>;
  lost: Record<string, number>;
  notes: Record<string, number>;
  stream: StreamBytes;
}

export interface Answer {
  /** Round of the batch; -1 for what was still held at the end. */
  round: number;
  messages: PackedMessages;
  counts: WorkerCounts;
}
