/** Categories of database errors; each engine maps its own error numbers, others are `unknown`. */
export type DatabaseFault =
  /** The values of a row. */
  | 'row'
  /** A table or column has changed. */
  | 'schema'
  /** A permission is missing. */
  | 'denied'
  /** One table is full, crashed or damaged, or so it seems: the server's where no other table can be written either. */
  | 'table'
  /** The server, its disk, locks or connection: the only remedy is to retry. */
  | 'server'
  /** Anything else: treated as the server's at first, then as the rows' if the connection works. */
  | 'unknown';

/** A row that can never be stored, detected before it is sent. */
export class RowFault extends Error {}

/** What is known of the table or its server was out of date: rows that were refused may be accepted now, so the batch is tried again. */
export class TableChanged extends Error {}

/** The server undid more than it was asked to: whatever is written now would be outside of the transaction. */
export class TransactionLost extends Error {}

export function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message !== undefined && message !== '' ? message : String(code ?? error);
}
