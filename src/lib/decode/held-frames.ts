/** Frames that wait in a table have bytes of their own: a reference would hold the whole read chunk that they stand in. */
import { keepFrame, type Frame } from '../base/index.js';
import type { Packet } from './packet.js';

const NO_BYTES = Buffer.alloc(0);

/** The packet's frames, fit to be held; empty unless frames are kept. */
export function heldFrames(packet: Packet): Frame[] {
  if (!packet.keepsFrames) return [];
  // Frames of a reassembled packet were held before and have bytes of their own already.
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

/** A copy with bytes of its own. */
export function compactFrame(frame: Frame): Frame {
  const compact = keepFrame(frame);
  compact.bytes = Buffer.from(frame.bytes.subarray(frame.from, frame.to));
  compact.from = 0;
  compact.to = compact.bytes.length;
  return compact;
}

/** A frame of which only the number is known any more. */
export function frameOfNumber(number: number, sourceIndex: number, capturedAt: number): Frame {
  return { linkType: 0, bytes: NO_BYTES, from: 0, to: 0, originalLength: 0, capturedAt, number, sourceIndex };
}
