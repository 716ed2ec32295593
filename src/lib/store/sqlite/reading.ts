/**
 * A database file for reading, by whatever account: nothing is created beside it. SQLite would create the write-ahead log
 * and its index where they are missing, as files of the reader that a writer of another account cannot open. So the log is
 * used where a writer has it; without one the file is opened as it is (immutable), and opened again when it changes.
 */
import { open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UnreachableError, shellWord } from '../../base/index.js';
import type { SqliteDatabase } from './database.js';
import { closedFile, isDenied, openSqlite } from './open-file.js';

/** Where the file header says whether there is a write-ahead log (2) or a rollback journal (1). */
const HEADER_BYTES = 20;
const READ_VERSION_AT = 19;
const WAL = 2;
/** A writer may come or go while the file is opened. */
const TRIES = 5;

export class ReadingFile {
  private constructor(
    private readonly path: string,
    readonly database: SqliteDatabase,
    /** State of the file that was opened as it is; '' where SQLite's locks keep it consistent. */
    private readonly state: string,
  ) {}

  static async open(path: string): Promise<ReadingFile> {
    const closed = await closedFile(path, 'read');
    if (closed !== null) throw closed;
    for (let tries = 1; ; tries++) {
      try {
        return await ReadingFile.openOnce(path);
      } catch (error) {
        await removeOwnLog(path);
        if (tries < TRIES && (await isWithoutLog(path))) continue;
        throw await readError(path, error as NodeJS.ErrnoException);
      }
    }
  }

  private static async openOnce(path: string): Promise<ReadingFile> {
    if (await isWithoutLog(path)) {
      const state = await stateOf(path);
      return new ReadingFile(path, await openSqlite(path, 'read', uriOf(path, 'immutable=1')), state);
    }
    const mayCreate = (await isIndexLost(path)) && (await isOurs(path));
    const database = await openSqlite(path, 'read', uriOf(path, mayCreate ? 'mode=ro' : 'readonly_shm=1'));
    try {
      await database.all('SELECT count(*) AS n FROM sqlite_master', []);
      return new ReadingFile(path, database, '');
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** False where what is read now may be old or inconsistent: the file has to be opened again. */
  async isCurrent(): Promise<boolean> {
    return this.state === '' || ((await isWithoutLog(this.path)) && (await stateOf(this.path)) === this.state);
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

/** Whether the file alone holds everything; of one with a rollback journal SQLite's locks are needed. */
async function isWithoutLog(path: string): Promise<boolean> {
  if ((await readVersion(path)) !== WAL) return false;
  const [log, index] = await Promise.all([sizeOf(`${path}-wal`), sizeOf(`${path}-shm`)]);
  return log < 0 || (log === 0 && index < 0);
}

async function readVersion(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return bytesRead > READ_VERSION_AT ? buffer[READ_VERSION_AT] : 0;
  } finally {
    await file.close();
  }
}

async function stateOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Bytes of the file, -1 where there is none. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => -1,
  );
}

/** A log whose index is gone (a copy, a crash): to read it the index has to be created, which is for the file's own account. */
async function isIndexLost(path: string): Promise<boolean> {
  return (await sizeOf(`${path}-wal`)) > 0 && (await sizeOf(`${path}-shm`)) < 0;
}

/** What root creates SQLite gives to the owner of the database. */
async function isOurs(path: string): Promise<boolean> {
  const user = process.geteuid?.() ?? 0;
  return user === 0 || (await stat(path)).uid === user;
}

/** The log went away between the look and the opening, and SQLite created an empty one of ours, which would keep its writer out. */
async function removeOwnLog(path: string): Promise<void> {
  const user = process.geteuid?.() ?? 0;
  try {
    const { uid, size } = await stat(`${path}-wal`);
    if (uid === user && size === 0 && !(await isOurs(path)) && (await sizeOf(`${path}-shm`)) < 0) await unlink(`${path}-wal`);
  } catch {
    // There is none.
  }
}

async function readError(path: string, error: NodeJS.ErrnoException): Promise<Error> {
  if (!isDenied(error)) return error;
  if (await isIndexLost(path))
    return new UnreachableError(
      `cannot read database ${path}: its write-ahead log has not been applied; open it once as its owner, with permission to write in ${dirname(path)} (sipcap db status --db ${shellWord(`sqlite:${path}`)})`,
    );
  return new UnreachableError(
    `cannot read database ${path} (${error.message}): let this account read it, with ${path}-wal and ${path}-shm, or run the command as the account that writes it`,
  );
}

function uriOf(path: string, parameter: string): string {
  return `file:${encodeURI(path).replaceAll('?', '%3f').replaceAll('#', '%23')}?${parameter}`;
}
