/** What differs between the databases in the SQL that all drivers share, as a value. */
import type { DatabaseKind } from '../url.js';

export interface Dialect {
  kind: DatabaseKind;
  /** One name, quoted. */
  quote(name: string): string;
  /** Opens a transaction that is going to write. */
  begin: string;
  /** Whether `a.b` names table b of schema a. */
  schemas: boolean;
  /** Longest table name of which every index name can still be made; 0 for no limit. */
  longestName: number;
  partitions: boolean;
}

export const SQLITE: Dialect = {
  kind: 'sqlite',
  quote: doubleQuoted,
  begin: 'BEGIN IMMEDIATE',
  schemas: false,
  longestName: 0,
  partitions: false,
};
export const MYSQL: Dialect = {
  kind: 'mysql',
  quote: (name) => `\`${name}\``,
  begin: 'START TRANSACTION',
  schemas: true,
  longestName: 64,
  partitions: true,
};
/** Identifiers end at 63 bytes; the longest suffix of ours is `_p2023111415` or `_correlation_id`. */
export const POSTGRESQL: Dialect = {
  kind: 'postgresql',
  quote: doubleQuoted,
  begin: 'BEGIN',
  schemas: true,
  longestName: 48,
  partitions: true,
};

export const DIALECTS: Readonly<Record<DatabaseKind, Dialect>> = { sqlite: SQLITE, mysql: MYSQL, postgresql: POSTGRESQL };

function doubleQuoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The table's name as SQL names it, with its schema where it has one. */
export function tableText(dialect: Dialect, table: string): string {
  return dialect.schemas ? table.split('.').map(dialect.quote).join('.') : dialect.quote(table);
}

/** Its own name without a schema. */
export function bareName(dialect: Dialect, table: string): string {
  return dialect.schemas ? table.slice(table.lastIndexOf('.') + 1) : table;
}

/** `INSERT … VALUES (?,…),…` for that many rows. */
export function insertText(dialect: Dialect, table: string, columns: readonly string[], rows: number): string {
  const one = `(${columns.map(() => '?').join(',')})`;
  return `INSERT INTO ${tableText(dialect, table)} (${columns.map(dialect.quote).join(',')}) VALUES ${new Array<string>(rows).fill(one).join(',')}`;
}
