/**
 * Distributes frames to decoding workers by flow, a round at a time, and puts the messages of a round back into the order of
 * the frames that completed them, as one thread would have. A worker that dies is restarted; its frames are counted as
 * dropped.
 */
import { Worker } from 'node:worker_threads';
import { addLedgerCounts, type Frame, type LedgerCounts, type Log, type Message, type Ledger } from '../../base/index.js';
import { flowOf } from '../../decode/index.js';
import { compareLast } from '../late-messages.js';
import { MessageUnpacker } from './packed-messages.js';
import { FRAME_NUMBERS, type Answer, type FrameBatch, type WorkerOptions } from './worker-protocol.js';

const SLAB_BYTES = 256 * 1024;
const SLAB_FRAMES = 2048;
/** A round waits at most this long for more frames. */
const ROUND_MS = 5;
/** Bytes in flight; more would only wait in memory. */
const MAX_IN_FLIGHT_BYTES = 32 * 1024 * 1024;
/** Rough cost of a round and of a batch besides the frames. */
const BATCH_BYTES = 1024;
/** A worker that died before its first reply would die again at once: it is restarted after this. */
const RESTART_MS = 1000;

interface Round {
  bytes: number;
  /** Workers that have not replied. */
  open: number;
  found: MessageUnpacker[];
}

/** What goes to one worker next. */
class Share {
  worker: Worker | null = null;
  restart: NodeJS.Timeout | null = null;
  readonly numbers = new Float64Array(SLAB_FRAMES * FRAME_NUMBERS);
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  frames = 0;
  used = 0;
  /** The worker's counters as last reported. */
  counts: LedgerCounts | null = null;
  /** Frames of each round in flight. */
  readonly inFlight = new Map<number, number>();
}

export class DecodePool {
  private readonly shares: Share[];
  private readonly rounds = new Map<number, Round>();
  private inFlightBytes = 0;
  private round = 0;
  private nextOut = 0;
  private order = 0;
  private timer: NodeJS.Timeout | null = null;
  private ending: (() => void) | null = null;
  private unfinished = 0;
  /** Final messages, until all workers have ended. */
  private readonly last: MessageUnpacker[] = [];

  constructor(
    workers: number,
    private readonly options: WorkerOptions,
    private readonly ledger: Ledger,
    private readonly log: Log,
    private readonly dispatch: (message: Message) => boolean,
  ) {
    this.shares = Array.from({ length: workers }, () => new Share());
    for (const share of this.shares) this.begin(share);
  }

  /** Takes one frame; false if too much is in flight and it was dropped (and counted). */
  frame(frame: Frame): boolean {
    if (this.inFlightBytes >= MAX_IN_FLIGHT_BYTES) {
      this.ledger.dropped.add('overload');
      return false;
    }
    const share = this.shares[flowOf(frame) % this.shares.length];
    const length = frame.to - frame.from;
    if (share.frames === SLAB_FRAMES || (share.frames > 0 && share.used + length > SLAB_BYTES)) this.flush();
    if (length > share.slab.length) share.slab = Buffer.allocUnsafeSlow(length);
    const { numbers } = share;
    let at = share.frames++ * FRAME_NUMBERS;
    numbers[at++] = this.order++;
    numbers[at++] = frame.linkType;
    numbers[at++] = share.used;
    share.used += frame.bytes.copy(share.slab, share.used, frame.from, frame.to);
    numbers[at++] = share.used;
    numbers[at++] = frame.originalLength;
    numbers[at++] = frame.capturedAt;
    numbers[at++] = frame.nanoseconds ?? -1;
    numbers[at++] = frame.number;
    numbers[at] = frame.sourceIndex;
    this.timer ??= setTimeout(() => this.flush(), ROUND_MS);
    return true;
  }

  /** Resolves once all messages are delivered and the workers have ended. */
  async finish(): Promise<void> {
    this.flush();
    for (const { restart } of this.shares) if (restart !== null) clearTimeout(restart);
    const workers = this.shares.flatMap(({ worker }) => worker ?? []);
    if (workers.length === 0) return;
    this.unfinished = workers.length;
    const ended = new Promise<void>((resolve) => (this.ending = resolve));
    for (const worker of workers) {
      worker.ref();
      worker.postMessage({ finish: true });
    }
    await ended;
  }

