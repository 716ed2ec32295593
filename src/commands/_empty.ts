/** Flags that decide who may send and where messages go: an empty value is a variable that is not set, and would switch them off silently. */
import { UsageError } from '../lib/base/fault.js';

const NEVER_EMPTY: ReadonlySet<string> = new Set([
  'allow',
  'auth-key',
  'db',
  'from',
  'hep',
  'hep-key',
  'hep-listen',
  'spool',
  'target-ca',
  'target-cert',
  'target-key',
  'tls-cert',
  'tls-client-ca',
  'tls-key',
  'to',
  'token',
  'user',
  'write',
]);

/** The words of a command line as flags and arguments; throws a UsageError. */
export function refuseEmpty(raw: readonly { flag?: string; input: string }[]): void {
  const empty = raw.find(({ flag, input }) => flag !== undefined && NEVER_EMPTY.has(flag) && input === '');
  if (empty !== undefined) throw new UsageError(`--${empty.flag} is empty; leave it out, or set the variable that it is taken from`);
}
