/**
 * Opening a database for a source that cannot wait: a server that accepts the connection and never answers is like one that
 * cannot be reached. What comes meanwhile is buffered, or spooled.
 */
import { UnreachableError, type Log } from '../../base/index.js';
import { within } from '../../sink/batch/pause.js';

/** Live sources are read without a database that does not answer for so long. */
const OPEN_MS = 1000;

/** Resolves when the database is open, or after a short time; throws what opening throws until then. */
export async function openSoon(opening: Promise<true>, shown: string, log: Log): Promise<void> {
  if ((await within(opening, OPEN_MS)) !== null) return;
  log.warn(`cannot open database ${shown}: no answer within ${OPEN_MS / 1000} s; retrying`);
  opening.catch((error: Error) => {
    // Writing retries, and logs what it meets.
    if (!(error instanceof UnreachableError)) log.error(error.message);
  });
}
