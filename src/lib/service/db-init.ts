/** `db init`: makes the tables where they are missing, or prints the SQL that would. */
import { booksDefinition, loadStore, parseDatabaseUrl, tableDefinition, TableName, type TableShape } from '../store/index.js';
import { EXIT_DONE } from './exit-codes.js';
import type { Surroundings } from './run-options.js';

export interface DbInitOptions {
  db: string;
  table: string;
  reportTable: string;
  shape: 'homer5' | 'homer6';
  print: boolean;
}

export async function dbInit(options: DbInitOptions, around: Surroundings): Promise<number> {
  const { kind, shown } = parseDatabaseUrl(options.db);
  const now = around.clock.now();
  const tables: [TableShape, string][] = [
    ['sip_capture', new TableName(options.table).at(now)],
    [options.shape === 'homer6' ? 'rtcp_capture_homer6' : 'rtcp_capture', new TableName(options.reportTable).at(now)],
  ];
  if (options.print) {
    for (const [shape, table] of tables) around.stdout.write(await tableDefinition(kind, shape, table));
    around.stdout.write(await booksDefinition(kind));
    return EXIT_DONE;
  }
  const store = await loadStore(options.db);
  await store.open();
  try {
    for (const [shape, table] of tables) {
      const existed = await store.hasTable(table);
      if (!existed) await store.makeTable(shape, table);
      around.stdout.write(`${table}: ${existed ? 'exists, left as it is' : 'made'}\n`);
    }
  } finally {
    await store.close();
  }
  around.stdout.write(`${shown} is ready\n`);
  return EXIT_DONE;
}
