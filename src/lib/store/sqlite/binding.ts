/**
 * SQLite by the sqlite3 package or, where that is not installed or could not be built, by Node's own node:sqlite in a
 * thread; both behave alike. SIPCAP_SQLITE=package or builtin chooses one.
 */
import { UsageError } from '../../base/index.js';
import type { OpenSqlite } from './database.js';

const BUILTIN_SINCE = [22, 13];

export async function sqliteBinding(choice = process.env.SIPCAP_SQLITE ?? ''): Promise<OpenSqlite> {
  let why = '';
  if (choice !== 'builtin') {
    try {
      return (await import('./package-binding.js')).openWithPackage;
    } catch (error) {
      why = (error as Error).message.split('\n')[0];
    }
  }
  if (choice !== 'package' && hasBuiltin(process.versions.node)) return (await import('./builtin-binding.js')).openBuiltin;
  throw new UsageError(
    `SQLite is not available: ${why === '' ? '' : `the package sqlite3 cannot be loaded (${why}), and `}Node.js ${process.versions.node} has no node:sqlite
run npm rebuild sqlite3 (it needs a C++ compiler and python3), or use Node.js 22.13 or newer; other databases need neither`,
  );
}

export function hasBuiltin(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major > BUILTIN_SINCE[0] || (major === BUILTIN_SINCE[0] && minor >= BUILTIN_SINCE[1]);
}
