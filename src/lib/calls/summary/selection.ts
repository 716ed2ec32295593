/** Which calls are wanted, by what became of them. */
import { UsageError } from '../../base/index.js';
import { CALL_FLAGS, CALL_STATES } from '../tracking/states.js';
import { isFailed, type CallSummary } from './call-summary.js';

export interface CallCriteria {
  /** Any of these; empty is every one. */
  states: readonly string[];
  flags: readonly string[];
  /** What their first request began: a method, or a kind as `call` or `registration`. */
  kinds: readonly string[];
  /** Final status: 486, 4xx, 400-499. */
  status: readonly string[];
  failed: boolean;
  minDurationMs: number | null;
  maxDurationMs: number | null;
  minRingingMs: number | null;
}

export type CallTest = (call: CallSummary) => boolean;

/** Null where every call is wanted. */
export function callTest(criteria: CallCriteria): CallTest | null {
  const tests: CallTest[] = [];
  const { states, flags, kinds, failed, minDurationMs, maxDurationMs, minRingingMs } = criteria;
  checkNames(states, CALL_STATES, 'state');
  checkNames(flags, CALL_FLAGS, 'flag');
  if (states.length > 0) tests.push(({ state }) => states.includes(state));
  if (flags.length > 0) tests.push((call) => flags.some((flag) => (call.flags as readonly string[]).includes(flag)));
  if (kinds.length > 0) {
    const upper = kinds.map((kind) => kind.toUpperCase());
    tests.push(({ method, kind }) => upper.includes(method.toUpperCase()) || upper.includes(kind.toUpperCase()));
  }
  const ranges = criteria.status.map(statusRange);
  if (ranges.length > 0) tests.push(({ status }) => ranges.some(([low, high]) => status >= low && status <= high));
  if (failed) tests.push(isFailed);
  if (minDurationMs !== null) tests.push(({ talkingMs }) => talkingMs !== null && talkingMs >= minDurationMs);
  if (maxDurationMs !== null) tests.push(({ talkingMs }) => talkingMs !== null && talkingMs <= maxDurationMs);
  if (minRingingMs !== null) tests.push(({ ringingMs }) => ringingMs !== null && ringingMs >= minRingingMs);
  return tests.length === 0 ? null : (call) => tests.every((test) => test(call));
}

/** `486`, `4xx` or `400-499`. */
export function statusRange(text: string): readonly [number, number] {
  const single = /^[1-6]\d\d$/.exec(text);
  if (single !== null) return [Number(text), Number(text)];
  const family = /^([1-6])xx$/i.exec(text);
  if (family !== null) return [Number(family[1]) * 100, Number(family[1]) * 100 + 99];
  const range = /^([1-6]\d\d)-([1-6]\d\d)$/.exec(text);
  if (range !== null && range[1] <= range[2]) return [Number(range[1]), Number(range[2])];
  throw new UsageError(`invalid status '${text}': expected 486, 4xx or 400-499`);
}

function checkNames(names: readonly string[], known: readonly string[], what: string): void {
  for (const name of names)
    if (!known.includes(name)) throw new UsageError(`invalid --${what} '${name}': expected one of ${known.join(', ')}`);
}
