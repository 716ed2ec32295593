/** How a process of a group ended, in words. */
import { UnreachableError } from '../../base/index.js';
import { errorOf } from './plain-error.js';
import type { FromProcess } from './protocol.js';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it sent before: its exit code and last report, or why it could not run. */
  word: Extract<FromProcess, { kind: 'ended' | 'failed' }> | null;
  /** It was killed because it had not answered for so many seconds; else 0. */
  silentSeconds: number;
}

/** The error of a process that did not start, as if it were the parent's own. */
export function startFailure(index: number, ending: Ending): Error {
  const { word, silentSeconds } = ending;
  if (word?.kind === 'failed') return errorOf(word.error);
  if (silentSeconds > 0) return new UnreachableError(`process ${index} did not answer for ${silentSeconds} s while it started: killed`);
  return new Error(`process ${index} ${howText(ending)} before it was ready`);
}

export function howText({ code, signal, word }: Ending): string {
  if (word?.kind === 'failed') return `failed: ${word.error.message}`;
  if (signal !== null) return `died (${signal})`;
  return code === null ? 'died' : `ended (exit code ${code})`;
}
