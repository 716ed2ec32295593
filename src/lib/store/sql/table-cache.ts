/** The tables that rows go to, looked at once each; the oldest is forgotten where there are many (dated tables). */
import type { TableRows } from '../../base/index.js';
import type { Session } from './session.js';
import type { PartitionBy } from './shape-of.js';
import type { StoreOptions } from '../store.js';
import { makeTarget, type Target } from './target.js';

const MAX_KEPT = 64;

export class TableCache {
  private readonly targets = new Map<string, { columns: readonly string[]; target: Target }>();
  /** Tables of which something was said already. */
  private readonly reported = new Set<string>();

  constructor(private readonly options: StoreOptions) {}

  /** Null where there is no such table. */
  async find(session: Session, rows: TableRows): Promise<Target | null> {
    const known = this.targets.get(rows.table);
    if (known !== undefined && known.columns === rows.columns) return known.target;
    const table = await session.tableNamed(rows.table);
    const found = await session.columns(table);
    if (found.length === 0) return null;
    const [ours] = await session.all('SELECT partition_by FROM sipcap_table WHERE name = ?', [table]);
    const target = makeTarget(table, rows.columns, found, this.options.renames, (ours?.partition_by ?? 'none') as PartitionBy);
    if (target.names.length === 0 || target.places.every((place) => place < 0))
      throw new Error(`the table ${table} has none of the columns that are to be stored`);
    if (!this.reported.has(rows.table)) await this.tell(session, target, rows);
    if (this.targets.size >= MAX_KEPT) this.targets.delete(this.targets.keys().next().value!);
    this.targets.set(rows.table, { columns: rows.columns, target });
    return target;
  }

  clear(): void {
    this.targets.clear();
  }

  private async tell(session: Session, { table, names, missing }: Target, { table: asked, columns }: TableRows): Promise<void> {
    const { log, renames } = this.options;
    this.reported.add(asked);
    for (const [ours, theirs] of Object.entries(renames))
      if (columns.includes(ours) && !names.includes(theirs))
        log.warn(`the table ${table} has no column ${theirs}, which was to hold ${ours}`);
    if (missing.length > 0) log.info(`the table ${table} has no ${missing.join(', ')}: the rest is stored`);
    if (!(await session.transactional(table)))
      log.warn(`the table ${table} is of an engine without transactions: after a failure rows may be stored twice`);
  }
}
