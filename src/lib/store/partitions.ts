/** Partitions by capture time, made when rows need them. */
import type { TableRows } from '../base/index.js';
import type { Session } from './session.js';
import type { StoreOptions } from './store.js';
import type { Target } from './target.js';

export async function ensurePartitions(_session: Session, _target: Target, _rows: TableRows, _options: StoreOptions): Promise<void> {}
