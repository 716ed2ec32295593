/** Selects calls by their outcome. */
import { UsageError, expectedOneOf } from '../../base/index.js';
import { CALL_FLAGS, CALL_STATES } from '../tracking/states.js';
import { isFailed, type CallSummary } from './call-summary.js';

export interface CallCriteria {
  /** Any of these; empty is every one. */
  states: readonly string[];
  flags: readonly string[];
  /** The type of their first request: a method, or a kind such as `call` or `registration`. */
  kinds: readonly string[];
  /** Tests the final status; null if every one is selected. */
  status: ((status: number) => boolean) | null;
  failed: boolean;
  minDurationMs: number | null;
  maxDurationMs: number | null;
  minRingingMs: number | null;
  /** Calls whose worst MOS is this or lower; null if every one is selected. */
  maxMos?: number | null;
}

export type CallTest = (call: CallSummary) => boolean;

/** Null if every call is selected. */
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
  const isWanted = criteria.status;
  if (isWanted !== null) tests.push(({ status }) => isWanted(status));
  if (failed) tests.push(isFailed);
  if (minDurationMs !== null) tests.push(({ talkingMs }) => talkingMs !== null && talkingMs >= minDurationMs);
  if (maxDurationMs !== null) tests.push(({ talkingMs }) => talkingMs !== null && talkingMs <= maxDurationMs);
  if (minRingingMs !== null) tests.push(({ ringingMs }) => ringingMs !== null && ringingMs >= minRingingMs);
  const { maxMos } = criteria;
  if (maxMos !== null && maxMos !== undefined) tests.push(({ mos }) => mos !== null && mos <= maxMos);
  return tests.length === 0 ? null : (call) => tests.every((test) => test(call));
}

function checkNames(names: readonly string[], known: readonly string[], what: string): void {
  for (const name of names) if (!known.includes(name)) throw new UsageError(`invalid --${what} '${name}': ${expectedOneOf(name, known)}`);
}
