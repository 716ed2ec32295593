/** The columns of a MySQL or MariaDB table from its catalogue, as limits for values. */
import type { ResultRow } from '../sql/queries.js';
import { tableColumn, type TableColumn } from '../sql/table-column.js';

export const MYSQL_COLUMNS = `SELECT column_name AS name, data_type AS type, column_type AS full_type, character_maximum_length AS characters,
character_octet_length AS bytes, character_set_name AS charset, is_nullable AS nullable, column_default AS given, extra AS extra
FROM information_schema.columns WHERE table_schema = coalesce(?, database()) AND table_name = ? ORDER BY ordinal_position`;

/** Bytes of an integer of each type. */
const INTEGERS: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };
/** Highest code point of a character set; others are treated as ASCII. */
const HIGHEST: Readonly<Record<string, number>> = {
  utf8mb4: 0x10ffff,
  utf16: 0x10ffff,
  utf32: 0x10ffff,
  utf8: 0xffff,
  utf8mb3: 0xffff,
  ucs2: 0xffff,
  latin1: 0xff,
};

export function mysqlColumn(row: ResultRow): TableColumn {
  const type = String(row.type).toLowerCase();
  const column = { ...tableColumn(String(row.name), kindOf(type)), type, nullable: row.nullable === 'YES' };
  column.needed = !column.nullable && row.given === null && !/auto_increment|generated/i.test(String(row.extra));
  if (column.kind === 'text') {
    column.highest = HIGHEST[String(row.charset)] ?? 0x7f;
    // TEXT is limited in bytes, VARCHAR in characters.
    if (type.endsWith('text')) column.bytes = Number(row.bytes);
    else column.characters = Number(row.characters);
  } else if (column.kind === 'bytes') {
    column.bytes = Number(row.bytes);
  } else if (column.kind === 'integer') {
    const values = 2 ** (INTEGERS[type] * 8);
    const unsigned = /unsigned/i.test(String(row.full_type));
    column.min = unsigned ? 0 : -values / 2;
    column.max = unsigned ? values - 1 : values / 2 - 1;
  } else if (type === 'timestamp') {
    column.earliest = '1970-01-01 00:00:01';
    column.latest = '2038-01-19 03:14:07';
  } else if (type === 'datetime') {
    column.earliest = '1000-01-01 00:00:00';
  }
  return column;
}

function kindOf(type: string): TableColumn['kind'] {
  if (type.endsWith('char') || type.endsWith('text')) return 'text';
  if (type.endsWith('blob') || type.endsWith('binary')) return 'bytes';
  if (type in INTEGERS) return 'integer';
  if (type === 'timestamp' || type === 'datetime') return 'time';
  return ['inet4', 'inet6', 'uuid', 'json'].includes(type) ? 'parsed' : 'other';
}
