/**
 * The definitions in sql/, the only place with table definitions. `{table}` becomes the table's quoted name, `{name}` its bare
 * one (for the names of indexes), `{partitioning}` the clause of partitioning.sql if requested.
 */
import { readFile, readdir } from 'node:fs/promises';
import { homer7Table } from '../../row/index.js';
import { bareName, tableText, type Naming } from './names.js';
import { timeColumn, type Partitioning, type TableShape } from './shape-of.js';
import type { Dialect } from './dialect.js';

/** Length of a partition in tables of one day. */
const DAY_PARTITION_HOURS = 2;
const FOLDER = new URL('../../../../sql/', import.meta.url);

export interface Migration {
  version: number;
  sql: string;
}

/** SQL that creates a table of that format if missing. */
export async function tableDefinition(
  dialect: Dialect,
  shape: TableShape,
  table: string,
  partition: Partitioning = 'none',
): Promise<string> {
  const { folder } = dialect;
  const names = tableNames(dialect, table);
  if (partition === 'none' || partition === 'steps')
    return definition(folder, shape, { partitioning: shape.startsWith('homer5_') ? ofItsDay(table) : '', ...names });
  const clause = withoutComments(await definition(folder, 'partitioning', { time: timeColumn(shape) }));
  const sql = await definition(folder, shape, { partitioning: `\n${clause}`, ...names });
  const completion = dialect.partitions?.completion ?? '';
  if (completion === '') return sql;
  return sql + (await definition(folder, completion, { ...names, partition: tableText(dialect, `${table}_default`) }));
}

/** The partitions of a table of one day, whose name ends in it; none otherwise. */
function ofItsDay(table: string): string {
  const day = /(\d{4})(\d\d)(\d\d)$/.exec(table);
  const first = day === null ? NaN : Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3])) / 1000;
  if (day === null || Number.isNaN(first)) return '';
  const partitions: string[] = [];
  for (let hour = 0; hour < 24; hour += DAY_PARTITION_HOURS)
    partitions.push(
      `  PARTITION \`${day[0]}_${String(hour).padStart(2, '0')}00\` VALUES LESS THAN (${first + (hour + DAY_PARTITION_HOURS) * 3600})`,
    );
  return `\nPARTITION BY RANGE (UNIX_TIMESTAMP(date)) (\n${partitions.join(',\n')}\n)`;
}

/** A file of sql/ with its placeholders filled. */
export async function definition(folder: string, file: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(new URL(`${folder}/${file}.sql`, FOLDER), 'utf8');
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The steps that create our own tables (positions, tables created, schema version), oldest first. */
export async function migrations(folder: string): Promise<Migration[]> {
  const directory = new URL(`${folder}/migrations/`, FOLDER);
  const names = (await readdir(directory)).filter((name) => /^\d+-.*\.sql$/.test(name)).sort();
  return Promise.all(names.map(async (name) => ({ version: parseInt(name, 10), sql: await readFile(new URL(name, directory), 'utf8') })));
}

/** All of these steps as one text. */
export async function ownTablesDefinition({ folder }: Dialect): Promise<string> {
  return (await migrations(folder)).map(({ sql }) => sql).join('\n');
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

/** `{name}` is used between double quotes. */
function tableNames(naming: Naming, table: string): Record<string, string> {
  const { firstId } = homer7Table(bareName(naming, table));
  return {
    table: tableText(naming, table),
    name: bareName(naming, table).replaceAll('"', '""'),
    // Of Homer 7's tables.
    sequence: tableText(naming, `${table}_id_seq`),
    first: String(Math.max(firstId, 1)),
    step: firstId === 0 ? '1' : '3',
  };
}
