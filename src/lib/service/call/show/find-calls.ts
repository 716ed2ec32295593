/** Finds the requested calls, their legs and all messages of both, in rounds over the input. */
import type { Environment, Message } from '../../../base/index.js';
import { CallIndex, LegFinder, guessedLink, summaryOf, type CallSummary, type Leg, type LegHeader } from '../../../calls/index.js';
import type { FaxReport, StreamReport } from '../../../media/index.js';
import { arrivals } from '../call-run.js';
import type { WantedCalls } from '../wanted-calls.js';
import type { MessageScan } from '../scan.js';
import { legQuery, nearQuery } from './leg-query.js';

export interface ChoiceOptions {
  callIds: readonly string[];
  /** Only the newest matching call. */
  latest: boolean;
  limit: number;
}

export interface LegOptions {
  headers: readonly LegHeader[];
  /** Look for other legs at all. */
  joins: boolean;
  guess: boolean;
}

/** Calls that belong in one picture. */
export interface FoundCall {
  calls: CallSummary[];
  legs: Leg[];
  messages: Message[];
  reports: Message[];
  /** RTP, if it was tracked. */
  streams?: StreamReport[];
  /** T.38, where it was captured. */
  faxes?: FaxReport[];
  /** T.38 was announced. */
  hasFax?: boolean;
  partial: string;
}

/** Sees every message of the legs. */
interface Learner {
  learn(message: Message): void;
}

export async function findCalls(
  scan: MessageScan,
  wanted: WantedCalls,
  choice: ChoiceOptions,
  legs: LegOptions,
  env: Environment,
): Promise<FoundCall[]> {
  const finder = await findLegs(scan, wanted, choice, legs, env);
  return finder === null ? [] : pictures(finder);
}

/** `found`: the Call-IDs with messages or reports. */
export function reportMissing(callIds: readonly string[], found: ReadonlySet<string>, env: Environment): void {
  for (const callId of callIds) if (!found.has(callId)) env.log.warn(`no messages of call ${callId}`);
  if (callIds.length === 0 && found.size === 0) env.log.warn('no such call');
}

/** Null if no call is selected. */
export async function findLegs(
  scan: MessageScan,
  wanted: WantedCalls,
  choice: ChoiceOptions,
  legs: LegOptions,
  env: Environment,
  learner: Learner | null = null,
): Promise<LegFinder | null> {
  const callIds = choice.callIds.length > 0 ? choice.callIds : await chosen(scan, wanted, choice, env);
  if (callIds.length === 0) return null;
  const finder = new LegFinder(callIds, legs.headers, legs.joins);
  const look = async () => {
    do {
      const query = await legQuery(finder, scan.reader, legs.headers.length > 0);
      finder.beginRound();
      await scan.round(finder, { ...wanted.tables, wanted: { query } });
    } while (finder.endRound(scan.isDatabase));
  };
  await look();
  if (legs.guess && finder.messages.length > 0 && (await guess(scan, finder, wanted))) await look();
  for (const value of finder.tooCommon) env.log.warn(`'${value}' would join more than 50 calls: not taken as a key of legs`);
  if (learner !== null) for (const message of finder.messages) learner.learn(message);
  return finder;
}

/** Selects by outcome: all calls are tracked once. */
async function chosen(scan: MessageScan, wanted: WantedCalls, { latest, limit }: ChoiceOptions, env: Environment): Promise<string[]> {
  const passed: CallSummary[] = [];
  let newest: CallSummary | null = null;
  let leftOut = 0;
  const test = wanted.test ?? (({ kind }: CallSummary) => kind === 'call' || !latest);
  const index = new CallIndex({
    arrivedAt: arrivals(scan.isLive, env),
    onCall: (call) => {
      if (!call.selected) return;
      const summary = wanted.summaryOf(call);
      if (!test(summary)) return;
      if (latest) {
        if (newest === null || summary.startedAt > newest.startedAt) newest = summary;
      } else if (passed.length < limit) passed.push(summary);
      else leftOut++;
    },
  });
  const message = (message: Message) => {
    const call = index.add(message);
    if (call !== null) wanted.see(call, message);
  };
  await scan.round({ message, report() {} }, wanted.database);
  index.finish();
  if (newest !== null) return [(newest as CallSummary).callId];
  if (leftOut > 0) env.log.info(`showing ${passed.length} calls: ${leftOut} left out by --limit`);
  return [...new Set(passed.map(({ callId }) => callId))];
}

/** True if the heuristic added a leg. */
async function guess(scan: MessageScan, finder: LegFinder, wanted: WantedCalls): Promise<boolean> {
  const known = summaries(finder.messages);
  const before = finder.legs.size;
  const index = new CallIndex({
    onCall: (call) => {
      if (call.kind !== 'call' || finder.legs.has(call.callId)) return;
      const summary = summaryOf(call);
      for (const each of known) {
        const link = guessedLink(each, summary);
        if (link !== '') finder.guess(call.callId, link, each.callId);
      }
    },
  });
  await scan.round(
    { message: (message) => void index.add(message), report() {} },
    { ...wanted.tables, wanted: { query: nearQuery(finder, null) } },
  );
  index.finish();
  return finder.legs.size > before;
}

export function summaries(messages: readonly Message[]): CallSummary[] {
  const found: CallSummary[] = [];
  const index = new CallIndex({ onCall: (call) => found.push(summaryOf(call)) });
  for (const message of messages) index.add(message);
  index.finish();
  return found.sort((a, b) => a.number - b.number);
}

/** Legs that share a value, directly or via others, are in one ladder. */
function pictures(finder: LegFinder): FoundCall[] {
  const groups = finder.groups();
  return groups
    .map((legs) => {
      const callIds = new Set(legs.map(({ callId }) => callId));
      const messages = finder.messages.filter(({ sip }) => callIds.has(sip!.callId));
      const reports = finder.reports.filter(({ correlationId }) => callIds.has(correlationId));
      const calls = summaries(messages);
      const order = new Map(calls.map(({ callId }, i) => [callId, i]));
      const withReports = new Set(reports.map(({ correlationId }) => correlationId));
      const place = ({ callId }: Leg) => order.get(callId) ?? calls.length;
      const found = legs.filter(({ callId }) => order.has(callId) || withReports.has(callId)).sort((a, b) => place(a) - place(b));
      return { calls, legs: found, messages, reports, partial: finder.partial };
    })
    .filter(({ messages, reports }) => messages.length + reports.length > 0)
    .sort((a, b) => startOf(a) - startOf(b));
}

/** For a call with reports only: the first of them. */
export function startOf({ calls, reports }: FoundCall): number {
  return calls.length > 0 ? calls[0].startedAt : reports[0].capturedAt;
}
