/** The only place that reads the time; everything else is given a clock. */

export interface Clock {
  /** Microseconds since 1970 UTC. */
  now(): number;
  /** Milliseconds that only ever grow, for ages and rates. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now() * 1000,
  monotonic: () => performance.now(),
};

export { after, timerMs } from './timers.js';
