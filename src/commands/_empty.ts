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

interface Parsed {
  flags: object;
  raw: readonly { type: string; flag?: string }[];
}

/** Only flags on the command line; throws a UsageError. */
export function refuseEmpty({ flags, raw }: Parsed): void {
  for (const { type, flag } of raw) {
    if (type !== 'flag' || flag === undefined || !NEVER_EMPTY.has(flag)) continue;
    if ([(flags as Record<string, unknown>)[flag]].flat().includes(''))
      throw new UsageError(`--${flag} is empty; leave it out, or set the variable that it is taken from`);
  }
}
