/** `call show`: the ladder of a call with its legs, and the quality of its media. */
import { existsSync } from 'node:fs';
import { EXIT_USAGE, UsageError, type Environment } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import type { LaneBy } from '../../calls/index.js';
import { readNames } from '../../pipeline/output/address-names.js';
import { exitCode, type CallRunOptions } from './call-run.js';
import { faxesOfCalls, guessedStreams, mediaWatch, streamsOfCalls, type MediaOptions } from './media/call-streams.js';
import { wantedCalls, type WantedCalls, type WantedCallsOptions } from './wanted-calls.js';
import { MessageScan } from './scan.js';
import { findCalls, reportMissing, type FoundCall, type LegOptions } from './show/find-calls.js';
import { followCall } from './show/follow.js';
import { writeGuesses } from './show/write-guesses.js';
import { writeMissingShards } from './missing-shards.js';
import { writeLadders, type LadderForm } from './show/write-ladders.js';

/** Which calls, and which legs with them. */
export interface CallChoiceOptions extends WantedCallsOptions, CallRunOptions {
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
  /** Columns; 0 for the width of the terminal. */
  width: number;
  verbose: boolean;
  /** Each retransmission is a row. */
  unfold: boolean;
  by: LaneBy;
  /** Path of the file with names of addresses, '' for none. */
  names: string;
  /** Show the call while it is in progress. */
  follow: boolean;
}

export async function callShow(options: CallShowOptions, env: Environment): Promise<number> {
  const names = readNames(options.names);
  const times = new Zone(options.filter.zone);
  if (options.follow) return followCall(options, { ...options, times, names }, (await legOptions(options)).headers, env);
  const media = mediaWatch(options);
  const { found, code, missing } = await chosenCalls({ ...options, source: { ...options.source, media } }, env);
  for (const each of found) {
    each.streams = streamsOfCalls(media, each.calls);
    each.faxes = faxesOfCalls(media, each.calls);
    each.hasFax = each.calls.some(({ callId }) => media?.hasFax(callId) === true);
  }
  if (!(await writeLadders(found, { ...options, times, names, missingShards: missing }, env))) return EXIT_USAGE;
  const guessed = guessedStreams(media);
  await writeGuesses(guessed, options.format, times, env);
  // Each document names them itself.
  if (found.length === 0) await writeMissingShards(missing, options.format, env);
  return exitCode(code, found.length + guessed.length);
}

/** The calls selected by the flags, with their legs. */
async function chosenCalls(
  options: CallChoiceOptions,
  env: Environment,
): Promise<{ found: FoundCall[]; code: number; missing: readonly string[] }> {
  const { callIds, single, guessLegs } = options;
  const wanted = await wantedCalls(options, env);
  const legs = await legOptions(options);
  refuseNoChoice(options, wanted);
  const scan = new MessageScan(options, env, { isOnce: callIds.length > 0 && single && !guessLegs });
  try {
    const found = await findCalls(scan, wanted, options, legs, env);
    if (!scan.isInterrupted) reportMissing(callIds, new Set(found.flatMap(({ legs }) => legs.map(({ callId }) => callId))), env);
    return { found, code: scan.code, missing: scan.reader?.missing ?? [] };
  } finally {
    await scan.close();
  }
}

export async function legOptions({ legHeaders, single, guessLegs }: CallChoiceOptions): Promise<LegOptions> {
  // Patterns come with the language of conditions.
  const headers = legHeaders.length === 0 ? [] : legHeaders.map((await import('./show/leg-header.js')).legHeader);
  return { headers, joins: !single, guess: guessLegs };
}

export function refuseNoChoice(
  { callIds, latest, rtpGuess, source }: CallChoiceOptions & Partial<MediaOptions>,
  wanted: WantedCalls,
): void {
  if (callIds.length === 0 && !latest && wanted.isEmpty && rtpGuess !== true)
    throw new UsageError('no call: specify Call-IDs, --latest, or which calls (--failed, --from-user, --since, …)');
  const { files, db, interfaces, listeners } = source;
  const file =
    files.length + interfaces.length + listeners.length > 0 || db !== '' ? undefined : callIds.find((callId) => existsSync(callId));
  if (file !== undefined)
    throw new UsageError(`no input: ${file} stands where Call-IDs are expected; specify a capture file with -r ${file}`);
}
