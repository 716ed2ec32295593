/** Flags for how much is kept. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import { keepSeconds, sizeBytes } from '../lib/config/amount.js';
import type { KeepOptions } from '../lib/store/index.js';

export const retentionFlags = {
  keep: Flags.string({ helpValue: 'AGE', summary: 'delete messages older than this (36h, 14d, 8w)' }),
  'keep-size': Flags.string({
    helpValue: 'SIZE',
    summary: 'keep the newest messages up to this size (200G); counts space in use: SQLite and InnoDB files do not shrink',
  }),
  'keep-rows': Flags.integer({ helpValue: 'N', min: 0, summary: 'keep the newest N rows' }),
  table: Flags.string({
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'include a table that sipcap did not create (only rows are deleted); may be repeated',
  }),
};

export function keepOptions(flags: { keep?: string; 'keep-size'?: string; 'keep-rows'?: number; table?: string[] }): KeepOptions {
  const { keep, 'keep-size': size, 'keep-rows': rows } = flags;
  return {
    keepSeconds: keep === undefined ? Infinity : limit('--keep', keep, keepSeconds(keep)),
    keepBytes: size === undefined ? Infinity : limit('--keep-size', size, sizeBytes(size)),
    keepRows: rows === undefined ? Infinity : limit('--keep-rows', String(rows), rows),
    additional: flags.table ?? [],
  };
}

/** In settings 0 means no limit: as a flag it must not delete everything. */
function limit(flag: string, text: string, amount: number): number {
  if (amount > 0) return amount;
  throw new UsageError(
    `invalid ${flag} '${text}': expected more than 0; omit ${flag} for no limit, or use --keep-size 1 to delete everything`,
  );
}
