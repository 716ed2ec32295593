/** `db drain`: stores the backlog of a database's spool. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UnreachableError, UsageError, EXIT_DONE, EXIT_UNREACHABLE, Ledger, type Environment } from '../../base/index.js';
import { within } from '../../sink/batch/pause.js';
import { BatchSpool } from '../../sink/batch-spool/index.js';
import { SpoolLog } from '../../sink/spool/index.js';
import { loadStore } from '../../store/index.js';
import { ArrivalReader } from '../../pipeline/output/undecoded-replay.js';
import { RECORD_ARRIVALS } from '../../pipeline/output/undecoded-record.js';
import { DATABASE_SPOOL } from '../../pipeline/output/database-output.js';
import { Quarantine } from '../../pipeline/output/quarantine.js';
import { MessageRows, type RowOptions } from '../../pipeline/output/message-rows.js';
import { onSignals } from '../../pipeline/signals.js';

export interface DbDrainOptions {
  db: string;
  spool: string;
  quarantine: string;
  rows: RowOptions;
}

/** Milliseconds that a batch may take. */
const PATIENCE_MS = 60_000;
/** Milliseconds that closing waits for a server that does not answer. */
const CLOSE_MS = 2000;

export async function dbDrain(options: DbDrainOptions, env: Environment): Promise<number> {
  const { log, clock } = env;
  const directory = join(options.spool, DATABASE_SPOOL);
  if (!existsSync(directory)) throw new UsageError(`no database spool found in ${options.spool}`);
  const store = await loadStore(options.db, { log, clock });
  const quarantine = new Quarantine(options.quarantine, log);
  const kept = await SpoolLog.open({ directory, clock, log, sync: 'interval', maxBytes: 0, maxAgeSeconds: 0 });
  try {
    await store.open();
  } catch (error) {
    const waiting = kept.unread;
    await kept.close();
    if (!(error instanceof UnreachableError)) throw error;
    log.error(`${error.message}; batches of rows that remain in ${directory}: ${waiting}`);
    return EXIT_UNREACHABLE;
  }
  const spool = new BatchSpool({
    spool: kept,
    store,
    log,
    patienceMs: PATIENCE_MS,
    onRefused: (row, columns, values) => quarantine.add(row, columns, values),
  });
  // Packets that were spooled undecoded make rows as the flags say. Their key was checked before they were spooled.
  const rows = new MessageRows(options.rows, clock, true);
  const reader = new ArrivalReader(rows, new Ledger(), '');
  spool.start({ type: RECORD_ARRIVALS, read: (record) => reader.read(record), flush: () => false, rowsBefore: () => false });
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const release = onSignals({ stop, report: () => {} }, clock);
  await Promise.race([spool.drain(), stopped]);
  release();
  // A server that does not answer must not keep us: its batch stays in the spool.
  spool.stop();
  await within(store.close(), CLOSE_MS);
  const left = spool.backlog;
  await spool.end(CLOSE_MS);
  const { written, refused, lost } = spool.accounts;
  env.stdout.write(`${written} rows stored, ${refused} refused, ${lost.total()} lost, ${left} batches left\n`);
  return left === 0 ? EXIT_DONE : EXIT_UNREACHABLE;
}
