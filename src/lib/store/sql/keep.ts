/** The retention limits, and the text for what was deleted. */
import { grouped } from '../../base/index.js';
import type { RetentionStep } from './retention.js';

export interface KeepOptions {
  /** Infinity for no limit. */
  keepSeconds: number;
  keepRows: number;
  keepBytes: number;
  /** Tables that are not ours. */
  additional: readonly string[];
}

export function limitsSomething({ keepSeconds, keepRows, keepBytes }: KeepOptions): boolean {
  return Math.min(keepSeconds, keepRows, keepBytes) < Infinity;
}

/** The limits of one of so many shards, which hold equal parts. */
export function shareOf(keep: KeepOptions, shards: number): KeepOptions {
  return { ...keep, keepRows: Math.ceil(keep.keepRows / shards), keepBytes: Math.ceil(keep.keepBytes / shards) };
}

/** `dropped partition p20231101 of sip_capture, 1,234 rows`. */
export function stepText({ what, table, partition, rows }: RetentionStep, dryRun: boolean): string {
  const amount = `${grouped(rows)} rows`;
  const [would, done] = dryRun ? ['would ', ''] : ['', 'd'];
  const dropped = dryRun ? `${would}drop` : 'dropped';
  switch (what) {
    case 'drop table':
      return `${dropped} table ${table}, ${amount}`;
    case 'drop partition':
      return `${dropped} partition ${partition} of ${table}, ${amount}`;
    default:
      return `${would}delete${done} ${amount} of ${table}`;
  }
}
