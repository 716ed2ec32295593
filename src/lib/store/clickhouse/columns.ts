/** The columns of a ClickHouse table from its catalogue, as limits for values. */
import type { ResultRow } from '../sql/queries.js';
import { tableColumn, type TableColumn } from '../sql/table-column.js';

/** Columns that the server computes cannot be written. */
export const CLICKHOUSE_COLUMNS = `SELECT name, type, default_kind FROM system.columns
WHERE database = if(? = '', currentDatabase(), ?) AND table = ? AND default_kind NOT IN ('MATERIALIZED', 'ALIAS')`;

/** Columns that hold bytes rather than text: all of them are of the type String. */
const BYTES = ['msg', 'data'];

export function clickhouseColumn({ name, type }: ResultRow): TableColumn {
  const bare = bareType(String(type));
  const column = { ...tableColumn(String(name), kindOf(String(name), bare)), type: String(type), takesBytes: true };
  const integer = /^(U?)Int(\d+)$/.exec(bare);
  if (integer !== null) {
    const values = 2 ** Number(integer[2]);
    column.min = integer[1] === 'U' ? 0 : -values / 2;
    column.max = integer[1] === 'U' ? values - 1 : values / 2 - 1;
  }
  if (column.kind === 'time') {
    column.earliest = '1970-01-01 00:00:00';
    // The last one that every version shows.
    column.latest = '2105-12-31 23:59:59';
  }
  return column;
}

/** Without LowCardinality and Nullable. */
export function bareType(type: string): string {
  const inner = /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type);
  return inner === null ? type : bareType(inner[1]);
}

function kindOf(name: string, type: string): TableColumn['kind'] {
  if (type === 'String') return BYTES.includes(name) ? 'bytes' : 'text';
  if (/^U?Int(?:8|16|32|64)$/.test(type)) return 'integer';
  return /^DateTime(?:\('[^']*'\))?$/.test(type) ? 'time' : 'other';
}
