/** The categories of MySQL and MariaDB errors, by number. */
import { RowFault, type DatabaseFault } from '../sql/faults.js';

/**
 * Outside of SQLSTATE's classes for data: no default, wrong value, truncated value (ENUM), no partition, row too large,
 * CHECK of MySQL 8.
 */
const ROW = new Set([139, 1118, 1265, 1364, 1366, 1526, 3819]);
/** Unknown column, table; count of columns; view; no such database; none selected: it was dropped meanwhile. */
const SCHEMA = new Set([1046, 1049, 1054, 1109, 1136, 1146, 1356, 1412, 1932]);
const DENIED = new Set([1044, 1045, 1142, 1143, 1227, 1370, 1419, 1698]);
/**
 * One table is full, crashed or damaged, its file is missing or cannot be opened. A full disk is reported with these numbers
 * too, and each engine has its own of the handler's (126 and on) in the message of 1030.
 */
const TABLE = new Set([
  126, 127, 134, 135, 136, 144, 145, 1005, 1015, 1016, 1017, 1021, 1023, 1024, 1026, 1030, 1034, 1114, 1194, 1195, 1712, 1812, 1814, 1877,
]);
/** Memory, locks, limits, shutdown, broken connection, read-only. */
const SERVER = new Set([
  3, 5, 11, 12, 14, 20, 24, 28, 30, 122, 124, 174, 1004, 1028, 1037, 1038, 1040, 1041, 1053, 1077, 1078, 1079, 1080, 1135, 1152, 1154, 1155,
  1156, 1157, 1158, 1159, 1160, 1161, 1180, 1181, 1184, 1188, 1189, 1190, 1192, 1196, 1197, 1203, 1205, 1206, 1207, 1213, 1223, 1226, 1290,
  1317, 1402, 1412, 1614, 1637, 1713, 1792, 1836, 1927, 1969, 3024, 3032, 3100, 3101, 3572, 3619,
]);
/** The server (--read-only, super_read_only) or this session became read-only: another one may be the primary by now. */
const READ_ONLY = new Set([1290, 1792, 1836]);

export function mysqlFault(error: unknown): DatabaseFault {
  if (error instanceof RowFault) return 'row';
  const { sqlState = '', errno = 0, message = '' } = error as { sqlState?: string; errno?: number; message?: string };
  // A table whose name is too long for a file (each `$` or `é` takes five bytes in it).
  if (errno === 1005 && /errno: 36\b/.test(message)) return 'row';
  // Errors of the client have no SQLSTATE: the connection.
  if (SERVER.has(errno) || /^(08|40|70)/.test(sqlState) || (error as { fatal?: boolean }).fatal === true) return 'server';
  if (TABLE.has(errno)) return 'table';
  if (SCHEMA.has(errno)) return 'schema';
  if (DENIED.has(errno)) return 'denied';
  return ROW.has(errno) || /^(22|23|45)/.test(sqlState) ? 'row' : 'unknown';
}

/** True if the connection is useless although it works; `database` is its own, which was dropped. */
export function isStale(error: unknown, database: string): boolean {
  const { errno = 0, message = '' } = error as { errno?: number; message?: string };
  // A table name may name another database.
  const isOwn = errno === 1049 && message.includes(`'${database}'`);
  return READ_ONLY.has(errno) || errno === 1046 || isOwn;
}
