/** `call show --follow CALL-ID`: the ladder of a call in progress, until it ends or the run is stopped. */
import { NO_FRAMES, UsageError, type Environment, type Message } from '../../../base/index.js';
import { CallIndex, buildLadder, ladderText, legKeys, type Leg, type LegHeader } from '../../../calls/index.js';
import type { MediaWatch } from '../../../extract/media-watch.js';
import { faxLine, streamLines } from '../../../media/index.js';
import { terminalPaint } from '../../../pipeline/output/terminal-colors.js';
import { chosenSource, type SourceChoice } from '../../source-choice.js';
import { arrivals, exitCode, runCalls, type CallRunOptions } from '../call-run.js';
import type { MessageTaker } from '../call-handler.js';
import { faxesOfCalls, mediaWatch, streamsOfCalls } from '../media/call-streams.js';
import type { RowProducer, RowSink } from '../row-sink.js';
import { summaries } from './find-calls.js';
import type { WriteOptions } from './write-ladders.js';

/** Messages searched for the beginning of a leg when it is added. */
const MAX_LOOK_BACK = 2000;
const MAX_MESSAGES = 5000;
const TICK_MS = 1000;
const HOME_AND_CLEAR = '\u001b[H\u001b[2J';
const PIPE_COLUMNS = 160;

/** The relevant options. */
interface FollowOptions extends CallRunOptions {
  source: SourceChoice;
  table: string;
  callIds: readonly string[];
  format: string;
  single: boolean;
  width: number;
  media: boolean;
}

type Painter = Awaited<ReturnType<typeof terminalPaint>>;

export async function followCall(
  options: FollowOptions,
  drawing: WriteOptions,
  headers: readonly LegHeader[],
  env: Environment,
): Promise<number> {
  if (options.callIds.length !== 1) throw new UsageError('--follow needs one Call-ID');
  if (options.format !== 'text') throw new UsageError('--follow shows text only');
  const media = mediaWatch({ media: options.media && options.source.interfaces.length > 0, rtpGuess: false });
  const source = await chosenSource({ ...options.source, media }, { table: options.table, wanted: { calls: [] } }, false, env);
  if (!source.isLive) throw new UsageError('--follow needs something that goes on: -i IF or --hep-listen ENDPOINT');
  const paint = await terminalPaint(env.colour);
  let follower = null as Follower | null;
  const taker = (rows: RowSink, stop: () => void) => (follower = new Follower(options, drawing, headers, paint, rows, stop, media, env));
  const code = await runCalls({ source, options, durationSeconds: options.source.durationSeconds, fromDatabase: false, taker }, env);
  return exitCode(code, follower?.count ?? 0);
}

class Follower implements MessageTaker, RowProducer {
  private readonly legs = new Map<string, Leg>();
  private readonly values = new Map<string, string>();
  private readonly lookBack: Message[] = [];
  private readonly messages: Message[] = [];
  private printed: string[] = [];
  private readonly index: CallIndex;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly options: FollowOptions,
    private readonly drawing: WriteOptions,
    private readonly headers: readonly LegHeader[],
    private readonly paint: Painter,
    private readonly rows: RowSink,
    stop: () => void,
    private readonly media: MediaWatch | null,
    private readonly env: Environment,
  ) {
    const [callId] = options.callIds;
    this.legs.set(callId, { callId, why: '', value: '', guess: false, base: '' });
    this.index = new CallIndex({ onCall: () => this.index.size === 0 && stop(), arrivedAt: arrivals(true, env) });
    this.timer = setInterval(() => this.index.advance(env.clock.now()), TICK_MS).unref();
  }

  get count(): number {
    return this.messages.length;
  }

  message(message: Message): boolean {
    const kept = { ...message, payload: Buffer.from(message.payload), envelope: null, frames: NO_FRAMES };
    if (this.isLeg(kept)) this.take(kept);
    else {
      this.lookBack.push(kept);
      if (this.lookBack.length > MAX_LOOK_BACK) this.lookBack.shift();
    }
    return true;
  }

  report(): void {}

  /** What was measured of its RTP comes last. */
  finish(): void {
    clearInterval(this.timer);
    if (this.media === null || this.messages.length === 0) return;
    const { times } = this.drawing;
    const calls = summaries(this.messages);
    const lines = [
      ...streamsOfCalls(this.media, calls).flatMap((stream) => streamLines(stream, calls[0].startedAt, times)),
      ...faxesOfCalls(this.media, calls).map((fax) => faxLine(fax, calls[0].startedAt)),
    ];
    if (lines.length > 0) this.rows.text(`\n${lines.join('\n')}\n`);
  }

  private isLeg(message: Message): boolean {
    const { callId } = message.sip!;
    if (this.legs.has(callId)) return true;
    if (this.options.single) return false;
    const own = this.values.get(callId);
    if (own !== undefined) this.join(callId, own, callId);
    else
      for (const { why, value } of legKeys(message, message.sip!, this.headers))
        if (this.legs.has(value) || this.values.has(value)) this.join(callId, why, value);
    return this.legs.has(callId);
  }

  /** Including messages from before it was known to belong here. */
  private join(callId: string, why: string, value: string): void {
    if (this.legs.has(callId)) return;
    this.legs.set(callId, { callId, why, value, guess: false, base: '' });
    for (const message of this.lookBack) if (message.sip!.callId === callId) this.take(message);
  }

  private take(message: Message): void {
    if (this.messages.length >= MAX_MESSAGES) return;
    this.messages.push(message);
    for (const { why, value } of legKeys(message, message.sip!, this.headers)) this.values.set(value, why);
    this.index.add(message);
    this.draw();
  }

  /** In place on a terminal; in a pipe only new lines, or everything if lanes or earlier lines have changed. */
  private draw(): void {
    const { ascii, verbose, times } = this.drawing;
    const stream = this.env.stdout as { columns?: number };
    const width = this.options.width > 0 ? this.options.width : (stream.columns ?? PIPE_COLUMNS);
    const legs = [...this.legs.values()];
    const ladder = buildLadder({ messages: this.messages, calls: summaries(this.messages), legs, partial: '' }, this.drawing);
    const lines = ladderText(ladder, { width, ascii, verbose, paint: this.paint, times }).trimEnd().split('\n');
    if (this.env.colour) this.rows.text(`${HOME_AND_CLEAR}${lines.join('\n')}\n`);
    else {
      const isContinued = this.printed.every((line, i) => line === lines[i]);
      const added = isContinued ? lines.slice(this.printed.length) : ['', ...lines];
      if (added.length > 0) this.rows.text(`${added.join('\n')}\n`);
    }
    this.printed = lines;
    this.rows.push();
  }
}
