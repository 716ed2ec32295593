/** How an engine writes names: quoted by doubling the quote, so that any name is only a name. */
export interface Naming {
  /** The engine's folder in sql/. */
  folder: string;
  /** One name, quoted. */
  quote(name: string): string;
  /** Whether `a.b` names table b of schema a. */
  schemas: boolean;
  /** Longest table name of which every index name can still be made; 0 for no limit. */
  longestName: number;
}

export function doubleQuoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The table's name as SQL names it, with its schema where it has one. */
export function tableText(naming: Naming, table: string): string {
  return naming.schemas ? table.split('.').map(naming.quote).join('.') : naming.quote(table);
}

/** Its own name without a schema. */
export function bareName(naming: Naming, table: string): string {
  return naming.schemas ? table.slice(table.lastIndexOf('.') + 1) : table;
}

/** Schema (null for the one connected to) and name of a table. */
export function nameParts(table: string): [string | null, string] {
  const dot = table.indexOf('.');
  return dot < 0 ? [null, table] : [table.slice(0, dot), table.slice(dot + 1)];
}

/** `INSERT … VALUES (?,…),…` for that many rows. */
export function insertText(naming: Naming, table: string, columns: readonly string[], rows: number): string {
  const one = `(${columns.map(() => '?').join(',')})`;
  return `INSERT INTO ${tableText(naming, table)} (${columns.map(naming.quote).join(',')}) VALUES ${new Array<string>(rows).fill(one).join(',')}`;
}
