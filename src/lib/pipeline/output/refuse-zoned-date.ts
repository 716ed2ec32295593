/** `--local-date` is for columns without a time zone. */
import { UsageError } from '../../base/index.js';
import type { Store } from '../../store/index.js';

/** A local time in a column with a time zone, as in our own tables on servers, would be a different time. */
export async function refuseZonedDate(store: Store, table: string, zoned: string | null): Promise<void> {
  if (zoned === null) return;
  const type = (await store.timeType(table)) ?? zoned;
  if (type === zoned)
    throw new UsageError(`the date of ${table} is a ${type}, a moment in UTC: local time needs a table whose date is text or DATETIME`);
}
