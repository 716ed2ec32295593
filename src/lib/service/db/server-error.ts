/**
 * Refusals by a server (permissions, locks) concern the operator: its own message, without our stack trace. A server that is
 * lost during the work counts as unreachable.
 */
import { UnreachableError, UsageError } from '../../base/index.js';

/** Of sockets, mysql2, PostgreSQL (class 08, and the server's end) and SQLite. */
const GONE =
  /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|PROTOCOL_CONNECTION_LOST|ER_SERVER_SHUTDOWN|08...|57P0[123]|SQLITE_(BUSY|LOCKED|IOERR))$/;
/** Messages of pg without a code. */
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
