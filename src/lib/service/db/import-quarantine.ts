/** `db import-quarantine`: stores the rows of a quarantine file that fit now; rows rejected again go to FILE.rejected. */
import { createHash } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EXIT_BAD_INPUT,
  EXIT_DONE,
  UnreachableError,
  UsageError,
  readPosition,
  grouped,
  type Environment,
  type RefusedRow,
  type StoreBatch,
  type StreamState,
  type TableRows,
  type WriteOutcome,
} from '../../base/index.js';
import { parseQuarantineLine, quarantineLine, type QuarantineRetry } from '../../pipeline/output/quarantine.js';
import { rowsOfRefused, valuesOfRow } from '../../sink/batch/refused-rows.js';
import { shapeOfUrl } from '../../pipeline/output/chosen-shape.js';
import { parseDatabaseUrl } from '../../store/index.js';
import { linesOf } from './lines.js';
import { RejectedFile } from './rejected-file.js';
import { ShardedRows } from './sharded-rows.js';

export interface ImportQuarantineOptions {
  db: string;
  file: string;
}

const BATCH_ROWS = 500;
const BATCH_BYTES = 2 * 1024 * 1024;
const RETRY_MS = 500;
/** An import gives up on a database that is unavailable for this long. */
const GIVE_UP_MS = 15_000;

/** The stored part of the file: its length, and the digest of its bytes, which identifies it. */
interface FilePosition {
  bytes: number;
  digest: string;
}

export async function importQuarantine({ db, file }: ImportQuarantineOptions, env: Environment): Promise<number> {
  checkFile(file);
  // A mistyped path must not become a new database. Our tables may be missing: another program's database gets them.
  const existing = await ShardedRows.load(db, { log: env.log, clock: env.clock, access: 'write' });
  await existing.open();
  await existing.close();
  const store = await ShardedRows.load(db, { log: env.log, clock: env.clock, shape: shapeOfUrl(parseDatabaseUrl(db)) || 'sipcapture' });
  const rejected = new RejectedFile(`${file}.rejected`);
  await store.open();
  try {
    return await new QuarantineImport(store, file, rejected, env).run();
  } finally {
    rejected.close();
    await store.close();
  }
}

/** It is read twice, so it cannot be a pipe. */
function checkFile(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`no file ${file}`);
  if (!stat.isFile())
    throw new UsageError(`cannot read ${file}: ${stat.isDirectory() ? 'is a folder' : 'not a regular file'}; expected a quarantine file`);
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new UsageError(`cannot read ${file}: permission denied`);
  }
}

/** Rows of a table, with the origin of each. */
interface ImportedRows extends TableRows {
  retries: QuarantineRetry[];
}

/** What is written in one transaction. */
interface ImportBatch {
  tables: Map<string, ImportedRows>;
  unreadable: string[];
  rows: number;
  bytes: number;
}

class QuarantineImport {
  private stored = 0;
  private rejected = 0;
  private unreadable = 0;
  private stream: StreamState = { stream: '', sequence: 0, position: '' };
  /** One array for each list of columns: the store knows a table's rows by it. */
  private readonly columnLists = new Map<string, string[]>();

  constructor(
    private readonly store: ShardedRows,
    private readonly file: string,
    private readonly rejectedFile: RejectedFile,
    private readonly env: Environment,
  ) {}

  async run(): Promise<number> {
    const from = await this.findPosition();
    await this.rejectedFile.open(from);
    const digest = createHash('sha256');
    let batch = emptyBatch();
    let end = 0;
    for await (const { line, offset } of linesOf(this.file, digest)) {
      end = offset;
      if (offset <= from || line === '') continue;
      this.add(batch, line, offset);
      if (batch.rows < BATCH_ROWS && batch.bytes < BATCH_BYTES) continue;
      await this.write(batch, { bytes: offset, digest: digest.copy().digest('hex') });
      batch = emptyBatch();
    }
    if (end > from) await this.write(batch, { bytes: end, digest: digest.digest('hex') });
    const { path } = this.rejectedFile;
    const already = from > 0 ? `, ${grouped(from)} bytes imported before` : '';
    const isRejected = this.rejected + this.unreadable > 0;
    const before = from > 0 && !isRejected && this.rejectedFile.exists ? `; rows rejected then are in ${path}` : '';
    const where = isRejected ? ` (${path})` : '';
    this.env.stdout.write(
      `${this.stored} rows stored, ${this.rejected} rejected, ${this.unreadable} unreadable lines${where}${already}${before}\n`,
    );
    return this.unreadable > 0 ? EXIT_BAD_INPUT : EXIT_DONE;
  }

