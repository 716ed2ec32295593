/** `db init`: makes the tables where they are missing, or prints the SQL that would. */
import { UsageError, EXIT_DONE, type Environment } from '../../base/index.js';
import {
  booksDefinition,
  loadStore,
  parseDatabaseUrl,
  partitionsAhead,
  schemaVersion,
  tableDefinition,
  TableName,
  type PartitionBy,
  type TableShape,
} from '../../store/index.js';
import { inServersWords } from './prune.js';

/** Partitions are made for the present and so far ahead; later ones when rows need them. */
const AHEAD_SECONDS = 2 * 86_400;

export interface DbInitOptions {
  db: string;
  table: string;
  reportTable: string;
  shape: 'homer5' | 'homer6';
  partition: PartitionBy;
  /** Only prints the version of our books. */
  schema: boolean;
  print: boolean;
}

export async function dbInit(options: DbInitOptions, env: Environment): Promise<number> {
  const { kind, shown } = parseDatabaseUrl(options.db);
  if (kind === 'sqlite' && options.partition !== 'none')
    throw new UsageError('SQLite has no partitions: dated tables (--table sip_capture_%Y%m%d) do the same');
  const now = env.clock.now();
  const tables: [TableShape, string][] = [
    ['sip_capture', new TableName(options.table).at(now)],
    [options.shape === 'homer6' ? 'rtcp_capture_homer6' : 'rtcp_capture', new TableName(options.reportTable).at(now)],
  ];
  if (options.print) {
    for (const [shape, table] of tables) env.stdout.write(await tableDefinition(kind, shape, table, options.partition));
    env.stdout.write(await booksDefinition(kind));
    return EXIT_DONE;
  }
  const store = await loadStore(options.db, { log: env.log, clock: env.clock, partition: options.partition });
  await store.open();
  try {
    if (options.schema) {
      env.stdout.write(`${shown} has schema version ${await schemaVersion(await store.connected())}\n`);
      return EXIT_DONE;
    }
    for (const [shape, table] of tables) {
      const existed = await store.hasTable(table);
      if (!existed) await inServersWords(shown, () => store.makeTable(shape, table));
      env.stdout.write(`${table}: ${existed ? 'exists, left as it is' : 'made'}\n`);
    }
    if (options.partition !== 'none')
      await inServersWords(shown, async () => partitionsAhead(await store.connected(), now / 1e6, AHEAD_SECONDS));
  } finally {
    await store.close();
  }
  env.stdout.write(`${shown} is ready\n`);
  return EXIT_DONE;
}
