/** SQLite through Node's own node:sqlite, which blocks, and so runs in a thread of its own, one for each database. */
import { Worker } from 'node:worker_threads';
import type { ResultRow } from '../sql/queries.js';
import { BUSY_MS, type OpenMode, type SqliteDatabase } from './database.js';
import { pack, type Answer, type Call, type Packed, type WorkerSettings } from './builtin-protocol.js';

/** Threads run built JavaScript. */
const WORKER = new URL('../../../../dist/lib/store/sqlite/builtin-worker.js', import.meta.url);

export async function openBuiltin(path: string, mode: OpenMode): Promise<SqliteDatabase> {
  const thread = new Thread({ path, isReadOnly: mode === 'read', busyMs: BUSY_MS });
  await thread.ask(null);
  let statements = 0;
  return {
    execute: async (sql) => void (await thread.ask({ call: 'execute', sql })),
    run: async (sql, values) => (await thread.ask({ call: 'run', sql, packed: pack(values) })) as number,
    all: async (sql, values) => rowsOf((await thread.ask({ call: 'all', sql, packed: pack(values) })) as ResultRow[]),
    prepare: async (sql) => {
      const statement = ++statements;
      await thread.ask({ call: 'prepare', statement, sql });
      return {
        run: async (values) => void (await thread.ask({ call: 'insert', statement, packed: pack(values) })),
        finalize: () => void thread.ask({ call: 'finalize', statement }).catch(() => {}),
      };
    },
    // node:sqlite cannot be interrupted: what it has not committed is rolled back when the thread ends.
    interrupt: () => thread.end(),
    close: () => thread.close(),
  };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Answers come in the order of the calls. */
class Thread {
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];
  private ended: Promise<void>;
  private isOver = false;

  constructor(settings: WorkerSettings) {
    this.worker = new Worker(WORKER, { workerData: settings });
    this.worker.on('message', (answer: Answer) => this.answered(answer));
    this.worker.on('error', (error) => this.over(error.message));
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', () => {
        this.over('the thread has ended');
        resolve();
      });
    });
  }

  /** Null waits for the database to be open. */
  ask(call: Call | null): Promise<unknown> {
    if (this.isOver) return Promise.reject(sqliteError('SQLITE_INTERRUPT', 'SQLITE_INTERRUPT: the database is closed'));
    // Only who waits for an answer keeps the process alive.
    if (this.waiting.length === 0) this.worker.ref();
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (call !== null) this.worker.postMessage(call, transferOf(call));
    });
  }

  end(): void {
    void this.worker.terminate();
  }

  async close(): Promise<void> {
    if (!this.isOver) await this.ask({ call: 'close' }).catch(() => {});
    this.worker.ref();
    await this.ended;
  }

  private answered({ result, error }: Answer): void {
    const { resolve, reject } = this.waiting.shift()!;
    if (this.waiting.length === 0) this.worker.unref();
    if (error === undefined) resolve(result);
    else reject(sqliteError(error.code, error.message));
  }

  private over(reason: string): void {
    this.isOver = true;
    for (const { reject } of this.waiting.splice(0)) reject(sqliteError('SQLITE_INTERRUPT', `SQLITE_INTERRUPT: ${reason}`));
  }
}

function transferOf(call: Call): ArrayBuffer[] {
  const { packed } = call as { packed?: Packed };
  return packed === undefined ? [] : [packed.bytes.buffer];
}

/** Bytes come as plain arrays out of another thread. */
function rowsOf(rows: ResultRow[]): ResultRow[] {
  for (const row of rows)
    for (const [name, value] of Object.entries(row) as [string, unknown][])
      if (value instanceof Uint8Array) (row as Record<string, unknown>)[name] = Buffer.from(value.buffer, value.byteOffset, value.length);
  return rows;
}

function sqliteError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
