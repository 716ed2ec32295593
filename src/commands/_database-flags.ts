/** The flags of what is stored where: the database, its tables and columns. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import type { SinkOptions } from '../lib/pipeline/options.js';

const helpGroup = 'SINK';
const DATABASE = 'DATABASE SINK';
/** Measured: larger batches win nothing more on any of the three databases. */
const BATCH_ROWS = 1000;

export const databaseFlags = {
  db: Flags.string({
    helpValue: 'URL',
    env: 'SIPCAP_DB',
    summary: 'store into this database: sqlite:PATH, mysql://… or postgres://… (db_url)',
    helpGroup,
  }),
  table: Flags.string({
    helpValue: 'NAME',
    default: 'sip_capture',
    summary: 'table for SIP messages, strftime suffix allowed (table_name)',
    helpGroup: DATABASE,
  }),
  'report-table': Flags.string({
    helpValue: 'NAME',
    default: 'rtcp_capture',
    summary: 'table for other payload types (rtcp_table_name)',
    helpGroup: DATABASE,
  }),
  'report-shape': Flags.option({ options: ['homer5', 'homer6'] as const, default: 'homer5' as const })({
    summary: 'columns of that table: 12 or 17',
    helpGroup: DATABASE,
  }),
  'table-time': Flags.option({ options: ['packet', 'receive'] as const, default: 'packet' as const })({
    summary: "whose time expands a table's suffix: the packet's, or the time of arrival as OpenSIPS does",
    helpGroup: DATABASE,
  }),
  'capture-node': Flags.string({
    helpValue: 'NAME',
    default: 'homer01',
    summary: 'begin of the column node (capture_node)',
    helpGroup: DATABASE,
  }),
  'custom-field1': Flags.string({
    helpValue: 'TEXT',
    default: '',
    summary: 'value of the column custom_field1; 2 and 3 alike',
    helpGroup: DATABASE,
  }),
  'custom-field2': Flags.string({ helpValue: 'TEXT', default: '', hidden: true }),
  'custom-field3': Flags.string({ helpValue: 'TEXT', default: '', hidden: true }),
  date: Flags.option({ options: ['utc', 'local'] as const, default: 'utc' as const })({
    summary: 'zone of the column date; local needs a column of text or DATETIME',
    helpGroup: DATABASE,
  }),
  column: Flags.string({
    helpValue: 'OURS=THEIRS',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'name that a column has in your table (callid=call_id); may be repeated',
    helpGroup: DATABASE,
  }),
  partition: Flags.option({ options: ['none', 'day', 'hour'] as const, default: 'none' as const })({
    summary: 'partitions of tables that are made on demand',
    helpGroup: DATABASE,
  }),
  'batch-rows': Flags.integer({
    helpValue: 'N',
    min: 1,
    max: 10_000,
    default: BATCH_ROWS,
    aliases: ['max-async-queries'],
    summary: 'rows in one transaction (max_async_queries)',
    helpGroup: DATABASE,
  }),
  quarantine: Flags.string({
    helpValue: 'FILE',
    default: 'sipcap-quarantine.ndjson',
    summary: 'where rows go that the database refuses (NDJSON)',
    helpGroup: DATABASE,
  }),
};

export interface DatabaseValues {
  db?: string;
  table: string;
  'report-table': string;
  'report-shape': 'homer5' | 'homer6';
  'table-time': 'packet' | 'receive';
  'capture-node': string;
  'custom-field1': string;
  'custom-field2': string;
  'custom-field3': string;
  date: 'utc' | 'local';
  column?: string[];
  partition: 'none' | 'day' | 'hour';
  'batch-rows': number;
  quarantine: string;
}

export function databaseOptions(flags: DatabaseValues): Omit<SinkOptions, 'hep' | 'write' | 'rotation' | 'format'> {
  return {
    db: flags.db,
    table: flags.table,
    reportTable: flags['report-table'],
    reportShape: flags['report-shape'],
    tableTime: flags['table-time'],
    captureNode: flags['capture-node'],
    customFields: [flags['custom-field1'], flags['custom-field2'], flags['custom-field3']],
    localDate: flags.date === 'local',
    renames: renamesOf(flags.column ?? []),
    partition: flags.partition,
    batchRows: flags['batch-rows'],
    quarantine: flags.quarantine,
  };
}

/** `ours=theirs`, several of them. */
function renamesOf(texts: readonly string[]): Record<string, string> {
  const renames: Record<string, string> = {};
  for (const text of texts) {
    const match = /^(\w+)=(\w+)$/.exec(text);
    if (match === null)
      throw new UsageError(`--column ${text}: write the name of a column of ours, an equals sign, and its name in your table`);
    renames[match[1]] = match[2];
  }
  return renames;
}
