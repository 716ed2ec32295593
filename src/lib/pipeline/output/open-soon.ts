/**
 * Opening a database for a source that cannot wait: a server that accepts the connection and never responds is like one that
 * cannot be reached. What arrives meanwhile is buffered or spooled.
 */
import { UnreachableError, type Log } from '../../base/index.js';
import { within } from '../../sink/batch/pause.js';

/** Live sources are started without a database that does not respond within this time. */
const OPEN_MS = 1000;

/** Resolves when the database is open, or after a short time; throws what opening throws until then. */
export async function openSoon(opening: Promise<true>, shown: string, log: Log): Promise<void> {
  if ((await within(opening, OPEN_MS)) !== null) return;
  log.warn(`cannot open database ${shown}: no answer within ${OPEN_MS / 1000} s; retrying`);
  opening.catch((error: Error) => {
    // Writing retries, and logs errors.
    if (!(error instanceof UnreachableError)) log.error(error.message);
  });
}