  private add(batch: ImportBatch, line: string, offset: number): void {
    batch.bytes += line.length;
    const record = parseQuarantineLine(line);
    if (record === null) {
      batch.unreadable.push(line);
      return;
    }
    const list = record.columns.join();
    const columns = this.columnLists.get(list) ?? record.columns;
    this.columnLists.set(list, columns);
    const key = `${record.table} ${list}`;
    const rows = batch.tables.get(key) ?? { table: record.table, columns, values: [], count: 0, retries: [] };
    batch.tables.set(key, rows);
    rows.values.push(...record.values);
    rows.retries.push({ attempts: record.retry.attempts + 1, offset });
    rows.count++;
    batch.rows++;
  }

  private async write({ tables, unreadable, rows: count }: ImportBatch, position: FilePosition): Promise<void> {
    this.stream = { ...this.stream, sequence: this.stream.sequence + 1, position: JSON.stringify(position) };
    const rows = [...tables.values()];
    let failure: unknown = null;
    const beforeCommit = (refused: readonly RefusedRow[]) => {
      try {
        this.rejectedFile.add([...refused.map((row) => rejectedLine(rows, row)), ...unreadable]);
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const outcome = await this.tried({ rows, streams: [this.stream], beforeCommit }, () => failure);
    this.rejectedFile.settled();
    const refused = outcome.outcome === 'stored' ? outcome.refused.length : 0;
    this.unreadable += unreadable.length;
    this.rejected += refused;
    this.stored += count - refused;
  }

  /** `failure`: why rejected rows cannot be kept; then nothing of the batch is stored. */
  private async tried(batch: StoreBatch, failure: () => unknown): Promise<WriteOutcome> {
    const { clock, log } = this.env;
    const began = clock.monotonic();
    for (let tries = 0; ; tries++) {
      const outcome = await this.store.write(batch);
      if (failure() !== null) throw failure();
      if (outcome.outcome === 'conflict')
        throw new UnreachableError(`another process is importing ${this.file}: run the command again when it has finished`);
      if (outcome.outcome !== 'unavailable') return outcome;
      if (tries === 0) log.warn(`database unavailable (${outcome.reason}); retrying`);
      if (clock.monotonic() - began > GIVE_UP_MS)
        throw new UnreachableError(`database unavailable (${outcome.reason}); run the command again to continue`);
      await sleep(RETRY_MS);
    }
  }

  /** Bytes of the file that were stored before: it is the same file exactly if its digest up to there agrees. */
  private async findPosition(): Promise<number> {
    const head = createHash('sha256');
    for await (const { line } of linesOf(this.file, null)) {
      if (line === '') continue;
      head.update(line);
      break;
    }
    const prefix = `quarantine:${head.digest('hex').slice(0, 32)}:`;
    const known = await this.store.streams(prefix);
    const wanted = known.map((state) => readPosition<FilePosition>(state));
    const digest = createHash('sha256');
    if (known.length > 0)
      for await (const { offset } of linesOf(this.file, digest)) {
        const at = wanted.findIndex(({ bytes }) => bytes === offset);
        if (at < 0 || digest.copy().digest('hex') !== wanted[at].digest) continue;
        this.stream = known[at];
        return offset;
      }
    this.stream = { stream: `${prefix}${known.length + 1}`, sequence: 0, position: '' };
    return 0;
  }
}

function emptyBatch(): ImportBatch {
  return { tables: new Map(), unreadable: [], rows: 0, bytes: 0 };
}

function rejectedLine(batch: readonly ImportedRows[], refused: RefusedRow): string {
  const { table, row, reason } = refused;
  const own = rowsOfRefused(batch, refused);
  return quarantineLine(table, reason, own.columns, valuesOfRow(own, row), own.retries[row]).trimEnd();
}
