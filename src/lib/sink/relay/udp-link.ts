/**
 * A connected UDP socket to a target. UDP acknowledges nothing; all that can be known is "port unreachable" (RFC 792,
 * RFC 1122 4.1.3.3), which the kernel reports with the next call. So a new link first sends one packet, waits for such
 * an error, and only then sends the rest.
 */
import { isIP } from 'node:net';
import { BatchSender } from './batch-sender.js';
import type { DatagramSender, SenderOwner } from './datagram-sender.js';
import { PlainSender } from './plain-sender.js';
import type { Link, LinkOptions, LinkOwner } from './link.js';

const MAX_IN_FLIGHT = 256;
/** Few enough that receiving sockets get their turn, and that ICMP errors are noticed in between. */
const MAX_PER_TURN = 64;
/** The addon's receiver has a thread of its own, and delivers no more than this per turn. */
const MAX_PER_BATCH = 512;
const SEND_BUFFER_BYTES = 4 * 1024 * 1024;
const RESOLVE_AGAIN_MS = 60_000;

export class UdpLink implements Link, SenderOwner {
  private sender: DatagramSender | null = null;
  private address = '';
  private pending = 0;
  private state: 'opening' | 'probing' | 'up' | 'dead' = 'opening';
  private pumpTimer: NodeJS.Timeout | null = null;
  private pumpSoon: NodeJS.Immediate | null = null;
  private probeTimer: NodeJS.Timeout | null = null;
  private resolveTimer: NodeJS.Timeout | null = null;
  private errorTimer: NodeJS.Timeout | null = null;
  private finished: ((well: boolean) => void) | null = null;

  constructor(
    private readonly options: LinkOptions,
    private readonly owner: LinkOwner,
  ) {
    options.findAddresses(options.endpoint.host, { all: true }, (error, addresses) => {
      if (this.state === 'dead') return;
      if (error !== null) return this.fail(error.message);
      const { address, family } = addresses[options.attempt % addresses.length];
      this.open(address, family);
    });
  }

  wanted(): void {
    if (this.pumpSoon !== null) return; // catching up, one batch per turn
    if (this.state === 'up' && this.options.addon !== null)
      this.soon(); // what arrives in the same turn is sent together
    else this.onPumpSoon();
  }

  finish(over: Promise<void>): Promise<boolean> {
    if (this.state !== 'up') {
      this.destroy();
      return Promise.resolve(true);
    }
    // An ICMP error for the last packets may still arrive.
    const conclude = () => this.isDead() || this.hasFailed() || this.end(this.pending === 0);
    const timer = setTimeout(conclude, this.options.probeMs);
    void over.then(conclude);
    return new Promise((resolve) => {
      this.finished = (well) => {
        clearTimeout(timer);
        resolve(well);
      };
    });
  }

  destroy(): void {
    this.state = 'dead';
    if (this.pumpTimer !== null) clearTimeout(this.pumpTimer);
    if (this.pumpSoon !== null) clearImmediate(this.pumpSoon);
    if (this.probeTimer !== null) clearTimeout(this.probeTimer);
    if (this.resolveTimer !== null) clearInterval(this.resolveTimer);
    if (this.errorTimer !== null) clearTimeout(this.errorTimer);
    this.sender?.close();
    this.sender = null;
  }

  private open(address: string, family: number): void {
    const {
      endpoint: { port },
      addon,
    } = this.options;
    this.address = address;
    if (addon === null) {
      this.sender = new PlainSender(address, family, port, SEND_BUFFER_BYTES, this, this.onOpen);
      return;
    }
    try {
      this.sender = new BatchSender(address, port, SEND_BUFFER_BYTES, this, addon);
    } catch (error) {
      return this.fail((error as Error).message);
    }
    this.onOpen();
  }

  private readonly onOpen = (): void => {
    if (this.state === 'dead') return;
    this.state = 'probing';
    if (isIP(this.options.endpoint.host) === 0) this.resolveTimer = setInterval(this.resolveAgain, RESOLVE_AGAIN_MS).unref();
    this.wanted();
  };

