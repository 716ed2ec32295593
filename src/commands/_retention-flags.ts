/** Flags for how much is kept. */
import { Flags } from '@oclif/core';
import type { KeepOptions } from '../lib/store/index.js';
import { keepSeconds, sizeBytes } from '../lib/config/amount.js';

export const retentionFlags = {
  keep: Flags.string({ helpValue: 'AGE', summary: 'keep messages up to this age (36h, 14d, 8w)' }),
  'keep-size': Flags.string({
    helpValue: 'SIZE',
    summary: 'keep the newest messages up to this size (200G); counts live data, since deleting does not shrink SQLite or InnoDB files',
  }),
  'keep-rows': Flags.integer({ helpValue: 'N', min: 0, summary: 'keep the newest N rows' }),
  table: Flags.string({
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'also a table that sipcap did not create; only rows of it are deleted',
  }),
};

export function keepOptions(flags: { keep?: string; 'keep-size'?: string; 'keep-rows'?: number; table?: string[] }): KeepOptions {
  return {
    keepSeconds: flags.keep === undefined ? Infinity : keepSeconds(flags.keep),
    keepBytes: flags['keep-size'] === undefined ? Infinity : sizeBytes(flags['keep-size']),
    keepRows: flags['keep-rows'] ?? Infinity,
    additional: flags.table ?? [],
  };
}
