/**
 * Writes the rows of a batch to their tables, inside its transaction. If a step is refused its rows are retried in
 * halves until the bad one is isolated; a table that refuses everything affects only its own rows.
 */
import { UsageError, type Counters, type RefusedRow, type TableRows } from '../../base/index.js';
import { reasonOf, TableChanged, TransactionLost } from './faults.js';
import type { OtherTableProbe } from './probe.js';
import type { RefusingTables } from './refusing-tables.js';
import type { Session } from './session.js';
import type { TableCache } from './table-cache.js';
import type { Target } from './target.js';

export class RowWriter {
  readonly refused: RefusedRow[] = [];
  /** How many of them for reasons that are not known to be theirs: of their table, or unknown. */
  unattributed = 0;
  /** Tables whose columns were read again because rows were refused. */
  private readonly checked = new Set<Target>();
  /** Full or damaged tables: the rest of their rows is not tried. */
  private readonly failed = new Set<Target>();

  constructor(
    private readonly session: Session,
    private readonly tables: TableCache,
    private readonly how: {
      refusing: RefusingTables;
      /** Null where a table that is full or damaged ends everything: an import, which resumes when it is repaired. */
      probe: OtherTableProbe | null;
      /** True if errors of unknown cause are the rows' own. */
      isolating: boolean;
    },
    private readonly adjusted: Counters,
  ) {}

  /** The target of these rows; null if it is unavailable because of the rows themselves: then all of them are refused. */
  async target(rows: TableRows, find: () => Promise<Target>): Promise<Target | null> {
    try {
      return await find();
    } catch (error) {
      if (!(error instanceof UsageError) && !(await this.isOwnFault(error, rows.table, false))) throw error;
      this.refuse(rows, 0, rows.count, error);
      this.unattributed += rows.count;
      this.how.refusing.add(rows.table, reasonOf(error), this.session.faultOf(error) === 'table');
      return null;
    }
  }

  async insertAll(target: Target, rows: TableRows): Promise<void> {
    const before = this.refused.length;
    let unknown = 0;
    // Sequentially: nothing may run after a fatal error (SQLite may have rolled back by itself).
    for (let from = 0; from < rows.count;) {
      const to = this.session.stepEnd(target, rows, from);
      unknown += await this.insertHalving(target, rows, from, to);
      from = to;
    }
    this.unattributed += unknown;
    for (const name of target.lost) this.adjusted.add(`not_stored_${name}`, rows.count - (this.refused.length - before));
    const { refusing } = this.how;
    if (this.failed.has(target) || (unknown === rows.count && rows.count > 0))
      refusing.add(rows.table, this.refused[this.refused.length - 1].reason, true);
    else if (unknown === 0) refusing.remove(rows.table);
  }

  /** Returns how many rows were refused for reasons that are not known to be theirs. */
  private async insertHalving(target: Target, rows: TableRows, from: number, to: number): Promise<number> {
    if (this.failed.has(target)) {
      this.refuse(rows, from, to, new Error(this.refused[this.refused.length - 1].reason));
      return to - from;
    }
    try {
      await this.insert(target, rows, from, to);
      return 0;
    } catch (error) {
      const fault = this.session.faultOf(error);
      const isRow = fault === 'row';
      if (!isRow && !(await this.isOwnFault(error, rows.table, true))) throw error;
      if (fault === 'table') {
        this.failed.add(target);
        this.refuse(rows, from, to, error);
        return to - from;
      }
      if (isRow || fault === 'schema') await this.check(target);
      if (to - from === 1) {
        this.refuse(rows, from, to, error);
        return isRow ? 0 : 1;
      }
      if (!isRow && (await this.endsFail(target, rows, from, to))) {
        this.refuse(rows, from, to, error);
        return to - from;
      }
      const middle = (from + to) >> 1;
      return (await this.insertHalving(target, rows, from, middle)) + (await this.insertHalving(target, rows, middle, to));
    }
  }

  /** In a table that refused everything before: whether the first and the last row fail the same, each alone. */
  private async endsFail(target: Target, rows: TableRows, from: number, to: number): Promise<boolean> {
    if (!this.how.refusing.has(rows.table)) return false;
    for (const row of [from, to - 1]) {
      await this.session.execute('SAVEPOINT sipcap_end');
      try {
        await this.session.insert(target, rows, row, row + 1, this.adjusted);
      } catch (error) {
        if (this.session.faultOf(error) === 'server') throw error;
        await this.undoTo('sipcap_end');
        continue;
      }
      await this.undoTo('sipcap_end');
      return false;
    }
    return true;
  }

  /** With a savepoint if any error is possible: if the savepoint is gone, the error ended the whole transaction. */
  private async insert(target: Target, rows: TableRows, from: number, to: number): Promise<void> {
    const { session } = this;
    if (!this.isIsolating(rows.table)) {
      await session.insert(target, rows, from, to, this.adjusted);
      return;
    }
    await session.execute('SAVEPOINT sipcap_rows');
    try {
      await session.insert(target, rows, from, to, this.adjusted);
    } catch (error) {
      if (session.faultOf(error) !== 'server') await this.undoTo('sipcap_rows');
      throw error;
    }
    await session.execute('RELEASE SAVEPOINT sipcap_rows');
  }

  /** If the savepoint is gone, so is the transaction: rows inserted now would be committed without their stream. */
  private async undoTo(savepoint: string): Promise<void> {
    try {
      await this.session.execute(`ROLLBACK TO SAVEPOINT ${savepoint}`);
    } catch (error) {
      throw new TransactionLost(reasonOf(error));
    }
  }

  private async isOwnFault(error: unknown, table: string, inTransaction: boolean): Promise<boolean> {
    const fault = this.session.faultOf(error);
    if (error instanceof TableChanged || error instanceof TransactionLost || fault === 'server' || !this.isIsolating(table)) return false;
    if (fault !== 'table') return true;
    return this.how.probe !== null && (await this.how.probe.takesRows(this.session, inTransaction));
  }

  private isIsolating(table: string): boolean {
    return this.how.isolating || this.how.refusing.has(table);
  }

  /** Refused rows may fit the table in its current form. */
  private async check(target: Target): Promise<void> {
    if (this.checked.has(target)) return;
    this.checked.add(target);
    if (await this.tables.changed(this.session, target)) throw new TableChanged(`table ${target.table} was altered`);
  }

  private refuse({ table, columns }: TableRows, from: number, to: number, error: unknown): void {
    const reason = reasonOf(error);
    for (let row = from; row < to; row++) this.refused.push({ table, row, reason, columns });
  }
}
