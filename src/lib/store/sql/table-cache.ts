/**
 * The tables that rows go to, with their columns; the oldest is evicted if there are many (dated tables). Columns are
 * read again after errors and from time to time, so that an altered table is filled as it is now.
 */
import type { TableRows } from '../../base/index.js';
import { ownTables } from './own-tables.js';
import type { Session } from './session.js';
import { partitioningOf, shapeOf } from './shape-of.js';
import type { StoreOptions } from '../store.js';
import { checkTableName } from '../table-name.js';
import { makeTarget, signatureOf, type Target } from './target.js';

const MAX_KEPT = 64;

interface Entry {
  columns: readonly string[];
  target: Target;
  lookedAt: number;
}

export class TableCache {
  private readonly entries = new Map<string, Entry>();
  /** Our columns that each table had when last seen; outlives the cache. */
  private readonly present = new Map<string, ReadonlySet<string>>();

  constructor(private readonly options: StoreOptions) {}

  /** Null where there is no such table. */
  async find(session: Session, rows: TableRows): Promise<Target | null> {
    const now = this.options.clock.monotonic();
    const known = this.entries.get(presentKey(rows));
    if (known !== undefined && known.columns === rows.columns && now - known.lookedAt < this.options.lookEveryMs) return known.target;
    checkTableName(rows.table);
    const table = await session.tableNamed(rows.table);
    const found = await session.columns(table);
    if (found.length === 0) {
      this.entries.delete(presentKey(rows));
      return null;
    }
    if (known !== undefined && known.columns === rows.columns && known.target.signature === signatureOf(found)) {
      known.lookedAt = now;
      return known.target;
    }
    const ours = (await ownTables(session)).find(({ name }) => name === table);
    const before = this.present.get(presentKey(rows));
    const target = makeTarget(
      table,
      rows.columns,
      found,
      this.options.renames,
      partitioningOf(shapeOf(rows.columns), ours?.partition ?? 'none'),
      before,
    );
    if (target.names.length === 0 || target.places.every((place) => place < 0))
      throw new Error(`table ${table} has none of the columns that are to be stored`);
    await this.report(session, target, rows, before);
    this.present.set(presentKey(rows), new Set([...(before ?? []), ...rows.columns.filter((name) => !target.missing.includes(name))]));
    if (this.entries.size >= MAX_KEPT) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(presentKey(rows), { columns: rows.columns, target, lookedAt: now });
    return target;
  }

  /** True if the table's columns have changed. */
  async changed(session: Session, { table, signature }: Target): Promise<boolean> {
    return signatureOf(await session.columns(table)) !== signature;
  }

  clear(): void {
    this.entries.clear();
  }

  private async report(session: Session, target: Target, { columns }: TableRows, before: ReadonlySet<string> | undefined): Promise<void> {
    const { table, names, missing, lost } = target;
    const { log, renames } = this.options;
    if (lost.length > 0)
      log.warn(`table ${table} has no column ${lost.join(', ')}: rows are stored without (counted as not_stored_${lost[0]}, …)`);
    if (before !== undefined) return;
    for (const [ours, theirs] of Object.entries(renames))
      if (columns.includes(ours) && !names.includes(theirs)) log.warn(`table ${table} has no column ${theirs} for ${ours}`);
    const known = missing.filter((name) => !lost.includes(name));
    if (known.length > 0) log.info(`table ${table} has no columns ${known.join(', ')}: storing the others`);
    if (!(await session.transactional(table)))
      log.warn(`table ${table} uses an engine without transactions: after a failure rows may be stored twice`);
  }
}

/** SIP and reports may share one table. */
function presentKey({ table, columns }: TableRows): string {
  return `${columns.length} ${table}`;
}
