/** Copies of frame records that outlive the call: with bytes of their own, or without any. */
import { keepFrame, ownCopy, type Frame } from '../base/index.js';

const NO_BYTES = Buffer.alloc(0);

/** Number and time of a frame, without its bytes. */
export function bareFrame(frame: Frame): Frame {
  const bare = keepFrame(frame);
  bare.bytes = NO_BYTES;
  bare.from = 0;
  bare.to = 0;
  return bare;
}

/** Number and time of a frame with one of its bytes, which nothing is decoded from: some readers take a packet without any for a fault. */
export function timeFrame(frame: Frame): Frame {
  return ownFrame(frame, Math.min(frame.from + 1, frame.to));
}

/** A copy that owns its bytes. */
export function compactFrame(frame: Frame): Frame {
  return ownFrame(frame, frame.to);
}

function ownFrame(frame: Frame, to: number): Frame {
  const compact = keepFrame(frame);
  compact.bytes = ownCopy(frame.bytes, frame.from, to);
  compact.from = 0;
  compact.to = compact.bytes.length;
  return compact;
}

/** A frame of which only the number is still known. */
export function frameOfNumber(number: number, sourceIndex: number, capturedAt: number): Frame {
  return { linkType: 0, bytes: NO_BYTES, from: 0, to: 0, originalLength: 0, capturedAt, nanoseconds: -1, number, sourceIndex };
}
