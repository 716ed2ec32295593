/** Frames held in a table own their bytes: a reference would keep the whole read chunk alive. */
import type { Frame } from '../base/index.js';
import { compactFrame } from './frame-copies.js';
import type { Packet } from './packet.js';

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
