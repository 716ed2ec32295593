/** `db import-quarantine`: stores the rows of a quarantine file that fit by now; what is rejected again goes to FILE.rejected. */
import { createHash, type Hash } from 'node:crypto';
import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  EXIT_BAD_INPUT,
  EXIT_DONE,
  UnreachableError,
  UsageError,
  type Environment,
  type StoreBatch,
  type StreamState,
  type TableRows,
  type WriteOutcome,
} from '../../base/index.js';
import { parseQuarantineLine, quarantineLine } from '../../pipeline/output/quarantine.js';
import { loadStore, type Store } from '../../store/index.js';

export interface ImportQuarantineOptions {
  db: string;
  file: string;
}

const BATCH_ROWS = 500;
const BATCH_BYTES = 2 * 1024 * 1024;
const RETRY_MS = 500;
/** An import gives up on a database that is unavailable for this long. */
const GIVE_UP_MS = 15_000;

/** How far the file was stored: its bytes, and the digest of all of them, which is its identity. */
interface FilePosition {
  bytes: number;
  digest: string;
}

export async function importQuarantine({ db, file }: ImportQuarantineOptions, env: Environment): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`no file ${file}`);
  const store = await loadStore(db, { log: env.log, clock: env.clock });
  await store.open();
  try {
    return await new QuarantineImport(store, file, env).run();
  } finally {
    await store.close();
  }
}

class QuarantineImport {
  private stored = 0;
  private rejected = 0;
  private unreadable = 0;
  private readonly rejectedPath: string;
  private stream: StreamState = { stream: '', sequence: 0, position: '' };
  /** One array for each list of columns: the store knows a table's rows by it. */
  private readonly columnLists = new Map<string, string[]>();

  constructor(
    private readonly store: Store,
    private readonly file: string,
    private readonly env: Environment,
  ) {
    this.rejectedPath = `${file}.rejected`;
  }

  async run(): Promise<number> {
    const from = await this.findPosition();
    const digest = createHash('sha256');
    let tables = new Map<string, TableRows>();
    let count = 0;
    let bytes = 0;
    let end = 0;
    for await (const { line, offset } of linesOf(this.file, digest)) {
      end = offset;
      if (offset <= from) continue;
      bytes += line.length;
      if (this.add(tables, line)) count++;
      if (count < BATCH_ROWS && bytes < BATCH_BYTES) continue;
      await this.write(tables, { bytes: offset, digest: digest.copy().digest('hex') });
      [tables, count, bytes] = [new Map(), 0, 0];
    }
    if (end > from) await this.write(tables, { bytes: end, digest: digest.digest('hex') });
    const already = from > 0 ? `, ${from.toLocaleString('en-US')} bytes imported before` : '';
    const where = this.rejected + this.unreadable > 0 ? ` (${this.rejectedPath})` : '';
    this.env.stdout.write(`${this.stored} rows stored, ${this.rejected} rejected, ${this.unreadable} unreadable lines${where}${already}\n`);
    return this.unreadable > 0 ? EXIT_BAD_INPUT : EXIT_DONE;
  }

  private add(tables: Map<string, TableRows>, line: string): boolean {
    const record = parseQuarantineLine(line);
    if (record === null) {
      this.unreadable++;
      appendFileSync(this.rejectedPath, `${line}\n`, { mode: 0o600 });
      return false;
    }
    const list = record.columns.join();
    const columns = this.columnLists.get(list) ?? record.columns;
    this.columnLists.set(list, columns);
    const key = `${record.table} ${list}`;
    const rows = tables.get(key) ?? { table: record.table, columns, values: [], count: 0 };
    tables.set(key, rows);
    rows.values.push(...record.values);
    rows.count++;
    return true;
  }

  private async write(tables: ReadonlyMap<string, TableRows>, position: FilePosition): Promise<void> {
    this.stream = { ...this.stream, sequence: this.stream.sequence + 1, position: JSON.stringify(position) };
    const rows = [...tables.values()];
    const outcome = await this.tried({ rows, streams: [this.stream] });
    const refused = outcome.outcome === 'stored' ? outcome.refused : [];
    for (const { table, row, reason, columns } of refused) {
      const own = rows.find((one) => one.table === table && (columns === undefined || one.columns === columns))!;
      const width = own.columns.length;
      const values = own.values.slice(row * width, (row + 1) * width);
      appendFileSync(this.rejectedPath, quarantineLine(table, reason, own.columns, values), { mode: 0o600 });
    }
    this.rejected += refused.length;
    this.stored += rows.reduce((sum, { count }) => sum + count, 0) - refused.length;
  }

  private async tried(batch: StoreBatch): Promise<WriteOutcome> {
    const { clock, log } = this.env;
    const began = clock.monotonic();
    for (let tries = 0; ; tries++) {
      const outcome = await this.store.write(batch);
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
      head.update(line);
      break;
    }
    const prefix = `quarantine:${head.digest('hex').slice(0, 32)}:`;
    const known = await this.store.streams(prefix);
    const wanted = known.map(({ position }) => JSON.parse(position) as FilePosition);
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

/** Whole lines with the offset after each; the digest is of all bytes up to there. A last line without an end is still being written. */
async function* linesOf(file: string, digest: Hash | null): AsyncGenerator<{ line: string; offset: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      digest?.update(bytes.subarray(0, end + 1));
      offset += end + 1;
      const line = bytes.toString('utf8', 0, end);
      bytes = bytes.subarray(end + 1);
      if (line !== '') yield { line, offset };
    }
    rest = bytes;
  }
}