  private readonly pump = (): void => {
    const { backlog } = this.owner;
    const batch: Buffer[] = [];
    const perTurn = this.options.addon === null ? MAX_PER_TURN : MAX_PER_BATCH;
    const most = this.state === 'up' ? Math.max(MAX_IN_FLIGHT, perTurn) : 1;
    let left = perTurn;
    while (this.pending < most && left > 0) {
      const spooled = backlog.spoolFirst;
      const packet = spooled ? backlog.nextSpooled() : this.nextLive();
      if (packet === null) {
        if (spooled && !backlog.spoolFirst) continue; // what the spool could not keep is in memory now
        break;
      }
      backlog.markInFlight(packet, 1, false, spooled ? backlog.lastRecord : 0);
      this.pending++;
      left--;
      batch.push(packet);
    }
    if (batch.length > 0) {
      this.sender!.send(batch);
      this.owner.linkMoved();
    }
    if (this.isDead()) return;
    if (left === 0) this.soon();
    else if (this.pending < most) this.pumpLater(backlog.spoolFirst ? backlog.waitMs : this.paceMs());
  };

  private nextLive(): Buffer | null {
    const { pace } = this.options;
    return this.owner.backlog.queuedBytes > 0 && (pace === null || pace.take()) ? this.owner.backlog.nextLive() : null;
  }

  /** Milliseconds for which the rate limit holds up packets in memory. */
  private paceMs(): number {
    return this.options.pace === null || this.owner.backlog.queuedBytes === 0 ? 0 : this.options.pace.waitMs();
  }

  private pumpLater(waitMs: number): void {
    if (waitMs === 0 || this.pumpTimer !== null) return;
    this.pumpTimer = setTimeout(() => {
      this.pumpTimer = null;
      this.wanted();
    }, waitMs);
  }

  sent(count: number): void {
    if (this.state === 'dead') return;
    this.pending -= count;
    if (this.state === 'probing') {
      this.probeTimer = setTimeout(this.onProbed, this.options.probeMs);
      return;
    }
    this.owner.backlog.completed(count);
    for (let i = 0; i < count; i++) this.owner.backlog.confirm();
    this.errorTimer ??= setTimeout(this.onErrorTime, this.options.probeMs);
    this.goOn();
  }

  tooBig(): void {
    if (this.state === 'dead') return;
    this.pending--;
    this.owner.backlog.dropOldest('too_big');
    this.goOn();
  }

  fail(reason: string): void {
    if (this.state === 'dead') return;
    const { finished } = this;
    this.destroy();
    if (finished !== null) finished(false);
    else this.owner.linkDown(reason, false);
  }

  private goOn(): void {
    if (this.pending === 0 && this.owner.backlog.waiting > 0) this.soon();
  }

  private isDead(): boolean {
    return this.state === 'dead';
  }

  /** True when ICMP has reported that nothing listens there; the link has failed then. */
  private hasFailed(): boolean {
    const lastError = this.sender?.lastError() ?? '';
    if (lastError !== '') this.fail(lastError);
    return lastError !== '';
  }

  private readonly onErrorTime = (): void => {
    this.errorTimer = null;
    this.hasFailed();
  };

  private soon(): void {
    this.pumpSoon ??= setImmediate(this.onPumpSoon);
  }

  private readonly onPumpSoon = (): void => {
    this.pumpSoon = null;
    if (this.state === 'up' || (this.state === 'probing' && this.pending === 0 && this.probeTimer === null)) this.pump();
  };

  private readonly onProbed = (): void => {
    this.probeTimer = null;
    if (this.hasFailed()) return;
    this.state = 'up';
    this.owner.backlog.completed(1);
    this.owner.backlog.confirm();
    this.owner.linkUp();
    this.owner.linkProven();
    this.soon();
  };

  /** A name may resolve elsewhere by now; UDP would not show it. */
  private readonly resolveAgain = (): void => {
    this.options.findAddresses(this.options.endpoint.host, { all: true }, (error, addresses) => {
      if (this.state === 'dead' || error !== null || addresses.some(({ address }) => address === this.address)) return;
      this.fail(`${this.options.endpoint.host} has moved to another address`);
    });
  };

  private end(well: boolean): void {
    this.destroy();
    this.finished?.(well);
  }
}
