/** The columns of a PostgreSQL table from its catalogue, as limits for values. */
import type { ResultRow } from '../sql/queries.js';
import { tableColumn, type TableColumn } from '../sql/table-column.js';

export const POSTGRESQL_COLUMNS = `SELECT a.attname AS name, t.typname AS type, a.atttypmod AS modifier, a.attnotnull AS required,
a.atthasdef OR a.attidentity <> '' AS given FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`;

/** Bytes of an integer of each type. */
const INTEGERS: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };

/** `highest`: the last code point of the server's encoding. */
export function postgresqlColumn(row: ResultRow, highest: number): TableColumn {
  const type = String(row.type);
  const column = { ...tableColumn(String(row.name), kindOf(type)), type, nullable: row.required !== true };
  column.needed = !column.nullable && row.given !== true;
  if (column.kind === 'text') {
    column.highest = highest;
    // The length of varchar(n) is in the modifier, with 4 added.
    column.takesUtf8 = highest === 0x10ffff && Number(row.modifier) <= 4;
    if (Number(row.modifier) > 4) column.characters = Number(row.modifier) - 4;
  } else if (column.kind === 'integer') {
    column.max = 2 ** (INTEGERS[type] * 8 - 1) - 1;
    column.min = -column.max - 1;
  } else if (column.kind === 'time') {
    column.earliest = '0001-01-01 00:00:00';
  }
  return column;
}

/** UTF-8 holds everything; for other server encodings only their common subset is used. */
export function highestOf(serverEncoding: string): number {
  if (serverEncoding === 'UTF8') return 0x10ffff;
  return serverEncoding === 'LATIN1' ? 0xff : 0x7f;
}

function kindOf(type: string): TableColumn['kind'] {
  if (['varchar', 'bpchar', 'text', 'name', 'citext'].includes(type)) return 'text';
  if (type === 'bytea') return 'bytes';
  if (type in INTEGERS) return 'integer';
  if (type === 'timestamptz' || type === 'timestamp') return 'time';
  return ['inet', 'cidr', 'json', 'jsonb', 'uuid', 'numeric'].includes(type) ? 'parsed' : 'other';
}
