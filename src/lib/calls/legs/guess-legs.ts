/**
 * Legs by numbers and times only: the second call begins within two seconds at the host where the first one
 * arrives, ends within two seconds of it, and both parties match in their last digits. Heuristic, and marked as such.
 */
import type { CallSummary } from '../summary/call-summary.js';

const SECONDS = 2e6;
const COMPARED_DIGITS = 7;

/** What they have in common, '' if they are not legs of each other. */
export function guessedLink(a: CallSummary, b: CallSummary): string {
  if (a.kind !== 'call' || b.kind !== 'call' || a.callId === b.callId) return '';
  const [first, second] = a.startedAt <= b.startedAt ? [a, b] : [b, a];
  if (second.source !== first.destination || second.startedAt - first.startedAt > SECONDS) return '';
  if ((first.endedAt === 0) !== (second.endedAt === 0) || Math.abs(first.endedAt - second.endedAt) > SECONDS) return '';
  if (!isSameNumber(first.fromUser, second.fromUser) || !isSameNumber(first.toUser, second.toUser)) return '';
  return `${first.fromUser} > ${first.toUser}`;
}

/** Equal, or equal in the last seven digits, whatever prefix each has. */
export function isSameNumber(a: string, b: string): boolean {
  if (a === b) return a !== '';
  const x = a.replace(/\D/g, '');
  const y = b.replace(/\D/g, '');
  return x.length >= COMPARED_DIGITS && y.length >= COMPARED_DIGITS && x.slice(-COMPARED_DIGITS) === y.slice(-COMPARED_DIGITS);
}
