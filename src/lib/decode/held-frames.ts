/** Frames held in a table own their bytes: a reference would keep the whole read chunk alive. */
import { keepFrame, type Frame } from '../base/index.js';
import type { Packet } from './packet.js';

const NO_BYTES = Buffer.alloc(0);

/** Copies of the packet's frames for holding; empty unless frames are kept. */
export function heldFrames(packet: Packet): Frame[] {
  if (!packet.keepsFrames) return [];
  // Frames of a reassembled packet were held before and own their bytes already.
  if (packet.kept !== null) return [...packet.kept.slice(0, -1), compactFrame(packet.frame)];
  return [compactFrame(packet.frame)];
}

export function heldBytes(frames: readonly Frame[]): number {
  let sum = 0;
  for (const frame of frames) sum += frame.to - frame.from;
  return sum;
}

/** Number and time of a frame, without its bytes. */
export function bareFrame(frame: Frame): Frame {
  const bare = keepFrame(frame);
  bare.bytes = NO_BYTES;
  bare.from = 0;
  bare.to = 0;
  return bare;
}

/** A copy that owns its bytes. */
export function compactFrame(frame: Frame): Frame {
  const compact = keepFrame(frame);
  compact.bytes = Buffer.from(frame.bytes.subarray(frame.from, frame.to));
  compact.from = 0;
  compact.to = compact.bytes.length;
  return compact;
}

/** A frame of which only the number is still known. */
export function frameOfNumber(number: number, sourceIndex: number, capturedAt: number): Frame {
  return { linkType: 0, bytes: NO_BYTES, from: 0, to: 0, originalLength: 0, capturedAt, nanoseconds: -1, number, sourceIndex };
}
