/**
 * The definitions of sql/, the only place that has any. `{table}` becomes the table's quoted name, `{name}` its bare
 * one (for the names of indexes), `{partitioning}` the clause of partitioning.sql where that is wanted.
 */
import { readFile, readdir } from 'node:fs/promises';
import { bareName, DIALECTS, tableText, type Dialect } from './dialect.js';
import { timeColumn, type PartitionBy, type TableShape } from './shape-of.js';
import type { DatabaseKind } from '../url.js';

const FOLDER = new URL('../../../../sql/', import.meta.url);

export interface Migration {
  version: number;
  sql: string;
}

/** SQL that makes a table of that shape where it is missing. */
export async function tableDefinition(
  kind: DatabaseKind,
  shape: TableShape,
  table: string,
  partition: PartitionBy = 'none',
): Promise<string> {
  const time = timeColumn(shape);
  const clause = partition === 'none' ? '' : `\n${withoutComments(await definition(kind, 'partitioning', { time }))}`;
  let sql = await definition(kind, shape, { partitioning: clause, ...tableNames(DIALECTS[kind], table) });
  if (clause !== '' && kind === 'postgresql')
    sql += await definition(kind, 'default-partition', {
      ...tableNames(DIALECTS[kind], table),
      partition: tableText(DIALECTS[kind], `${table}_default`),
    });
  return sql;
}

/** A file of sql/ with its placeholders filled. */
export async function definition(kind: DatabaseKind, file: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(new URL(`${kind}/${file}.sql`, FOLDER), 'utf8');
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The steps that make our own books (positions, tables made, schema version), oldest first. */
export async function migrations(kind: DatabaseKind): Promise<Migration[]> {
  const folder = new URL(`${kind}/migrations/`, FOLDER);
  const names = (await readdir(folder)).filter((name) => /^\d+-.*\.sql$/.test(name)).sort();
  return Promise.all(names.map(async (name) => ({ version: parseInt(name, 10), sql: await readFile(new URL(name, folder), 'utf8') })));
}

/** All of these steps as one text. */
export async function booksDefinition(kind: DatabaseKind): Promise<string> {
  return (await migrations(kind)).map(({ sql }) => sql).join('\n');
}

/** The statements of a definition one by one, for clients that take only one. */
export function statementsOf(sql: string): string[] {
  return withoutComments(sql)
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function withoutComments(sql: string): string {
  return sql.replace(/^--.*\n?/gm, '').trim();
}

function tableNames(dialect: Dialect, table: string): { table: string; name: string } {
  return { table: tableText(dialect, table), name: bareName(dialect, table) };
}
