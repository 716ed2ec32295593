/**
 * The order of messages that only the end of the input brings out: that of their times, whatever held them. Where frames are
 * kept, messages without any go first: what is written of them comes out of the file before its end.
 */
import type { Message } from '../base/index.js';

export function compareLast(a: Message, b: Message, keepsFrames: boolean): number {
  if (keepsFrames && (a.frames.length === 0) !== (b.frames.length === 0)) return a.frames.length - b.frames.length;
  return a.capturedAt - b.capturedAt || a.frameNumber - b.frameNumber;
}
