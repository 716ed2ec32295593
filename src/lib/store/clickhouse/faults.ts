/** Errors of ClickHouse: their numbers from the text of the response, and the categories of these. */
import { tlsProblem } from '../../base/index.js';
import { RowFault, type DatabaseFault } from '../sql/faults.js';

/** Values of a row: out of bounds, not parsed, a violated constraint. */
const ROW = new Set([6, 26, 27, 32, 38, 41, 53, 69, 70, 72, 117, 131, 190, 321, 349, 395, 441, 469]);
/** No such column, table, database; another structure. */
const SCHEMA = new Set([7, 8, 10, 16, 36, 44, 47, 60, 80, 81]);
/** Readonly user, no access to the database, wrong password, denied. */
const DENIED = new Set([164, 191, 192, 193, 194, 195, 291, 497, 516]);
/** Damaged parts of a table. */
const TABLE = new Set([40, 228, 229, 230, 246, 271, 354, 376]);

/** An error that the server reported. `code` is its number as text. */
export class ClickhouseError extends Error {
  readonly code: string;

  constructor(
    message: string,
    readonly number: number,
  ) {
    super(message);
    this.code = `CLICKHOUSE_${number}`;
  }
}

/** Errors of 18.16 are text alone: `Code: 60, e.displayText() = DB::Exception: …, e.what() = DB::Exception`. */
const OLD = /^Code: (\d+), e\.displayText\(\) = (?:DB::Exception: )?([\s\S]*?)(?:, e\.what\(\) = [\s\S]*)?$/;
const NEW = /^(?:\[.*?\] )?Code: (\d+)\. (?:DB::Exception: )?([\s\S]*?)(?:\(version [^)]*\))?\s*$/;

/** Null if the text is not an error. */
export function errorOfText(text: string): ClickhouseError | null {
  const match = OLD.exec(text) ?? NEW.exec(text);
  return match === null ? null : new ClickhouseError(match[2].trim() || `error ${match[1]} of ClickHouse`, Number(match[1]));
}

/** The client's errors have the number beside the message, or the response as their message. */
export function serverError(error: unknown): unknown {
  const { message = '', code, type } = error as { message?: string; code?: string; type?: string };
  if (type !== undefined && code !== undefined && /^\d+$/.test(code)) return new ClickhouseError(message, Number(code));
  return errorOfText(message) ?? error;
}

/** Names the side at fault, and the way out. A connection that is reset later is none of TLS. */
export function tlsError(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  // What is not TLS fails when the client's first record is written.
  const isPlain = code === 'EPROTO' && /wrong version number|packet length too long/.test(message);
  const problem = isPlain ? 'it is not using TLS' : code === 'ECONNRESET' ? '' : tlsProblem(error as NodeJS.ErrnoException);
  if (problem === '') return error;
  const advice = problem.includes('trusted authority') ? '; name its authority with sslrootcert=FILE in the URL' : '';
  return Object.assign(new Error(`${problem}${advice}`), { code });
}

export function clickhouseFault(error: unknown): DatabaseFault {
  if (error instanceof RowFault) return 'row';
  // Everything else is of the connection.
  if (!(error instanceof ClickhouseError)) return 'server';
  const { number } = error;
  if (ROW.has(number)) return 'row';
  if (SCHEMA.has(number)) return 'schema';
  if (DENIED.has(number)) return 'denied';
  if (TABLE.has(number)) return 'table';
  return SERVER.has(number) ? 'server' : 'unknown';
}

/** Memory, limits, time, network, too many parts, disk, read-only replica, ZooKeeper, shutdown. */
const SERVER = new Set([
  3, 33, 74, 75, 76, 84, 159, 160, 164, 165, 201, 202, 203, 204, 205, 206, 209, 210, 225, 236, 241, 242, 243, 244, 252, 254, 256, 279, 285,
  286, 289, 305, 306, 319, 335, 364, 373, 394, 415, 425, 439, 440, 499, 571, 574, 594, 600, 689, 999, 1000, 1002,
]);
