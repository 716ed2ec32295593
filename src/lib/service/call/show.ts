/** `call show`: the ladder of a call with its legs, and the quality of its media. */
import { readFileSync } from 'node:fs';
import { EXIT_USAGE, UsageError, type Environment } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { Names, type LaneBy, type LegHeader } from '../../calls/index.js';
import type { Pattern } from '../../route/filter/index.js';
import { compileLinePattern } from '../../route/index.js';
import { exitCode, type CallRunOptions } from './call-run.js';
import { CallWish, type CallWishOptions } from './call-wish.js';
import { MessageScan } from './scan.js';
import { findCalls, type FoundCall, type LegOptions } from './show/find-calls.js';
import { followCall } from './show/follow.js';
import { writeLadders, type LadderForm } from './show/write-ladders.js';

/** Which calls, and which legs with them. */
export interface CallChoiceOptions extends CallWishOptions, CallRunOptions {
  callIds: readonly string[];
  latest: boolean;
  limit: number;
  /** NAME or NAME:REGEX. */
  legHeaders: readonly string[];
  guessLegs: boolean;
  /** The Call-IDs alone, without other legs. */
  single: boolean;
}

export interface CallShowOptions extends CallChoiceOptions {
  format: LadderForm;
  ascii: boolean;
  /** Columns; 0 asks the terminal. */
  width: number;
  verbose: boolean;
  /** Each retransmission is a row. */
  unfold: boolean;
  by: LaneBy;
  /** Path of the file with names of addresses, '' for none. */
  names: string;
  /** Show the call while it goes on. */
  follow: boolean;
}

export async function callShow(options: CallShowOptions, env: Environment): Promise<number> {
  const names = options.names === '' ? null : new Names(readNames(options.names), options.names);
  const times = new Zone(options.filter.zone);
  if (options.follow) return followCall(options, { ...options, times, names }, options.legHeaders.map(legHeader), env);
  const { found, code } = await chosenCalls(options, env);
  if (!(await writeLadders(found, { ...options, times, names }, env))) return EXIT_USAGE;
  return exitCode(code, found.length);
}

/** The calls that the flags choose, with their legs. */
async function chosenCalls(options: CallChoiceOptions, env: Environment): Promise<{ found: FoundCall[]; code: number }> {
  const { callIds, single, guessLegs } = options;
  const wish = new CallWish(options, env);
  const legs = legOptions(options);
  refuseNoChoice(options, wish);
  const scan = new MessageScan(options, env, { isOnce: callIds.length > 0 && single && !guessLegs });
  try {
    const found = await findCalls(scan, wish, options, legs, env);
    reportMissing(callIds, found, env);
    return { found, code: scan.code };
  } finally {
    await scan.close();
  }
}

export function legOptions({ legHeaders, single, guessLegs }: CallChoiceOptions): LegOptions {
  return { headers: legHeaders.map(legHeader), joins: !single, guess: guessLegs };
}

export function refuseNoChoice({ callIds, latest }: CallChoiceOptions, wish: CallWish): void {
  if (callIds.length === 0 && !latest && wish.isEmpty)
    throw new UsageError('no call: specify Call-IDs, --latest, or which calls (--failed, --from-user, --since, …)');
}

function reportMissing(callIds: readonly string[], found: readonly FoundCall[], env: Environment): void {
  for (const callId of callIds)
    if (!found.some(({ legs }) => legs.some((leg) => leg.callId === callId))) env.log.warn(`no messages of call ${callId}`);
}

function readNames(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read --names ${file}: ${(error as Error).message}`);
  }
}

/** `X-Session` or `X-Session:id=(\w+)`; the pattern is linear whatever it is matched with. */
export function legHeader(text: string): LegHeader {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!/^[\w!%*+`'~.-]+$/.test(name))
    throw new UsageError(`invalid --leg-header '${text}': expected NAME or NAME:REGEX, as X-Session:id=(\\w+)`);
  if (colon < 0) return { name, pattern: null };
  const pattern = compileLinePattern(text.slice(colon + 1));
  if (typeof pattern === 'string') throw new UsageError(`invalid --leg-header '${text}': ${pattern}`);
  return { name, pattern: { exec: (value) => firstMatch(pattern, value) } };
}

function firstMatch(pattern: Pattern, value: string): [string, string | undefined] | null {
  const matcher = pattern.matcher(value);
  if (!matcher.find()) return null;
  return [matcher.group(0) ?? '', matcher.groupCount() > 0 ? (matcher.group(1) ?? undefined) : undefined];
}
