/** Work on one table of several: an error of that table alone does not affect the others. */
import { UsageError } from '../../base/index.js';
import { reasonOf } from './faults.js';
import type { Session } from './session.js';

/** A table that could not be read or pruned, and why. */
export type OnFailedTable = (table: string, reason: string) => void;

/** Null if that table failed. Without `onFailed`, and if the server is at fault, it throws. */
export async function forTable<T>(
  session: Session,
  table: string,
  onFailed: OnFailedTable | undefined,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (onFailed === undefined || error instanceof UsageError || session.faultOf(error) === 'server') throw error;
    onFailed(table, reasonOf(error));
    return null;
  }
}
