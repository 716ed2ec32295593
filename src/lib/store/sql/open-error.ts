/** Why a database cannot be opened: an operator error, or worth a later attempt. */
import { UnreachableError, UsageError } from '../../base/index.js';
import { reasonOf } from './faults.js';

export function openError(error: unknown, shown: string): UsageError | UnreachableError {
  const what = `cannot open database ${shown}`;
  if ((error as NodeJS.ErrnoException).code === 'SQLITE_NOTADB')
    return new UsageError(`${what}: the file is not an SQLite database; it was not touched: name another file`);
  return new UnreachableError(`${what}: ${reasonOf(error)}`);
}
