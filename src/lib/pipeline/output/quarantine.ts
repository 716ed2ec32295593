/**
 * Rows that a database rejected, one JSON object a line: `{"table", "error", "row": {column: value}}`, bytes as
 * `{"base64"}`. `db import-quarantine` reads them back; the flat records of earlier versions are read too.
 */
import { appendFileSync } from 'node:fs';
import type { ColumnValue, Log, RefusedRow } from '../../base/index.js';

export interface QuarantinedRow {
  table: string;
  /** The server's words; 'unknown' in records that have none. */
  error: string;
  columns: string[];
  values: ColumnValue[];
}

export class Quarantine {
  private reported = false;

  constructor(
    private readonly path: string,
    private readonly log: Log,
  ) {}

  add(row: RefusedRow, columns: readonly string[], values: readonly ColumnValue[]): void {
    try {
      appendFileSync(this.path, quarantineLine(row.table, row.reason, columns, values), { mode: 0o600 });
    } catch (error) {
      this.log.error(`cannot write rejected row to ${this.path}: ${(error as Error).message}`);
      return;
    }
    if (!this.reported) this.log.warn(`database rejected a row (${row.reason}); rejected rows go to ${this.path}`);
    this.reported = true;
  }
}

export function quarantineLine(table: string, error: string, columns: readonly string[], values: readonly ColumnValue[]): string {
  const row: Record<string, unknown> = {};
  columns.forEach((column, i) => {
    const value = values[i];
    row[column] = Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value;
  });
  return `${JSON.stringify({ table, error, row })}\n`;
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
  return columns.length === 0 ? null : { table, error, columns, values };
}

function valueOf(value: unknown): ColumnValue | undefined {
  if (value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return value;
  return isObject(value) && typeof value.base64 === 'string' ? Buffer.from(value.base64, 'base64') : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
