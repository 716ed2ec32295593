/** A time limit: a number of seconds, or until a promise resolves. */
import { timerMs } from '../../base/index.js';

/** The share of a known time that is reserved for closing connections. */
const FINISH_SHARE = 0.2;

export class Deadline {
  /** Nothing more should be started. */
  isNear = false;
  isPast = false;
  readonly passed: Promise<void>;

  /** `within`: seconds (Infinity for none), or a promise that resolves at the deadline. */
  constructor(within: number | Promise<void>) {
    this.passed = typeof within === 'number' ? this.after(within * 1000) : within;
    void this.passed.then(() => {
      this.isNear = this.isPast = true;
    });
  }

  private after(ms: number): Promise<void> {
    if (ms === Infinity) return new Promise(() => undefined);
    setTimeout(() => (this.isNear = true), timerMs(ms * (1 - FINISH_SHARE))).unref();
    return new Promise((resolve) => void setTimeout(resolve, timerMs(ms)).unref());
  }
}
