/** The supported databases. */
import { UsageError } from '../base/index.js';
import type { DatabaseKind } from './database-url.js';
import { CLICKHOUSE_ENGINE } from './clickhouse/engine.js';
import type { Engine } from './engine.js';
import { MYSQL_ENGINE } from './mysql/engine.js';
import { POSTGRESQL_ENGINE } from './postgresql/engine.js';
import type { PartitionBy } from './sql/shape-of.js';
import { SQLITE_ENGINE } from './sqlite/engine.js';

export const ENGINES: readonly Engine[] = [SQLITE_ENGINE, MYSQL_ENGINE, POSTGRESQL_ENGINE, CLICKHOUSE_ENGINE];

export function engineOf(kind: DatabaseKind): Engine {
  return ENGINES.find((engine) => engine.kind === kind)!;
}

/** Throws if partitions are requested of a database without them, or others than it has. */
export function refusePartitions(kind: DatabaseKind, by: PartitionBy): void {
  if (by === 'none') return;
  const { dialect, title } = engineOf(kind);
  if (dialect.partitions === null)
    throw new UsageError(`${title} has no partitions: use dated tables instead (--table sip_capture_%Y%m%d)`);
  const { always = by } = dialect.partitions;
  if (always !== by) throw new UsageError(`${title} tables are always partitioned by ${always}: omit --partition ${by}`);
}
