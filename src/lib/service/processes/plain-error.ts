/** Errors between processes: an error that ends a process at its start ends the parent as if it were its own. */
import { UnreachableError, UsageError } from '../../base/index.js';
import type { PlainError } from './protocol.js';

const SYSTEM_MEMBERS = ['code', 'errno', 'syscall', 'path', 'address', 'port'] as const;

export function plainError(thrown: unknown): PlainError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const name = error instanceof UsageError ? 'UsageError' : error instanceof UnreachableError ? 'UnreachableError' : error.name;
  const members: Record<string, unknown> = {};
  for (const member of SYSTEM_MEMBERS) {
    const value = (error as unknown as Record<string, unknown>)[member];
    if (typeof value === 'string' || typeof value === 'number') members[member] = value;
  }
  return { name, message: error.message, stack: error.stack ?? '', members };
}

export function errorOf({ name, message, stack, members }: PlainError): Error {
  if (name === 'UsageError') return new UsageError(message);
  if (name === 'UnreachableError') return new UnreachableError(message);
  return Object.assign(new Error(message), { name, stack }, members);
}
