/**
 * The order of messages that are released later than their last byte arrived. Where frames are kept, messages without any go
 * first: when the written file is read, each is released by its own frame, before what releases the others.
 */
import type { Message } from '../base/index.js';

/** `index`: its place among the messages that the frame releases. */
export interface LateMessage {
  message: Message;
  sourceIndex: number;
  index: number;
}

/** At the end of the input: by time, whatever held them. */
export function compareLast(a: Message, b: Message, keepsFrames: boolean): number {
  if (keepsFrames && isFrameless(a) !== isFrameless(b)) return a.frames.length - b.frames.length;
  return a.capturedAt - b.capturedAt || a.frameNumber - b.frameNumber;
}

/** Given up together because time went on: otherwise in the order in which they were. */
export function framelessFirst(late: readonly LateMessage[]): LateMessage[] {
  return [...late.filter(({ message }) => isFrameless(message)), ...late.filter(({ message }) => !isFrameless(message))];
}

function isFrameless({ frames }: Message): boolean {
  return frames.length === 0;
}
