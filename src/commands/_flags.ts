/** The flags that every capturing command shares: where messages go, what is told at the end. */
import { Flags } from '@oclif/core';
import type { RunOptions } from '../lib/service/run-options.js';

export const sinkFlags = {
  db: Flags.string({
    helpValue: 'URL',
    env: 'SIPCAP_DB',
    summary: 'store into this database: sqlite:PATH, mysql://… or postgres://… (db_url)',
    helpGroup: 'SINK',
  }),
  table: Flags.string({ helpValue: 'NAME', default: 'sip_capture', summary: 'table for SIP messages, strftime suffix allowed (table_name)', helpGroup: 'SINK' }),
  'report-table': Flags.string({ helpValue: 'NAME', default: 'rtcp_capture', summary: 'table for other payload types (rtcp_table_name)', helpGroup: 'SINK' }),
  'capture-node': Flags.string({ helpValue: 'NAME', default: 'homer01', summary: 'begin of the column node (capture_node)', helpGroup: 'SINK' }),
  quarantine: Flags.string({ helpValue: 'FILE', default: 'sipcap-quarantine.ndjson', summary: 'where rows go that the database refuses (NDJSON)', helpGroup: 'SINK' }),
  write: Flags.string({ char: 'w', helpValue: 'FILE', summary: 'write a capture file (pcap, or pcapng by its name; - is standard output)', helpGroup: 'SINK' }),
  format: Flags.option({ options: ['text', 'json', 'none'] as const })({
    summary: 'show messages on standard output; text is the default where there is no other sink',
    helpGroup: 'SINK',
  }),
};

export const runFlags = {
  count: Flags.integer({ char: 'c', helpValue: 'N', min: 1, summary: 'stop after N messages stored or shown' }),
  quiet: Flags.boolean({ char: 'q', summary: 'no sums at the end, no progress' }),
  verbose: Flags.boolean({ char: 'v', summary: 'show the whole message below its line' }),
  stats: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({ summary: 'form of the sums on standard error' }),
};

interface ParsedFlags {
  db?: string;
  table: string;
  'report-table': string;
  'capture-node': string;
  quarantine?: string;
  write?: string;
  format?: 'text' | 'json' | 'none';
  count?: number;
  quiet: boolean;
  verbose: boolean;
  stats: 'text' | 'json';
}

/** The parsed flags as the services want them. */
export function runOptions(flags: ParsedFlags): RunOptions {
  return {
    sinks: {
      db: flags.db,
      table: flags.table,
      reportTable: flags['report-table'],
      captureNode: flags['capture-node'],
      quarantine: flags.quarantine ?? 'sipcap-quarantine.ndjson',
      write: flags.write,
      format: flags.format,
    },
    count: flags.count ?? 0,
    quiet: flags.quiet,
    verbose: flags.verbose,
    stats: flags.stats,
  };
}
