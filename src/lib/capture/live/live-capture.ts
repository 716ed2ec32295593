/**
 * Interfaces as one source of frames. Frames of several interfaces are ordered by time: each process sends
 * what it has collected, so frames older than the longest collection interval are complete.
 */
import type { Clock, Deliver, Frame, Log, Source } from '../../base/index.js';
import { LiveInterface, type LiveInterfaceOptions } from './live-interface.js';

const TURN_MS = 20;
/** Frames older than this have arrived from every interface. */
const SETTLED_MICROSECONDS = 60_000;

export class LiveCapture implements Source<Frame> {
  /** Frames captured after `stop`: not delivered. */
  afterStop = 0;
  private readonly interfaces: readonly LiveInterface[];
  /** Those whose `frame` is read and not delivered. */
  private readonly ready = new Set<LiveInterface>();
  private deliver: Deliver<Frame> | null = null;
  private until = Infinity;
  private turns: NodeJS.Timeout | null = null;
  private done: () => void = () => {};

  private constructor(
    options: readonly LiveInterfaceOptions[],
    private readonly clock: Clock,
    log: Log,
  ) {
    this.interfaces = options.map((each, index) => new LiveInterface(each, index, clock, log));
  }

  /** Throws what the operator must fix. `onGiveUp`: an interface was down too long. */
  static async open(options: readonly LiveInterfaceOptions[], env: { clock: Clock; log: Log }, onGiveUp: () => void): Promise<LiveCapture> {
    const capture = new LiveCapture(options, env.clock, env.log);
    for (const each of capture.interfaces) each.onGiveUp = onGiveUp;
    const opened = await Promise.allSettled(capture.interfaces.map((each) => each.open()));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed === undefined) return capture;
    await capture.stop();
    throw failed.reason;
  }

  start(deliver: Deliver<Frame>): Promise<void> {
    this.deliver = deliver;
    const [only] = this.interfaces;
    if (this.interfaces.length === 1) only.onFrames = () => this.drain(only);
    else this.turns = setInterval(() => this.inOrder(this.clock.now() - SETTLED_MICROSECONDS), TURN_MS);
    for (const each of this.interfaces) each.flow();
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  async stop(): Promise<void> {
    this.until = Math.min(this.until, this.clock.now());
    await Promise.all(this.interfaces.map((each) => each.stop()));
    if (this.turns !== null) clearInterval(this.turns);
    if (this.deliver !== null) this.inOrder(Infinity);
    this.deliver = null;
    this.done();
  }

  get kernelDrops(): number {
    return this.interfaces.reduce((sum, each) => sum + each.kernelDrops, 0);
  }

  get interfaceDrops(): number {
    return this.interfaces.reduce((sum, each) => sum + each.interfaceDrops, 0);
  }

  get restarts(): number {
    return this.interfaces.reduce((sum, each) => sum + each.restarts, 0);
  }

  get givenUp(): boolean {
    return this.interfaces.some((each) => each.givenUp);
  }

  summary(): { name: string; packets: number; bytes: number; problem: string }[] {
    return this.interfaces.map((each) => each.summary());
  }

  private drain(from: LiveInterface): void {
    while (from.next()) this.hand(from.frame);
  }

  /** Delivers what was captured up to `limit`, the oldest first. */
  private inOrder(limit: number): void {
    for (;;) {
      let oldest: LiveInterface | null = null;
      for (const each of this.interfaces) {
        if (!this.ready.has(each)) {
          if (!each.next()) continue;
          this.ready.add(each);
        }
        if (oldest === null || each.frame.capturedAt < oldest.frame.capturedAt) oldest = each;
      }
      if (oldest === null || oldest.frame.capturedAt > limit) return;
      this.ready.delete(oldest);
      this.hand(oldest.frame);
    }
  }

  private hand(frame: Frame): void {
    if (frame.capturedAt > this.until) this.afterStop++;
    else this.deliver!(frame);
  }
}
