/**
 * The rows of a batch into their tables, inside its transaction. Where a step is refused its rows are tried again in
 * halves until the bad one is alone; a table that refuses everything concerns its own rows only.
 */
import { UsageError, type Counters, type RefusedRow, type TableRows } from '../../base/index.js';
import { reasonOf, TableChanged } from './faults.js';
import type { Isolation } from './isolation.js';
import type { Session } from './session.js';
import type { TableCache } from './table-cache.js';
import type { Target } from './target.js';

export class RowWriter {
  readonly refused: RefusedRow[] = [];
  /** How many of them for reasons that are not known to be theirs: of their table, or unknown. */
  unattributed = 0;
  /** Tables whose columns were read again because rows were refused. */
  private readonly checked = new Set<Target>();

  constructor(
    private readonly session: Session,
    private readonly tables: TableCache,
    private readonly isolation: Isolation,
    /** True where errors of unknown cause are the rows' own. */
    private readonly isolating: boolean,
    private readonly adjusted: Counters,
    private readonly warn: (text: string) => void,
  ) {}

  /** The target of these rows; null where it cannot be had and that is their own fault: then all of them are refused. */
  async target(rows: TableRows, find: () => Promise<Target>): Promise<Target | null> {
    try {
      return await find();
    } catch (error) {
      if (!(error instanceof UsageError) && !this.isOwnFault(error, rows.table)) throw error;
      this.refuse(rows, 0, rows.count, error);
      this.unattributed += rows.count;
      this.refusesAll(rows.table, reasonOf(error));
      return null;
    }
  }

  async insertAll(target: Target, rows: TableRows): Promise<void> {
    const before = this.refused.length;
    let unknown = 0;
    // One after the other: what follows a fatal error (SQLite may have rolled back by itself) must not run.
    for (let from = 0; from < rows.count;) {
      const to = this.session.stepEnd(target, rows, from);
      unknown += await this.insertHalving(target, rows, from, to);
      from = to;
    }
    this.unattributed += unknown;
    for (const name of target.lost) this.adjusted.add(`not_stored_${name}`, rows.count - (this.refused.length - before));
    if (unknown === rows.count && rows.count > 0) this.refusesAll(rows.table, this.refused[this.refused.length - 1].reason);
    else if (unknown === 0 && this.isolation.accepts(rows.table)) this.warn(`table ${rows.table} accepts rows again`);
  }

  /** Returns how many rows were refused for reasons that are not known to be theirs. */
  private async insertHalving(target: Target, rows: TableRows, from: number, to: number): Promise<number> {
    try {
      await this.insert(target, rows, from, to);
      return 0;
    } catch (error) {
      const isRow = this.session.faultOf(error) === 'row';
      if (!isRow && !this.isOwnFault(error, rows.table)) throw error;
      if (isRow) await this.check(target);
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

  /** In a table that refused everything before: whether the first and the last row fail alike, each alone. */
  private async endsFail(target: Target, rows: TableRows, from: number, to: number): Promise<boolean> {
    if (this.isolation.reason(rows.table) === '') return false;
    for (const row of [from, to - 1]) {
      await this.session.execute('SAVEPOINT sipcap_end');
      try {
        await this.session.insert(target, rows, row, row + 1, this.adjusted);
        await this.session.execute('ROLLBACK TO SAVEPOINT sipcap_end');
        return false;
      } catch (error) {
        if (this.session.faultOf(error) === 'server') throw error;
        await this.session.execute('ROLLBACK TO SAVEPOINT sipcap_end');
      }
    }
    return true;
  }

  /** Behind a savepoint where an error may be any: one that ended the whole transaction shows when it is gone. */
  private async insert(target: Target, rows: TableRows, from: number, to: number): Promise<void> {
    const { session } = this;
    if (!this.isolating && this.isolation.reason(rows.table) === '') {
      await session.insert(target, rows, from, to, this.adjusted);
      return;
    }
    await session.execute('SAVEPOINT sipcap_rows');
    try {
      await session.insert(target, rows, from, to, this.adjusted);
    } catch (error) {
      if (session.faultOf(error) !== 'server') await session.execute('ROLLBACK TO SAVEPOINT sipcap_rows');
      throw error;
    }
    await session.execute('RELEASE SAVEPOINT sipcap_rows');
  }

  private isOwnFault(error: unknown, table: string): boolean {
    if (error instanceof TableChanged || this.session.faultOf(error) === 'server') return false;
    return this.isolating || this.isolation.reason(table) !== '';
  }

  /** Rows that are refused may fit the table as it is by now. */
  private async check(target: Target): Promise<void> {
    if (this.checked.has(target)) return;
    this.checked.add(target);
    if (await this.tables.changed(this.session, target)) throw new TableChanged(`table ${target.table} was altered`);
  }

  private refuse({ table, columns }: TableRows, from: number, to: number, error: unknown): void {
    const reason = reasonOf(error);
    for (let row = from; row < to; row++) this.refused.push({ table, row, reason, columns });
  }

  private refusesAll(table: string, reason: string): void {
    if (this.isolation.refuses(table, reason)) this.warn(`table ${table} rejects all rows (${reason}); storing the other tables`);
  }
}
