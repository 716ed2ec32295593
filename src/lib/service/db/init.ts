/** `db init`: creates missing tables and migrates those created by an older sipcap, or prints the SQL. */
import { EXIT_DONE, type Environment } from '../../base/index.js';
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
  tableDefinition,
  TableName,
  shardName,
  checkServers,
  type PartitionBy,
  type SqlStore,
  type TableShape,
} from '../../store/index.js';
import { asServerError } from './server-error.js';

/** Partitions are created for the present and this far ahead; later ones when rows need them. */
const AHEAD_SECONDS = 2 * 86_400;

export interface DbInitOptions {
  db: string;
  table: string;
  reportTable: string;
  shape: 'homer5' | 'homer6';
  partition: PartitionBy;
  /** Only prints the schema version. */
  schema: boolean;
  print: boolean;
}

export async function dbInit(options: DbInitOptions, env: Environment): Promise<number> {
  const { kind, shown } = parseDatabaseUrl(options.db);
  refusePartitions(kind, options.partition);
  const now = env.clock.now();
  const tables: [TableShape, string][] = [
    ['sip_capture', new TableName(options.table).at(now)],
    [options.shape === 'homer6' ? 'rtcp_capture_homer6' : 'rtcp_capture', new TableName(options.reportTable).at(now)],
  ];
  if (options.print) {
    const { dialect } = engineOf(kind);
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
    for (const store of servers) {
      if (servers.length > 1) env.stdout.write(`${shardName(store.url.hosts)}:\n`);
      await initServer(store, tables, options, env);
    }
  } finally {
    for (const store of servers) await store.close();
  }
  env.stdout.write(`${shown} is ready\n`);
  return EXIT_DONE;
}

async function initServer(
  store: SqlStore,
  tables: readonly [TableShape, string][],
  { partition }: DbInitOptions,
  env: Environment,
): Promise<void> {
  await asServerError(store.url.shown, async () => {
    const session = await store.connected();
    for (const [shape, table] of tables) {
      const existed = await store.hasTable(table);
      if (!existed) await store.makeTable(shape, table);
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
    if (partition !== 'none') await partitionsAhead(session, env.clock.now() / 1e6, AHEAD_SECONDS);
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
