/** What is visible of the receiver of a TCP direction: how far it has acknowledged, and its window (RFC 9293 section 3.10.7.4). */
import { before } from './segment-queue.js';

/** Lower bound for a window whose scale is unknown (the SYN was not captured). */
const UNSCALED_WINDOW_BYTES = 1024 * 1024;
/** An acknowledgement farther away belongs to another connection. */
const FAR_BYTES = 64 * 1024 * 1024;

/** Window scale (RFC 7323 section 2) of a sender whose SYN was not captured, and of one that does not scale. */
export const SCALE_UNKNOWN = -1;
export const SCALE_ABSENT = -2;

export class PeerView {
  acknowledged = 0;
  private isVisible = false;
  private windowBytes = 0;

  /** An acknowledgement from the receiver; false if it cannot belong to this stream, whose next byte is `next`. */
  acknowledge(sequence: number, window: number, scale: number, ownScale: number, next: number): boolean {
    const ahead = (sequence - next) | 0;
    if (ahead > FAR_BYTES || ahead < -FAR_BYTES) return false;
    if (!this.isVisible || before(this.acknowledged, sequence)) this.acknowledged = sequence;
    this.isVisible = true;
    if (scale === SCALE_ABSENT || ownScale === SCALE_ABSENT) this.windowBytes = window;
    else if (scale === SCALE_UNKNOWN) this.windowBytes = Math.max(UNSCALED_WINDOW_BYTES, window);
    else this.windowBytes = window << scale;
    return true;
  }

  hasAcknowledged(sequence: number): boolean {
    return this.isVisible && !before(this.acknowledged, sequence);
  }

  /** True for bytes that the receiver would drop, as far as is visible. */
  wouldRefuse(sequence: number, next: number): boolean {
    if (!this.isVisible) return false;
    const base = before(next, this.acknowledged) ? this.acknowledged : next;
    return ((sequence - base) | 0) > this.windowBytes;
  }

  isLastAcknowledged(sequence: number): boolean {
    return this.isVisible && this.acknowledged === sequence;
  }

  reset(): void {
    this.isVisible = false;
  }
}
