/** Names in ClickHouse. */
import type { Naming } from '../sql/names.js';

export const CLICKHOUSE_NAMES: Naming = {
  folder: 'clickhouse',
  quote: (name) => `\`${name.replace(/[\\`]/g, '\\$&')}\``,
  schemas: true,
  longestName: 0,
};

export const CLICKHOUSE_PLAIN_NAMES: Naming = { ...CLICKHOUSE_NAMES, folder: 'clickhouse-plain' };
