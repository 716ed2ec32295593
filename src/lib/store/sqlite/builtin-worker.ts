/** The thread of node:sqlite: opens one database and carries out calls in order. Numbers and errors are those of the sqlite3 package. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Call, Packed, WorkerSettings } from './builtin-protocol.js';

type Value = string | number | bigint | Uint8Array | null;

/** The part of node:sqlite that is used; older types do not have it. */
interface Statement {
  run(...values: Value[]): { changes: number | bigint };
  all(...values: Value[]): Record<string, Value>[];
  setReadBigInts(on: boolean): void;
}
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Primary result codes (sqlite3.h) by number. */
const CODES = (
  'OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG ' +
  'CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING'
).split(' ');

const port = parentPort!;
const statements = new Map<number, Statement>();
const { path, isReadOnly, busyMs } = workerData as WorkerSettings;

function answerOf(work: () => unknown): Answer {
  try {
    return { result: work() };
  } catch (error) {
    const { errcode, message } = error as Error & { errcode?: number };
    const code = errcode === undefined ? 'SQLITE_ERROR' : `SQLITE_${CODES[errcode & 0xff] ?? 'ERROR'}`;
    return { error: { code, message: `${code}: ${message}` } };
  }
}

/** An integer is bound as one where the package does: node:sqlite would bind every number as a floating-point one. */
function unpacked({ values, bytes }: Packed): Value[] {
  return values.map((value) => {
    if (typeof value === 'number') return (value | 0) === value ? BigInt(value) : value;
    return value === null || typeof value === 'string' ? value : bytes.subarray(value[0], value[1]);
  });
}

function carryOut(database: Database, call: Call): unknown {
  switch (call.call) {
    case 'execute':
      return database.exec(call.sql);
    case 'run':
      return Number(database.prepare(call.sql).run(...unpacked(call.packed)).changes);
    case 'all': {
      const statement = database.prepare(call.sql);
      statement.setReadBigInts(true);
      return statement.all(...unpacked(call.packed)).map((row) => withNumbers(row));
    }
    case 'prepare':
      return void statements.set(call.statement, database.prepare(call.sql));
    case 'insert':
      return void statements.get(call.statement)!.run(...unpacked(call.packed));
    case 'finalize':
      return void statements.delete(call.statement);
    case 'close':
      statements.clear();
      return database.close();
  }
}

function withNumbers(row: Record<string, Value>): Record<string, Value> {
  for (const name in row) if (typeof row[name] === 'bigint') row[name] = Number(row[name]);
  return row;
}

async function open(): Promise<Database> {
  // Its warning that it is experimental is for developers.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  const name: string = 'node:sqlite';
  const { DatabaseSync } = (await import(name)) as { DatabaseSync: new (path: string, options: object) => Database };
  process.emitWarning = emitWarning;
  const database = new DatabaseSync(path, {
    readOnly: isReadOnly,
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  database.exec(`PRAGMA busy_timeout = ${busyMs}`);
  return database;
}

let database: Database | null = null;
const early: Call[] = [];
port.on('message', (call: Call) => {
  if (database === null) early.push(call);
  else perform(call);
});

function perform(call: Call): void {
  port.postMessage(answerOf(() => carryOut(database!, call)));
  if (call.call === 'close') port.close();
}

let failure: unknown = null;
try {
  database = await open();
} catch (error) {
  failure = error;
}
port.postMessage(
  answerOf(() => {
    if (failure !== null) throw failure;
  }),
);
if (database === null) port.close();
else for (const call of early) perform(call);
