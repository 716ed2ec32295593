/** `db init`: creates missing tables and migrates those created by an older sipcap, or prints the SQL. */
import { EXIT_DONE, UsageError, type Environment } from '../../base/index.js';
import {
  engineOf,
  loadServers,
  loadShards,
  migrateTables,
  ownTablesDefinition,
  parseDatabaseUrl,
  partitionsAhead,
  refusePartitions,
  schemaVersion,
  stepsAhead,
  tableDefinition,
  TableName,
  shardName,
  checkServers,
  type PartitionBy,
  type SqlStore,
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
  if (options.db === '')
    throw new UsageError('missing --db URL (database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url))');
  const url = parseDatabaseUrl(options.db);
  const { kind, shown } = url;
  refusePartitions(kind, options.partition);
  const now = env.clock.now();
  const chosen = chosenShape({ ...options, localDate: false }, url);
  if (options.print) {
    const { dialect } = engineOf(kind);
    const tables = tablesOf(chosen || 'sipcapture', options, now);
    for (const [shape, table] of tables) env.stdout.write(await tableDefinition(dialect, shape, table, options.partition));
    env.stdout.write(await ownTablesDefinition(dialect));
    return EXIT_DONE;
  }
  if (options.schema) return printVersion(options.db, env);
  const log = withoutVersionWarning(env);
  const servers = await loadServers(options.db, { log, clock: env.clock, partition: options.partition });
  try {
    for (const store of servers) await store.open();
    await checkServers(options.db, servers);
    const shape = await asServerError(shown, () => shapeFor({ ...options, localDate: false }, url, servers[0]));
    for (const store of servers) {
      if (servers.length > 1) env.stdout.write(`${shardName(store.url.hosts)}:\n`);
      await initServer(store, shape, options, env);
    }
  } finally {
    for (const store of servers) await store.close();
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

async function initServer(store: SqlStore, shape: ShapeName, options: DbInitOptions, env: Environment): Promise<void> {
  const { partition } = options;
  const now = env.clock.now();
  await asServerError(store.url.shown, async () => {
    const session = await store.connected();
    const tables = tablesOf(shape, options, now);
    for (const [format, table] of tables) {
      const existed = await store.hasTable(table);
      if (!existed) await store.makeTable(format, table);
      env.stdout.write(`${table}: ${existed ? 'exists' : 'created'}\n`);
      if (!existed || partition === 'none') continue;
      if (!(await session.dialect.partitions!.partitioned(session, await session.tableNamed(table))))
        env.log.warn(
          `${table} was created without partitions: --partition ${partition} does not change it; use a new table name (--table)`,
        );
    }
    const migrated = await migrateTables(session, env.clock, (table) => env.log.info(`migrating ${table}`));
    for (const { table, columns, seconds } of migrated)
      env.stdout.write(`${table}: migrated, ${columns} columns may be NULL now (${seconds.toFixed(1)} s)\n`);
    if (shape === 'homer7') for (const [, table] of tables) await stepsAhead(session, table, now / 1e6, AHEAD_SECONDS);
    else if (partition !== 'none') await partitionsAhead(session, now / 1e6, AHEAD_SECONDS);
  });
}

async function printVersion(db: string, env: Environment): Promise<number> {
  for (const store of await loadShards(db, { log: env.log, clock: env.clock, access: 'read' })) {
    await store.open();
    try {
      env.stdout.write(`${store.url.shown}: schema version ${await schemaVersion(await store.connected())}\n`);
    } finally {
      await store.close();
    }
  }
  return EXIT_DONE;
}

/** The warning would advise running this very command. */
function withoutVersionWarning({ log }: Environment): Environment['log'] {
  return { ...log, info: (text) => log.info(text), error: (text) => log.error(text), warn: () => {} };
}
