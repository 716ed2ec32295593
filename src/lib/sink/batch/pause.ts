/** A sleep that can be cut short. */
import { timerMs } from '../../base/index.js';

const ALIVE_MS = 60_000;

export class Pause {
  private timer: NodeJS.Timeout | null = null;
  private resolve: (() => void) | null = null;

  /** Resolves after this time, or at the next `wake`. One at a time; does not keep the process alive. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      if (milliseconds !== Infinity) this.timer = setTimeout(() => this.wake(), timerMs(milliseconds)).unref();
    });
  }

  wake(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { resolve } = this;
    this.resolve = null;
    resolve?.();
  }
}

/** Meanwhile the process does not end, even with nothing else open. */
export async function keepingAlive<T>(work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, ALIVE_MS);
  try {
    return await work();
  } finally {
    clearInterval(alive);
  }
}

/** The result of the promise, or null if it takes longer. Does not keep the process alive. */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  if (milliseconds === Infinity) return promise;
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timerMs(Math.max(0, milliseconds))).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
