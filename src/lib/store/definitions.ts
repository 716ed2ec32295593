/** The table definitions of sql/, the only place that has any; `{table}` becomes the table's name. */
import { readFile } from 'node:fs/promises';
import type { DatabaseKind } from './url.js';

export type TableShape = 'sip_capture' | 'rtcp_capture' | 'rtcp_capture_homer6';

const FOLDER = new URL('../../../sql/', import.meta.url);

/** SQL that makes a table of that shape where it is missing. */
export async function tableDefinition(kind: DatabaseKind, shape: TableShape, table: string): Promise<string> {
  return (await readFile(new URL(`${kind}/${shape}.sql`, FOLDER), 'utf8')).replaceAll('{table}', table);
}

/** SQL of our own books: positions and the schema version. */
export function booksDefinition(kind: DatabaseKind): Promise<string> {
  return readFile(new URL(`${kind}/sipcap.sql`, FOLDER), 'utf8');
}
