/** `db init`: creates missing tables and migrates those created by an older sipcap, or prints the SQL. */
import { EXIT_DONE, UsageError, type Environment } from '../../base/index.js';
import {
  engineOf,
  loadStore,
  migrateTables,
  ownTablesDefinition,
  parseDatabaseUrl,
  partitionsAhead,
  refusePartitions,
  schemaVersion,
  stepsAhead,
  tableDefinition,
  TableName,
  type PartitionBy,
  type TableShape,
} from '../../store/index.js';
import { chosenShape, shapeFor } from '../../pipeline/output/chosen-shape.js';
import { HOMER7_TABLES, SPLIT_REPORT_TABLES, SPLIT_SIP_TABLES, shapeReports, type ShapeName } from '../../row/index.js';
import { homerMapping } from './homer-mapping.js';
import { asServerError } from './server-error.js';

/** Partitions are created for the present and this far ahead; later ones when rows need them. */
const AHEAD_SECONDS = 2 * 86_400;

export interface DbInitOptions {
  db: string;
  table: string;
  reportTable: string;
  /** '' for the tables that the database has, else ours. */
  shape: ShapeName | '';
  /** Columns of the report table; undefined as the shape says. */
  reportShape: 'homer5' | 'homer6' | undefined;
  partition: PartitionBy;
  /** Only prints the schema version. */
  schema: boolean;
  print: boolean;
  /** Only prints the mapping that Homer 7 needs to find all legs of a call. */
  homerMapping: boolean;
}

export async function dbInit(options: DbInitOptions, env: Environment): Promise<number> {
  if (options.homerMapping) {
    env.stdout.write(homerMapping());
    return EXIT_DONE;
  }
  if (options.db === '') throw new UsageError('missing --db URL (database: sqlite:PATH, mysql://… or postgres://… (db_url))');
  const url = parseDatabaseUrl(options.db);
  const { kind, shown } = url;
  if (options.partition !== 'none') refusePartitions(kind);
  const now = env.clock.now();
  const chosen = chosenShape({ ...options, localDate: false }, url);
  if (options.print) {
    const { dialect } = engineOf(kind);
    const tables = tablesOf(chosen || 'sipcapture', options, now);
    for (const [shape, table] of tables) env.stdout.write(await tableDefinition(dialect, shape, table, options.partition));
    env.stdout.write(await ownTablesDefinition(dialect));
    return EXIT_DONE;
  }
  if (options.schema) return printVersion(options.db, shown, env);
  const store = await loadStore(options.db, { log: withoutVersionWarning(env), clock: env.clock, partition: options.partition });
  await store.open();
  try {
    await asServerError(shown, async () => {
      const session = await store.connected();
      const shape = await shapeFor({ ...options, localDate: false }, url, store);
      const tables = tablesOf(shape, options, now);
      for (const [format, table] of tables) {
        const existed = await store.hasTable(table);
        if (!existed) await store.makeTable(format, table);
        env.stdout.write(`${table}: ${existed ? 'exists' : 'created'}\n`);
        if (!existed || options.partition === 'none') continue;
        if (!(await session.dialect.partitions!.partitioned(session, await session.tableNamed(table))))
          env.log.warn(
            `${table} was created without partitions: --partition ${options.partition} does not change it; use a new table name (--table)`,
          );
      }
      const migrated = await migrateTables(session, env.clock, (table) => env.log.info(`migrating ${table}`));
      for (const { table, columns, seconds } of migrated)
        env.stdout.write(`${table}: migrated, ${columns} columns may be NULL now (${seconds.toFixed(1)} s)\n`);
      if (shape === 'homer7') for (const [, table] of tables) await stepsAhead(session, table, now / 1e6, AHEAD_SECONDS);
      else if (options.partition !== 'none') await partitionsAhead(session, now / 1e6, AHEAD_SECONDS);
    });
  } finally {
    await store.close();
  }
  env.stdout.write(`${shown} is ready\n`);
  return EXIT_DONE;
}

/** The tables of a shape, as they are named now. */
function tablesOf(shape: ShapeName, { table, reportTable, reportShape }: DbInitOptions, now: number): [TableShape, string][] {
  const named = (format: TableShape, names: readonly string[]) =>
    names.map((name): [TableShape, string] => [format, new TableName(name).at(now)]);
  switch (shape) {
    case 'homer7':
      return named(
        'homer7',
        HOMER7_TABLES.map(({ name }) => name),
      );
    case 'homer5-split':
      return [...named('homer5_sip', Object.values(SPLIT_SIP_TABLES)), ...named('homer5_report', Object.values(SPLIT_REPORT_TABLES))];
    default: {
      const reports = reportShape ?? shapeReports(shape);
      return [...named('sip_capture', [table]), ...named(reports === 'homer6' ? 'rtcp_capture_homer6' : 'rtcp_capture', [reportTable])];
    }
  }
}

async function printVersion(db: string, shown: string, env: Environment): Promise<number> {
  const store = await loadStore(db, { log: env.log, clock: env.clock, access: 'read' });
  await store.open();
  try {
    env.stdout.write(`${shown}: schema version ${await schemaVersion(await store.connected())}\n`);
  } finally {
    await store.close();
  }
  return EXIT_DONE;
}

/** The warning would advise running this very command. */
function withoutVersionWarning({ log }: Environment): Environment['log'] {
  return { ...log, info: (text) => log.info(text), error: (text) => log.error(text), warn: () => {} };
}
