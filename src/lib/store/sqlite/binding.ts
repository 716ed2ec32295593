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
      return await (await import('./package-binding.js')).packageBinding();
    } catch (error) {
      why = `the package sqlite3 ${problem(error as NodeJS.ErrnoException)}, and `;
    }
  }
  if (choice !== 'package' && hasBuiltin(process.versions.node)) return (await import('./builtin-binding.js')).openBuiltin;
  throw new UsageError(
    `SQLite is not available: ${why}Node.js ${process.versions.node} has no node:sqlite
use Node.js 22.13 or newer, or install sqlite3 with its install script, a C++ compiler, make and python3; other databases need neither`,
  );
}

function problem({ code, message }: NodeJS.ErrnoException): string {
  if ((code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') && message.includes("'sqlite3'")) return 'is not installed';
  if (message.startsWith('Could not locate the bindings file')) return 'was not compiled when it was installed';
  return `cannot be loaded (${message.split('\n')[0]})`;
}

export function hasBuiltin(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major > BUILTIN_SINCE[0] || (major === BUILTIN_SINCE[0] && minor >= BUILTIN_SINCE[1]);
}
