/**
 * Messages released only at the end of the input are ordered by time, whatever held them. Where frames are
 * kept, messages without any go first: when the written file is read, they are released before its end.
 */
import type { Message } from '../base/index.js';

export function compareLast(a: Message, b: Message, keepsFrames: boolean): number {
  if (keepsFrames && (a.frames.length === 0) !== (b.frames.length === 0)) return a.frames.length - b.frames.length;
  return a.capturedAt - b.capturedAt || a.frameNumber - b.frameNumber;
}
