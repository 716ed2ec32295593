/** Rows of sip_capture for tests: all columns filled, each row identified by its number. */
import type { ColumnValue, StoreBatch, StreamState, TableRows } from '../../src/lib/base/index.js';
import { SIP_CAPTURE_COLUMNS } from '../../src/lib/row/index.js';

export const COLUMNS: readonly string[] = SIP_CAPTURE_COLUMNS.map(({ name }) => name);
/** 2023-11-14 22:13:20 UTC. */
export const FIRST_SECOND = 1_700_000_000;

export function rowValues(number: number, changes: Record<string, ColumnValue> = {}): ColumnValue[] {
  const second = FIRST_SECOND + Math.floor(number / 1000);
  const date = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return SIP_CAPTURE_COLUMNS.map(({ name, kind }) => {
    if (name in changes) return changes[name];
    if (name === 'date') return date;
    if (name === 'micro_ts') return second * 1_000_000 + (number % 1000) * 1000;
    if (name === 'callid') return `call-${number}@127.0.0.1`;
    if (kind === 'integer') return number % 256;
    return kind === 'bytes' ? Buffer.from(`INVITE sip:${number}@127.0.0.1 SIP/2.0\r\n\r\n`) : `${name} ${number}`.slice(0, 50);
  });
}

/** Rows numbered from..to-1 of one table; `changes` of single rows. */
export function tableRows(
  from: number,
  to: number,
  changes: Record<number, Record<string, ColumnValue>> = {},
  table = 'sip_capture',
): TableRows {
  const values: ColumnValue[] = [];
  for (let number = from; number < to; number++) values.push(...rowValues(number, changes[number]));
  return { table, columns: COLUMNS, values, count: to - from };
}

export function stream(sequence: number, position = '', name = 'test'): StreamState {
  return { stream: name, sequence, position };
}

export function batch(sequence: number, ...rows: TableRows[]): StoreBatch {
  return { rows, streams: [stream(sequence, `at ${sequence}`)] };
}

export const IDENTIFIED_COLUMNS: readonly string[] = [...COLUMNS, 'stream', 'sequence'];

/** As `tableRows`, with the identity of each message: the stream 18446744073709551615 and its number. */
export function identified(
  from: number,
  to: number,
  changes: Record<number, Record<string, ColumnValue>> = {},
  table = 'sip_capture',
): TableRows {
  const values: ColumnValue[] = [];
  for (let number = from; number < to; number++) values.push(...rowValues(number, changes[number]), '18446744073709551615', number);
  return { table, columns: IDENTIFIED_COLUMNS, values, count: to - from };
}
