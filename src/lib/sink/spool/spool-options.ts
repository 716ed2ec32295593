/** How a spool is kept. */
import type { Clock, Log } from '../../base/index.js';

/**
 * When written records are forced to the disk: as soon as possible after each, every second, or when the
 * system likes. A kill loses nothing in any of them but the last 20 ms; the policy is about power loss.
 */
export type SpoolSync = 'always' | 'interval' | 'never';

export interface SpoolOptions {
  /** Holds this spool alone; made when it is not there. */
  directory: string;
  clock: Clock;
  log: Log;
  sync: SpoolSync;
  /** The oldest segments are given up beyond this; 0 is no bound. */
  maxBytes: number;
  /** Segments whose newest record is older are given up; 0 is no bound. */
  maxAgeSeconds: number;
  /** Default 16 MiB; smaller where `maxBytes` asks for it. */
  segmentBytes?: number;
}

export const SEGMENT_BYTES = 16 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;

/** At least four segments fit the bound, so that giving one up does not give up everything. */
export function segmentBytesOf(options: SpoolOptions): number {
  const wanted = options.segmentBytes ?? SEGMENT_BYTES;
  if (options.maxBytes === 0) return wanted;
  return Math.max(Math.min(MIN_SEGMENT_BYTES, wanted), Math.min(wanted, Math.floor(options.maxBytes / 4)));
}
