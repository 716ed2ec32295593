/** `call list`: one line for each call, and for each registration, subscription and other group of messages. */
import { UsageError, type Environment, type Message } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { CallIndex, SortedCalls, type Call, type CallSummary } from '../../calls/index.js';
import type { MediaWatch } from '../../extract/media-watch.js';
import { terminalPaint } from '../../pipeline/output/terminal-colors.js';
import { chosenSource } from '../source-choice.js';
import { arrivals, exitCode, runCalls, type CallRunOptions } from './call-run.js';
import type { MessageTaker } from './call-handler.js';
import { wantedCalls, type WantedCalls, type WantedCallsOptions } from './wanted-calls.js';
import { explainCalls } from './explain.js';
import { writeMissingShards } from './missing-shards.js';
import { LiveView } from './list/live-view.js';
import { csv, ndjson, table, type ListFormat } from './list/formats.js';
import { mediaWatch, type MediaOptions } from './media/call-streams.js';
import { noteStreams } from './media/note-streams.js';
import { noteQuality } from './quality.js';
import type { RowProducer, RowSink } from './row-sink.js';

export interface CallListOptions extends WantedCallsOptions, CallRunOptions, MediaOptions {
  /** Only print how a database would be queried. */
  explain: boolean;
  format: 'table' | 'csv' | 'json';
  csvRaw: boolean;
  /** '' keeps the order in which calls end. */
  sort: string;
  /** 0 is no limit. */
  limit: number;
}

/** Rows of a sorted list, unless another number is given. */
const SORTED_LIMIT = 1000;
/** Interval between updates. */
const TICK_MS = 1000;

export async function callList(options: CallListOptions, env: Environment): Promise<number> {
  const wanted = await wantedCalls(options, env);
  if (options.explain) return explainCalls(options, wanted, env);
  const media = mediaWatch(options);
  const { interfaces, ports, durationSeconds, db } = options.source;
  // RTCP may use any port: with ports given, the kernel must drop everything else, unless it accepts all RTP anyway.
  const rtcp = media !== null || interfaces.length === 0 || ports.length === 0;
  const source = await chosenSource({ ...options.source, media }, wanted.database, rtcp, env);
  if (source.isLive && options.sort !== '') throw new UsageError('--sort needs an end: it works on files and databases only');
  const formats = await formatsOf(options, env);
  let list = null as CallLister | null;
  const taker = (rows: RowSink) => (list = new CallLister(options, wanted, formats, rows, source.isLive, env, media));
  const code = await runCalls({ source, options, durationSeconds, fromDatabase: db !== '', taker }, env);
  await writeMissingShards(source.missingShards ?? [], options.format, env);
  return exitCode(code, list?.found ?? 0);
}

/** A table is as wide as the terminal, which may be resized. */
async function formatsOf({ format, csvRaw, filter, media }: CallListOptions, env: Environment): Promise<() => ListFormat> {
  if (format === 'csv') return () => csv(csvRaw);
  if (format === 'json') return () => ndjson;
  const times = new Zone(filter.zone);
  const paint = await terminalPaint(env.colour);
  return () => table((env.stdout as { columns?: number }).columns, times, paint, media);
}

class CallLister implements MessageTaker, RowProducer {
  found = 0;
  private shown = 0;
  private readonly index: CallIndex;
  private readonly sorted: SortedCalls | null;
  private readonly view: LiveView | null;
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly format: ListFormat;
  private hasRoom = true;
  private hasHead = false;

  constructor(
    private readonly options: CallListOptions,
    private readonly wanted: WantedCalls,
    formats: () => ListFormat,
    private readonly rows: RowSink,
    isLive: boolean,
    private readonly env: Environment,
    private readonly media: MediaWatch | null,
  ) {
    this.format = formats();
    this.index = new CallIndex({ onCall: (call) => this.call(call), arrivedAt: arrivals(isLive, env) });
    this.view = isLive && env.colour && options.format === 'table' ? new LiveView(env.stdout, formats) : null;
    if (isLive) this.timer = setInterval(() => this.tick(), TICK_MS).unref();
    this.sorted = options.sort === '' ? null : new SortedCalls(options.sort, options.limit || SORTED_LIMIT);
  }

  message(message: Message): boolean {
    this.hasRoom = true;
    const call = this.index.add(message);
    if (call !== null) this.wanted.see(call, message);
    return this.hasRoom;
  }

  report(message: Message): void {
    noteQuality(this.index, message);
  }

  finish(): void {
    clearInterval(this.timer);
    this.view?.clear();
    this.index.finish();
    for (const call of this.sorted?.take() ?? this.view?.latest ?? []) this.show(call);
    const leftOut = this.found - this.shown;
    if (leftOut > 0 && this.view === null && !this.rows.isClosed)
      this.env.log.info(`showing ${this.shown} of ${this.found} calls: ${leftOut} left out by --limit`);
    for (const value of this.index.links.tooCommon)
      this.env.log.warn(`'${value}' would join more than 50 calls: not taken as a key of legs`);
    if (this.index.withoutCallId > 0) this.env.log.warn(`${this.index.withoutCallId} messages without Call-ID are of no call`);
    if (this.index.evicted > 0)
      this.env.log.warn(`${this.index.evicted} calls were listed unfinished: more were open at once than are kept`);
  }

  private call(call: Call): void {
    if (this.media !== null) noteStreams(this.media, call);
    if (!call.selected) return;
    const summary = this.wanted.summaryOf(call);
    if (this.wanted.test !== null && !this.wanted.test(summary)) return;
    this.found++;
    this.view?.over(summary);
    if (this.sorted !== null) this.sorted.add(summary);
    else if (this.view !== null) return;
    else if (this.options.limit === 0 || this.shown < this.options.limit) this.show(summary);
  }

  /** Calls end by time as well, and short output is shown at once. */
  private tick(): void {
    this.index.advance(this.env.clock.now());
    if (this.view === null) this.rows.push();
    else this.draw(this.view);
  }

  private draw(view: LiveView): void {
    const { wanted } = this;
    let open = 0;
    let newest: Call[] = [];
    for (const call of this.index.calls()) {
      if (!call.selected || wanted.test?.(wanted.summaryOf(call, true)) === false) continue;
      open++;
      newest.push(call);
      if (newest.length > 2 * view.lines) newest = newestOf(newest, view.lines);
    }
    const shown = newestOf(newest, view.lines).map((call) => wanted.summaryOf(call, true));
    view.draw(shown, open, this.found);
  }

  private show(summary: CallSummary): void {
    this.shown++;
    if (!this.hasHead) this.rows.text(this.format.head);
    this.hasHead = true;
    if (!this.rows.row(this.format.row(summary))) this.hasRoom = false;
  }
}

function newestOf(calls: readonly Call[], count: number): Call[] {
  return [...calls].sort((a, b) => b.number - a.number).slice(0, count);
}
