/** `call show`: the ladder of a call with its legs, and the quality of its media. */
import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { EXIT_USAGE, UsageError, type Environment } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { Names, type LaneBy, type LegHeader } from '../../calls/index.js';
import { exitCode, type CallRunOptions } from './call-run.js';
import { CallWish, type CallWishOptions } from './call-wish.js';
import { guessedStreams, mediaWatch, streamsOfCalls, type MediaOptions } from './media/call-streams.js';
import { MessageScan } from './scan.js';
import { findCalls, type FoundCall } from './show/find-calls.js';
import { followCall } from './show/follow.js';
import { writeGuesses } from './show/write-guesses.js';
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

export interface CallShowOptions extends CallChoiceOptions, MediaOptions {
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
  const media = mediaWatch(options);
  const { found, code } = await chosenCalls({ ...options, source: { ...options.source, media } }, env);
  for (const each of found) {
    each.streams = streamsOfCalls(media, each.calls);
    each.hasFax = each.calls.some(({ callId }) => media?.hasFax(callId) === true);
  }
  if (!(await writeLadders(found, { ...options, times, names }, env))) return EXIT_USAGE;
  const guessed = guessedStreams(media);
  await writeGuesses(guessed, options.format, times, env);
  return exitCode(code, found.length + guessed.length);
}

/** The calls that the flags choose, with their legs. */
export async function chosenCalls(options: CallChoiceOptions, env: Environment): Promise<{ found: FoundCall[]; code: number }> {
  const { callIds, legHeaders, single, guessLegs } = options;
  const wish = new CallWish(options, env);
  const headers = legHeaders.map(legHeader);
  refuseNoChoice(options, wish);
  const scan = new MessageScan(options, env);
  const found = await findCalls(scan, wish, options, { headers, joins: !single, guess: guessLegs }, env);
  reportMissing(callIds, found, env);
  return { found, code: scan.code };
}

export function refuseNoChoice({ callIds, latest, rtpGuess }: CallChoiceOptions & Partial<MediaOptions>, wish: CallWish): void {
  if (callIds.length === 0 && !latest && wish.isEmpty && rtpGuess !== true)
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
  const source = text.slice(colon + 1);
  try {
    const pattern = RE2JS.compile(source);
    return { name, pattern: { exec: (value) => firstMatch(pattern, value) } };
  } catch (error) {
    throw new UsageError(`invalid --leg-header '${text}': ${(error as Error).message}`);
  }
}

function firstMatch(pattern: RE2JS, value: string): [string, string | undefined] | null {
  const matcher = pattern.matcher(value);
  if (!matcher.find()) return null;
  return [matcher.group(0) ?? '', matcher.groupCount() > 0 ? (matcher.group(1) ?? undefined) : undefined];
}
