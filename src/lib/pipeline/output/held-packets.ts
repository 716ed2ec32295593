/** Packets that are not due yet, in order; each is passed on when due. */
import { timerMs, type Clock } from '../../base/index.js';

/** Maximum time for which a source is held up at once, so that it can be stopped. */
const MAX_PAUSE_MS = 500;

interface Held {
  packet: Buffer;
  key: string;
  dueMs: number;
}

export class HeldPackets {
  private readonly held: Held[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly send: (packet: Buffer, key: string) => void,
  ) {}

  get count(): number {
    return this.held.length;
  }

  push(packet: Buffer, key: string, dueMs: number): void {
    this.held.push({ packet, key, dueMs });
    if (this.held.length === 1) this.release();
  }

  /** Resolves when all are passed on, or after a while. */
  pause(): Promise<void> {
    const lastMs = this.held.length === 0 ? 0 : this.held[this.held.length - 1].dueMs - this.clock.monotonic();
    return new Promise((resolve) => setTimeout(resolve, Math.min(MAX_PAUSE_MS, Math.max(0, lastMs))));
  }

  /** Waits until they are due, or until `over` resolves; the rest is then passed on at once. */
  async finish(over: Promise<void>): Promise<void> {
    let isOver = false;
    void over.then(() => (isOver = true));
    while (this.held.length > 0 && !isOver) await Promise.race([over, this.pause()]);
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const { packet, key } of this.held.splice(0)) this.send(packet, key);
  }

  private readonly release = (): void => {
    const nowMs = this.clock.monotonic();
    let due = 0;
    while (due < this.held.length && this.held[due].dueMs <= nowMs) due++;
    for (const { packet, key } of this.held.splice(0, due)) this.send(packet, key);
    this.timer = this.held.length === 0 ? null : setTimeout(this.release, timerMs(Math.max(1, this.held[0].dueMs - nowMs)));
  };
}
