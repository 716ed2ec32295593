/** What an error of a database concerns; each engine sorts its own error numbers, and what it does not know is `unknown`. */
export type DatabaseFault =
  /** The values of a row. */
  | 'row'
  /** A table or column is not as we knew it. */
  | 'schema'
  /** A right is missing. */
  | 'denied'
  /** One table is full, crashed or damaged, or so it seems: the server's where no other table can be written either. */
  | 'table'
  /** The server, its disk, locks or connection: trying again is all there is to do. */
  | 'server'
  /** Anything else: taken as the server's at first, and as the rows' where the connection works. */
  | 'unknown';

/** A row that can never be sent or understood, found before the server sees it. */
export class RowFault extends Error {}

/** The table has other columns than were known when rows were refused: they may fit now. */
export class TableChanged extends Error {}

/** The server undid more than it was asked to: whatever is written now would be outside of the transaction. */
export class TransactionLost extends Error {}

export function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message !== undefined && message !== '' ? message : String(code ?? error);
}
