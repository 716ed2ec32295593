/**
 * The frames of one stream direction that `-w` writes with its next message, so that the file reads back alike: those that
 * carried the message, what was sent between it and the message before it (else a reader would see a gap there), and
 * the frames that decided about a gap. Frames that outlive their push get bytes of their own.
 */
import type { Frame } from '../base/index.js';
import { compactFrame } from '../decode/index.js';

/** Rough cost of a kept frame besides its bytes. */
const FRAME_OVERHEAD_BYTES = 256;
/** More than this between two messages is not kept. */
const MAX_LEAD_BYTES = 65_536;

export class StreamFrames {
  /** What the kept frames weigh. */
  bytes = 0;
  /** Frames before the message in progress. */
  private lead: Frame[] = [];
  private leadBytes = 0;
  /** The frames of each push since nothing was held. */
  private pieces: (readonly Frame[])[] = [];
  private hadMessage = false;
  private tookFrames = false;

  push(frames: readonly Frame[]): void {
    this.tookFrames = false;
    this.pieces.push(frames);
  }

  /** Frames that carried no bytes of the stream, but decided what became of them. */
  note(frames: readonly Frame[]): void {
    for (const frame of frames) this.keepAsLead(compactFrame(frame));
  }

  /** The frames of a message that began so many pushes ago. Whatever follows it begins in the push in hand. */
  take(pushesAgo: number): readonly Frame[] {
    const begun = this.hadMessage ? this.pieces : this.pieces.slice(-1 - Math.min(pushesAgo, this.pieces.length));
    const frames = [...this.lead, ...begun.flat()];
    this.pieces.splice(0, this.pieces.length - 1);
    this.dropLead();
    this.bytes = 0;
    this.hadMessage = true;
    this.tookFrames = true;
    return frames;
  }

  /** Makes the pushes so far one: what they brought was looked at together. */
  join(): void {
    if (this.pieces.length > 1) this.pieces = [this.pieces.flat()];
  }

  /** After each push, gap and end. `holding`: part of a message waits for more. */
  settle(holding: boolean, wasPushed: boolean): void {
    if (holding) {
      if (wasPushed) this.compactLast();
      return;
    }
    if (this.pieces.length === 0) return;
    if (this.hadMessage && !this.tookFrames) for (const frame of this.pieces.flat()) this.keepAsLead(compactFrame(frame));
    this.pieces = [];
    this.bytes = this.leadBytes;
  }

  clear(): void {
    this.pieces = [];
    this.dropLead();
    this.bytes = 0;
  }

  private compactLast(): void {
    const last = this.pieces.pop();
    if (last === undefined) return;
    const compact = last.map(compactFrame);
    for (const frame of compact) this.bytes += weightOf(frame);
    this.pieces.push(compact);
  }

  private keepAsLead(frame: Frame): void {
    const weight = weightOf(frame);
    if (this.leadBytes + weight > MAX_LEAD_BYTES) {
      this.bytes -= this.leadBytes;
      this.dropLead();
    }
    this.lead.push(frame);
    this.leadBytes += weight;
    this.bytes += weight;
  }

  private dropLead(): void {
    if (this.lead.length > 0) this.lead = [];
    this.leadBytes = 0;
  }
}

function weightOf(frame: Frame): number {
  return frame.to - frame.from + FRAME_OVERHEAD_BYTES;
}
