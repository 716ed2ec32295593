/**
 * Statistics of tables that were just filled: until the server's autovacuum has been there, its planner knows nothing of them, and
 * reads a table from end to end where an index would do.
 */
import type { Queries } from '../sql/queries.js';

/** Of fewer rows, every plan is quick. */
const MIN_ROWS = 10_000;
/** The table, or its partitions, if they have rows and were never analyzed (reltuples is 0 in versions before 14). */
const UNKNOWN = `
  SELECT c.oid::regclass::text AS name FROM pg_class c
  WHERE c.relkind = 'r' AND c.reltuples <= 0 AND pg_relation_size(c.oid) > 1000000
    AND (c.oid = ?::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ?::regclass))`;

export class FilledTables {
  private readonly rows = new Map<string, number>();

  add(table: string, rows: number): void {
    this.rows.set(table, (this.rows.get(table) ?? 0) + rows);
  }

  /** Asks nothing where no table got many rows. */
  async analyze(session: Queries): Promise<void> {
    for (const [table, rows] of this.rows)
      if (rows >= MIN_ROWS)
        for (const { name } of await session.all(UNKNOWN, [table, table])) await session.execute(`ANALYZE ${String(name)}`);
  }
}
