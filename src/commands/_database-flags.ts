/** The flags for storage: the database, its tables and columns. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import type { SinkOptions } from '../lib/pipeline/options.js';
import { SHAPES, shapeReports, type ShapeName } from '../lib/row/shapes.js';

const helpGroup = 'OUTPUT';
const DATABASE = 'DATABASE';
/** Measured: larger batches are not faster on any of the three databases. */
const BATCH_ROWS = 1000;

export const shapeFlag = Flags.option({ options: SHAPES })({
  helpValue: 'SHAPE',
  summary: 'tables to store in: sipcapture, homer5, homer5-split, homer6 or homer7; default: those that exist, else sipcapture',
  helpGroup: DATABASE,
});
export const reportShapeFlag = Flags.option({ options: ['homer5', 'homer6'] as const })({
  summary: 'columns of the report table: 12 (homer5) or 17 (homer6); default: as --shape',
  helpGroup: DATABASE,
});

export const databaseFlags = {
  db: Flags.string({
    helpValue: 'URL',
    env: 'SIPCAP_DB',
    summary: 'store messages in this database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url)',
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
  shape: shapeFlag,
  'report-shape': reportShapeFlag,
  'data-header': Flags.string({
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'homer7: header that becomes a member of data_header under its own name; may be repeated',
    helpGroup: DATABASE,
  }),
  'aleg-header': Flags.string({
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary: "homer7: header with the A leg's Call-ID, besides X-CID; may be repeated",
    helpGroup: DATABASE,
  }),
  'table-time': Flags.option({ options: ['packet', 'receive'] as const, default: 'packet' as const })({
    summary: "time that expands a table's suffix: of the packet, or of its receipt (as OpenSIPS)",
    helpGroup: DATABASE,
  }),
  'capture-node': Flags.string({
    helpValue: 'NAME',
    default: 'homer01',
    summary: 'prefix of the node column (capture_node)',
    helpGroup: DATABASE,
  }),
  'custom-field1': Flags.string({
    helpValue: 'TEXT',
    default: '',
    summary: 'value of the custom_field1 column; likewise --custom-field2 and 3',
    helpGroup: DATABASE,
  }),
  'custom-field2': Flags.string({ helpValue: 'TEXT', default: '', hidden: true }),
  'custom-field3': Flags.string({ helpValue: 'TEXT', default: '', hidden: true }),
  date: Flags.option({ options: ['utc', 'local'] as const, default: 'utc' as const })({
    summary: 'time zone of the date column; local needs a TEXT or DATETIME column',
    helpGroup: DATABASE,
  }),
  column: Flags.string({
    helpValue: 'COLUMN=NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'name that a column has in your table (callid=call_id); may be repeated',
    helpGroup: DATABASE,
  }),
  partition: Flags.option({ options: ['none', 'day', 'hour'] as const, default: 'none' as const })({
    summary: 'partitions of tables created on demand',
    helpGroup: DATABASE,
  }),
  'batch-rows': Flags.integer({
    helpValue: 'N',
    min: 1,
    max: 10_000,
    default: BATCH_ROWS,
    aliases: ['max-async-queries'],
    summary: 'maximum rows in one transaction (max_async_queries)',
    helpGroup: 'TUNING',
  }),
  quarantine: Flags.string({
    helpValue: 'FILE',
    default: 'sipcap-quarantine.ndjson',
    summary: 'file for rows that the database rejects (NDJSON)',
    helpGroup: DATABASE,
  }),
};

export interface DatabaseValues {
  db?: string;
  table: string;
  'report-table': string;
  shape?: ShapeName;
  'report-shape'?: 'homer5' | 'homer6';
  'data-header'?: string[];
  'aleg-header'?: string[];
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
    shape: flags.shape ?? '',
    table: flags.table,
    reportTable: flags['report-table'],
    reportShape: flags['report-shape'] ?? shapeReports(flags.shape ?? 'sipcapture'),
    dataHeaders: flags['data-header'] ?? [],
    alegHeaders: flags['aleg-header'] ?? [],
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
    if (match === null) throw new UsageError(`invalid --column '${text}': expected COLUMN=NAME, as callid=call_id`);
    renames[match[1]] = match[2];
  }
  return renames;
}
