/** How much of what is stored is kept. */
import { Flags } from '@oclif/core';
import type { KeepOptions } from '../lib/store/index.js';
import { keepSeconds, sizeBytes } from '../lib/config/amount.js';

export const retentionFlags = {
  keep: Flags.string({ helpValue: 'AGE', summary: 'keep messages of this age (36h, 14d, 8w)' }),
  'keep-size': Flags.string({
    helpValue: 'SIZE',
    summary: 'keep so much, the newest (200G); counts what holds rows: deleting shrinks no SQLite or InnoDB file',
  }),
  'keep-rows': Flags.integer({ helpValue: 'N', min: 0, summary: 'keep so many rows, the newest' }),
  table: Flags.string({
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'a table that sipcap did not make, too; of such only rows are deleted',
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
