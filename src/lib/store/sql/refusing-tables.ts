/**
 * Tables that refuse all rows. The connections of an output share one list: findings of one are known to the others, and
 * logged once. Names may come from traffic: the list is bounded, and tables that refused nothing for long are forgotten.
 */
import type { Clock, Log } from '../../base/index.js';

/** A dated table gets no more rows after its day. */
const FORGET_AFTER_MS = 15 * 60_000;
const MAX_TABLES = 1000;

export interface RefusingTable {
  table: string;
  /** The database's own message. */
  reason: string;
}

interface Entry extends RefusingTable {
  /** The table itself is at fault (full, crashed), not its name or a missing permission. */
  isFailing: boolean;
  lastAt: number;
}

export class RefusingTables {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  has(table: string): boolean {
    this.forget();
    return this.entries.has(table);
  }

  add(table: string, reason: string, isFailing: boolean): void {
    const isNew = !this.has(table);
    this.entries.delete(table);
    if (this.entries.size >= MAX_TABLES) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(table, { table, reason, isFailing, lastAt: this.clock.monotonic() });
    if (!isNew) return;
    if (!isFailing) this.log.warn(`table ${table} rejects all rows (${reason}); storing the other tables`);
    else
      this.log.warn(
        `table ${table} cannot be written (${reason}); storing the other tables. Repair it, then store its rows from the quarantine file with 'sipcap db import-quarantine'`,
      );
  }

  /** It accepts rows. */
  remove(table: string): void {
    if (this.entries.delete(table)) this.log.warn(`table ${table} accepts rows again`);
  }

  /** Tables that are full, crashed or otherwise out of order. */
  failing(): RefusingTable[] {
    this.forget();
    return [...this.entries.values()].filter(({ isFailing }) => isFailing).map(({ table, reason }) => ({ table, reason }));
  }

  /** The latest refusals are at the end. */
  private forget(): void {
    const before = this.clock.monotonic() - FORGET_AFTER_MS;
    for (const { table, lastAt } of this.entries.values()) {
      if (lastAt >= before) return;
      this.entries.delete(table);
    }
  }
}