  private begin(share: Share): void {
    share.restart = null;
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: this.options });
    share.worker = worker;
    share.counts = null;
    worker.on('message', (answer: Answer) => this.answered(share, answer));
    worker.on('error', (error) => this.log.error(`a decoding worker died: ${error.message}`));
    worker.on('exit', () => {
      if (share.worker === worker) this.died(share);
    });
    worker.unref();
  }

  /** Sends the current round. */
  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const share of this.shares) if (share.worker === null) this.drop(share);
    const filled = this.shares.filter(({ frames }) => frames > 0);
    if (filled.length === 0) return;
    const round = this.round++;
    let bytes = 0;
    for (const share of filled) {
      // A slab that is hardly used stays here: what is in flight is what it holds.
      const isSmall = share.used < share.slab.length / 2;
      const slab = isSmall ? Buffer.allocUnsafeSlow(share.used) : share.slab;
      if (isSmall) share.slab.copy(slab, 0, 0, share.used);
      bytes += slab.length + share.frames * FRAME_NUMBERS * 8 + BATCH_BYTES;
      const batch: FrameBatch = {
        round,
        bytes: slab.buffer as ArrayBuffer,
        frames: share.numbers.slice(0, share.frames * FRAME_NUMBERS),
      };
      share.inFlight.set(round, share.frames);
      share.worker!.postMessage(batch, [batch.bytes, batch.frames.buffer as ArrayBuffer]);
      if (!isSmall) share.slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      share.frames = 0;
      share.used = 0;
    }
    this.rounds.set(round, { bytes, open: filled.length, found: [] });
    this.inFlightBytes += bytes;
  }

  /** Drops the frames of a dead worker. */
  private drop(share: Share): void {
    if (share.frames > 0) this.ledger.dropped.add('decode_worker_died', share.frames);
    share.frames = 0;
    share.used = 0;
  }

  private answered(share: Share, { round, messages, counts }: Answer): void {
    addLedgerCounts(this.ledger, share.counts, counts);
    share.counts = counts;
    const found = new MessageUnpacker(messages);
    if (round < 0) {
      this.last.push(found);
      const { worker } = share;
      share.worker = null;
      void worker!.terminate().then(() => this.one());
      return;
    }
    share.inFlight.delete(round);
    this.rounds.get(round)!.found.push(found);
    this.settle(round);
  }

  /** A worker is done with the round; complete rounds are delivered in order. */
  private settle(round: number): void {
    this.rounds.get(round)!.open--;
    for (let first = this.rounds.get(this.nextOut); first !== undefined && first.open === 0; first = this.rounds.get(this.nextOut)) {
      this.rounds.delete(this.nextOut++);
      this.inFlightBytes -= first.bytes;
      this.inOrder(first.found);
    }
  }

  private inOrder(found: readonly MessageUnpacker[]): void {
    if (found.length === 0) return;
    for (;;) {
      const first = found.reduce((least, each) => (each.order < least.order ? each : least));
      if (first.order === Infinity) return;
      this.dispatch(first.next());
    }
  }

  private died(share: Share): void {
    const { ledger } = this;
    const lost = [...share.inFlight.values()].reduce((sum, frames) => sum + frames, 0);
    if (lost > 0) ledger.dropped.add('decode_worker_died', lost);
    ledger.notes.add('decode_worker_died');
    const rounds = [...share.inFlight.keys()];
    share.inFlight.clear();
    share.worker = null;
    for (const round of rounds) this.settle(round);
    if (this.ending !== null) this.one();
    else if (share.counts !== null) this.begin(share);
    else share.restart = setTimeout(() => this.begin(share), RESTART_MS).unref();
  }

  private one(): void {
    if (--this.unfinished > 0) return;
    // After all rounds: another worker may have had some left.
    const last = this.last.flatMap((found) => found.rest());
    for (const message of last.sort((a, b) => compareLast(a, b, this.options.keepFrames))) this.dispatch(message);
    this.ending?.();
  }
}
