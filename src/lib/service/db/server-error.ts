/**
 * What a server refuses (rights, locks) is for the operator: its own words, without a stack trace of ours. A server that is
 * gone in the middle of the work is one that cannot be reached.
 */
import { UnreachableError, UsageError } from '../../base/index.js';

/** Of sockets, mysql2, PostgreSQL (class 08, and the server's end) and SQLite. */
const GONE =
  /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|PROTOCOL_CONNECTION_LOST|ER_SERVER_SHUTDOWN|08...|57P0[123]|SQLITE_(BUSY|LOCKED|IOERR))$/;
/** What pg says without a code. */
const TERMINATED = /^Connection terminated|^Client has encountered a connection error/;

export async function asServerError<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof UnreachableError) throw error;
    const { code, message } = error as { code?: string; message: string };
    if (GONE.test(code ?? '') || TERMINATED.test(message)) throw new UnreachableError(`${shown}: ${message}`);
    if (code === undefined) throw error;
    throw new UsageError(`${shown}: ${message}`);
  }
}
