/**
 * A connected UDP socket to a target. Nothing is acknowledged on UDP; what can be known is "port
 * unreachable" (RFC 792, RFC 1122 4.1.3.3), which the kernel reports with the next call. So a new link first sends
 * one packet, waits whether that comes back, and only then lets the rest follow.
 */
import { isIP } from 'node:net';
import { BatchSender } from './batch-sender.js';
import type { DatagramSender, SenderOwner } from './datagram-sender.js';
import { PlainSender } from './plain-sender.js';
import type { Link, LinkOptions, LinkOwner } from './link.js';

const MAX_IN_FLIGHT = 256;
/** Few enough that a receiving socket of ours is not kept waiting, and that ICMP is heard in between. */
const MAX_PER_TURN = 64;
/** The addon's receiver waits for nobody, and gives more than this in no turn. */
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
  private troubleTimer: NodeJS.Timeout | null = null;
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
    if (this.pumpSoon !== null) return; // catching up, a turn at a time
    if (this.state === 'up' && this.options.addon !== null)
      this.soon(); // what comes in the same turn goes together
    else this.onPumpSoon();
  }

  finish(graceMs: number): Promise<boolean> {
    if (this.state !== 'up') {
      this.destroy();
      return Promise.resolve(true);
    }
    // The answer to the last packets may still come.
    const timer = setTimeout(() => this.hasFailed() || this.end(this.pending === 0), Math.min(graceMs, this.options.probeMs));
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
    if (this.troubleTimer !== null) clearTimeout(this.troubleTimer);
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
        if (spooled && !backlog.spoolFirst) continue; // the spool's rest came by way of memory
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

  /** Milliseconds for which the pace holds up what waits in memory. */
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
    this.troubleTimer ??= setTimeout(this.onTroubleTime, this.options.probeMs);
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

  /** True where the network has answered that nobody is there; the link has failed then. */
  private hasFailed(): boolean {
    const lastError = this.sender?.lastError() ?? '';
    if (lastError !== '') this.fail(lastError);
    return lastError !== '';
  }

  private readonly onTroubleTime = (): void => {
    this.troubleTimer = null;
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

  /** A name that points elsewhere now: nobody would tell us. */
  private readonly resolveAgain = (): void => {
    this.options.findAddresses(this.options.endpoint.host, { all: true }, (error, addresses) => {
      if (this.state === 'dead' || error !== null || addresses.some(({ address }) => address === this.address)) return;
      this.fail(`${this.options.endpoint.host} is at another address now`);
    });
  };

  private end(well: boolean): void {
    this.destroy();
    this.finished?.(well);
  }
}
