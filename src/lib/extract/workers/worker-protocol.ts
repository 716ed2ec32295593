/** What the main thread and a decoding worker send each other. Bytes go over as transferred buffers, in which places are offsets. */
import type { PortRange, StreamBytes } from '../../base/index.js';
import type { PackedMessages } from './packed-messages.js';

export interface WorkerOptions {
  ports: readonly PortRange[];
  keepFrames: boolean;
  parseHep: boolean;
  tunnelTo: string | undefined;
}

/** Numbers of a frame in `FrameBatch.frames`. */
export const FRAME_NUMBERS = 8;

export interface FrameBatch {
  round: number;
  bytes: ArrayBuffer;
  /** For each frame: order, link type, from, to, length on the wire, microseconds, number, index of its source. */
  frames: Float64Array;
}

/** No more frames come. */
export interface LastWord {
  finish: true;
}

/** The books of a worker from its beginning. */
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
  /** Of the batch that is answered; -1 for what came out at the end. */
  round: number;
  messages: PackedMessages;
  counts: WorkerCounts;
}
