/**
 * Rows that a database rejected, one JSON object a line: `{"table", "error", "row": {column: value}}`, bytes as
 * `{"base64"}`. `db import-quarantine` reads them back; the flat records of earlier versions are read too. Those that it
 * rejects again have also `"attempts"` and `"offset"`, so that no two of them are alike.
 */
import { accessSync, appendFileSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError, type ColumnValue, type Log, type SinkCounts } from '../../base/index.js';
import type { OnRefused } from '../../sink/batch/refused-rows.js';

export interface QuarantinedRow {
  table: string;
  /** The server's words; 'unknown' in records that have none. */
  error: string;
  columns: string[];
  values: ColumnValue[];
  retry: QuarantineRetry;
}

/** What an import adds to a record that was rejected again. */
export interface QuarantineRetry {
  /** How often a database rejected the row: 1 if it was never imported. */
  attempts: number;
  /** Offset of the end of its record in the last file it was imported from; 0 if it was never imported. */
  offset: number;
}

/**
 * Throws if the folder is missing. If it is not writable, a live run is warned: rows that the database rejects would be
 * lost. An import loses none (it stops at the first one), and most have none.
 */
export function checkQuarantine(path: string, log: Log, isLive: boolean): void {
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) throw new UsageError(`cannot write ${path}: no folder ${folder} (--quarantine, quarantine)`);
  if (!isLive) return;
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
  } catch {
    log.warn(`no right to write ${resolve(path)}: rows that the database rejects will be lost (--quarantine, quarantine)`);
  }
}

export class Quarantine {
  /** Rows of live sources that could not be written to it: they are lost. */
  private lost = 0;
  private reported = false;
  private failure = '';

  /** `isLive`: a write error is logged, and the stream continues; else it is thrown, and nothing of the batch is stored. */
  constructor(
    private readonly path: string,
    private readonly log: Log,
    private readonly isLive: boolean,
  ) {}

  readonly add: OnRefused = (row, columns, values) => {
    try {
      appendFileSync(this.path, quarantineLine(row.table, row.reason, columns, values), { mode: 0o600 });
    } catch (error) {
      const text = `cannot write rejected row to ${this.path}: ${(error as Error).message} (--quarantine, quarantine)`;
      if (!this.isLive) throw new Error(text, { cause: error });
      // A full disk under a table that rejects everything: not an entry a row.
      if (text !== this.failure) this.log.error(`${text}; such rows are lost (counted as quarantine_failed)`);
      this.failure = text;
      this.lost++;
      return;
    }
    if (this.failure !== '') this.log.info(`rejected rows go to ${this.path} again`);
    this.failure = '';
    if (!this.reported) this.log.warn(`database rejected a row (${row.reason}); rejected rows go to ${this.path}`);
    this.reported = true;
  };

  /** Rejected rows that could not be kept are lost. */
  withLost(counts: SinkCounts): SinkCounts {
    const { refused_by_database: refused = 0, ...others } = counts.reasons;
    // A row is written here before its batch is committed and counted.
    const lost = Math.min(this.lost, counts.refused);
    if (lost === 0) return counts;
    const reasons = { ...others, ...(refused > lost ? { refused_by_database: refused - lost } : {}), quarantine_failed: lost };
    return { ...counts, refused: counts.refused - lost, lost: counts.lost + lost, reasons };
  }
}

export function quarantineLine(
  table: string,
  error: string,
  columns: readonly string[],
  values: readonly ColumnValue[],
  retry: Partial<QuarantineRetry> = {},
): string {
  const row: Record<string, unknown> = {};
  columns.forEach((column, i) => {
    const value = values[i];
    row[column] = Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value;
  });
  return `${JSON.stringify({ table, error, ...retry, row })}\n`;
}

/** Null if the line is not a quarantine record. */
export function parseQuarantineLine(line: string): QuarantinedRow | null {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(record)) return null;
  const { table, error = 'unknown', row, ...flat } = record;
  if (typeof table !== 'string' || typeof error !== 'string') return null;
  const members = isObject(row) ? row : flat;
  const columns = Object.keys(members);
  const values: ColumnValue[] = [];
  for (const column of columns) {
    const value = valueOf(members[column]);
    if (value === undefined) return null;
    values.push(value);
  }
  if (columns.length === 0) return null;
  // In flat records these are columns.
  const retry = members === row ? { attempts: countOf(record.attempts) || 1, offset: countOf(record.offset) } : { attempts: 1, offset: 0 };
  return { table, error, columns, values, retry };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function valueOf(value: unknown): ColumnValue | undefined {
  if (value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return value;
  return isObject(value) && typeof value.base64 === 'string' ? Buffer.from(value.base64, 'base64') : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
