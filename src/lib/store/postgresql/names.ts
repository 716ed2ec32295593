/** Names in PostgreSQL: limited to 63 bytes, and the longest suffix of ours is `_p2023111415` or `_correlation_id`. */
import { doubleQuoted, type Naming } from '../sql/names.js';

export const POSTGRESQL_NAMES: Naming = { folder: 'postgresql', quote: doubleQuoted, schemas: true, longestName: 48 };
