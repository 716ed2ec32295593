/** The categories of PostgreSQL errors, by SQLSTATE. */
import { RowFault, type DatabaseFault } from '../sql/faults.js';

/** Classes for data: 22 and 23; P0001 is what a trigger raises. */
const ROW = /^(22...|23...|P0001)$/;
/** Undefined, duplicate or wrong: column, table, schema, type. */
const SCHEMA = /^(3F000|42703|42P01|42804|42P10|42701)$/;
/** Full tablespace or disk, a file that cannot be read or is missing; a relation that is not ready. */
const TABLE = /^(53100|55000|58030|58P01)$/;
/** Connection, transaction rolled back, resources, object in use, operator intervention, system, read-only. */
const SERVER = /^(08...|25006|40...|53...|55...|57...|58...)$/;

/** check_violation, which is also what a row without a partition raises. */
const NO_PARTITION = '23514';

export function postgresqlFault(error: unknown): DatabaseFault {
  if (error instanceof RowFault) return 'row';
  const { code, constraint } = error as { code?: string; constraint?: string };
  if (code === undefined) return 'unknown';
  // No check that failed, but a partition that is missing: somebody dropped it.
  if (code === NO_PARTITION && constraint === undefined) return 'schema';
  if (ROW.test(code)) return 'row';
  if (SCHEMA.test(code)) return 'schema';
  if (TABLE.test(code)) return 'table';
  if (code === '42501') return 'denied';
  // Codes other than SQLSTATEs come from the socket.
  return SERVER.test(code) || !/^[0-9A-Z]{5}$/.test(code) ? 'server' : 'unknown';
}
