/** One interface as the capturing command sees it: frames to be pulled, drop counters, and whether it exists. */
import { emptyFrame, timerMs, type Clock, type Log } from '../../base/index.js';
import { PcapReader } from '../../format/index.js';
import { CaptureProcess } from './capture-process.js';
import type { ChildEvent, ChildOptions } from './child-protocol.js';
import { refusalError } from './refusal.js';

/** A drop is reported at once, then at most this often. */
const WARN_EVERY_MS = 10_000;
const RESTART_MS = 1000;

export interface LiveInterfaceOptions extends Omit<ChildOptions, 'followsLinkType'> {
  /** Seconds that the interface may be down; 0 waits forever. */
  giveUpSeconds: number;
}

export class LiveInterface {
  /** The frame that `next` read last. */
  readonly frame = emptyFrame();
  /** Dropped by the kernel because its buffer was full, and by the interface (whether or not the packets matched). */
  kernelDrops = 0;
  interfaceDrops = 0;
  /** Capture processes that died and were restarted: the content of their rings is unknown. */
  restarts = 0;
  givenUp = false;
  onFrames: () => void = () => {};
  onGiveUp: () => void = () => {};
  private reader = new PcapReader();
  private process: CaptureProcess | null = null;
  private packets = 0;
  private bytes = 0;
  private problem = '';
  private flowing = false;
  private stopping = false;
  private settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  private ended: () => void = () => {};
  private patience: NodeJS.Timeout | null = null;
  private unwarned = 0;
  private warnedAt = -Infinity;

  constructor(
    private readonly options: LiveInterfaceOptions,
    sourceIndex: number,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.frame.sourceIndex = sourceIndex;
  }

  get name(): string {
    return this.options.device;
  }

  /** Resolves when packets are being collected, or while waiting for the interface; throws what the operator must fix. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.begin();
    });
  }

  /** Starts the frames. */
  flow(): void {
    this.flowing = true;
    this.process?.flow();
  }

  /** Reads the next buffered frame into `frame`. */
  next(): boolean {
    const { frame } = this;
    if (!this.reader.next(frame)) return false;
    frame.number = ++this.packets;
    this.bytes += frame.to - frame.from;
    return true;
  }

  /** Resolves when everything captured has been passed to `onFrames`. */
  stop(): Promise<void> {
    this.stopping = true;
    this.there();
    const { process: child } = this;
    if (child === null) return Promise.resolve();
    return new Promise((resolve) => {
      this.ended = resolve;
      child.stop();
    });
  }

  summary(): { name: string; packets: number; bytes: number; problem: string } {
    const { name, packets, bytes, problem } = this;
    return { name, packets, bytes, problem };
  }

  private begin(): void {
    this.reader = new PcapReader();
    this.process = new CaptureProcess(
      { ...this.options, followsLinkType: -1 },
      {
        onFrames: (chunk) => {
          this.reader.push(chunk);
          this.onFrames();
        },
        onEvent: (event) => this.heard(event),
        onEnd: () => this.over(),
      },
    );
    if (this.flowing) this.process.flow();
  }

  private heard(event: ChildEvent): void {
    switch (event.event) {
      case 'opened':
        return this.opened();
      case 'up':
        return this.back();
      case 'down':
        return this.away('down');
      case 'gone':
        return this.away('gone');
      case 'dropped':
        return this.dropped(event.kernel, event.interface);
      case 'refused':
        return this.refused(refusalError(this.name, event.why, event.text));
    }
  }

  private opened(): void {
    this.settle?.resolve();
    if (this.problem !== '') this.back();
    else this.log.info(`capturing on ${this.name}`);
    this.settle = null;
  }

  private away(how: string): void {
    this.problem = how;
    this.settle?.resolve();
    const { giveUpSeconds } = this.options;
    this.log.warn(`${this.name} is ${how}: waiting for it${giveUpSeconds > 0 ? ` for ${giveUpSeconds} s` : ''}`);
    if (giveUpSeconds > 0) this.patience ??= setTimeout(() => this.giveUp(), timerMs(giveUpSeconds * 1000));
  }

  private back(): void {
    this.log.info(`${this.name} is back: capturing`);
    this.problem = '';
    this.there();
  }

  private there(): void {
    if (this.patience !== null) clearTimeout(this.patience);
    this.patience = null;
  }

  private giveUp(): void {
    this.givenUp = true;
    this.problem = `given up: ${this.problem}`;
    this.onGiveUp();
  }

  private dropped(kernel: number, byInterface: number): void {
    this.kernelDrops += kernel;
    this.interfaceDrops += byInterface;
    this.unwarned += kernel;
    const now = this.clock.monotonic();
    if (this.unwarned === 0 || now - this.warnedAt < WARN_EVERY_MS) return;
    this.log.warn(
      `${this.name}: kernel dropped ${this.unwarned} packets (buffer full); raise --buffer-size (now ${Math.round(this.options.bufferBytes / 1e6)}M) or capture less (--port, -f)`,
    );
    this.warnedAt = now;
    this.unwarned = 0;
  }

  private refused(error: Error): void {
    if (this.settle === null) {
      this.log.error(error.message);
      this.giveUp();
    } else this.settle.reject(error);
    this.settle = null;
    this.stopping = true;
  }

  private over(): void {
    this.process = null;
    this.ended();
    if (this.stopping) return;
    this.restarts++;
    this.away('without its capture process, which died');
    setTimeout(() => {
      if (!this.stopping) this.begin();
    }, RESTART_MS);
  }
}
