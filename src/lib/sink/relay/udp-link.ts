/**
 * A connected UDP socket to a target. Nothing is acknowledged on UDP; what can be known is "port
 * unreachable" (RFC 792, RFC 1122 4.1.3.3), which the kernel reports with the next call. So a new link first sends
 * one packet, waits whether that comes back, and only then lets the rest follow.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Link, LinkOptions, LinkOwner } from './link.js';

const MOST_IN_FLIGHT = 256;
/** Few enough that a receiving socket of ours is not kept waiting, and that ICMP is heard in between. */
const MOST_PER_TURN = 64;
const SEND_BUFFER_BYTES = 4 * 1024 * 1024;
const RESOLVE_AGAIN_MS = 60_000;

export class UdpLink implements Link {
  private socket: Socket | null = null;
  private address = '';
  private pending = 0;
  private state: 'opening' | 'probing' | 'up' | 'dead' = 'opening';
  private pumpTimer: NodeJS.Timeout | null = null;
  private pumpSoon: NodeJS.Immediate | null = null;
  private probeTimer: NodeJS.Timeout | null = null;
  private resolveTimer: NodeJS.Timeout | null = null;
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
    if (this.state === 'up' || (this.state === 'probing' && this.pending === 0 && this.probeTimer === null)) this.pump();
  }

  finish(graceMs: number): Promise<boolean> {
    if (this.state !== 'up') {
      this.destroy();
      return Promise.resolve(true);
    }
    // The answer to the last packets may still come.
    const timer = setTimeout(() => this.end(true), Math.min(graceMs, this.options.probeMs));
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
    this.socket?.removeAllListeners('error').on('error', () => undefined);
    this.socket?.close();
    this.socket = null;
  }

  private open(address: string, family: number): void {
    const { endpoint } = this.options;
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4' });
    this.socket = socket;
    this.address = address;
    socket.on('error', (error) => this.fail(error.message));
    socket.connect(endpoint.port, address, () => {
      if (this.state === 'dead') return;
      this.enlargeBuffer(socket);
      this.state = 'probing';
      if (isIP(endpoint.host) === 0) this.resolveTimer = setInterval(this.resolveAgain, RESOLVE_AGAIN_MS).unref();
      this.wanted();
    });
  }

  private enlargeBuffer(socket: Socket): void {
    try {
      socket.setSendBufferSize(SEND_BUFFER_BYTES);
    } catch {
      return; // the system's own size does
    }
  }

  private readonly pump = (): void => {
    const { backlog } = this.owner;
    const socket = this.socket!;
    const most = this.state === 'up' ? MOST_IN_FLIGHT : 1;
    let left = MOST_PER_TURN;
    let moved = false;
    while (this.pending < most && left > 0) {
      const spooled = backlog.spoolFirst;
      const packet = spooled ? backlog.nextSpooled() : backlog.nextLive();
      if (packet === null) {
        if (spooled && !backlog.spoolFirst) continue; // the spool's rest came by way of memory
        break;
      }
      backlog.handOver(packet, 1, false, spooled ? backlog.lastRecord : 0);
      this.pending++;
      left--;
      moved = true;
      socket.send(packet, this.onSent);
    }
    if (moved) this.owner.linkMoved();
    if (left === 0) this.soon();
    else if (this.pending < most) this.pumpLater(backlog.waitMs);
  };

  private pumpLater(waitMs: number): void {
    if (waitMs === 0 || this.pumpTimer !== null) return;
    this.pumpTimer = setTimeout(() => {
      this.pumpTimer = null;
      this.wanted();
    }, waitMs);
  }

  private readonly onSent = (error: Error | null): void => {
    if (this.state === 'dead') return;
    this.pending--;
    if (error !== null) {
      if ((error as NodeJS.ErrnoException).code !== 'EMSGSIZE') return this.fail(error.message);
      this.owner.backlog.dropOldest('too_big');
    } else if (this.state === 'probing') {
      this.probeTimer = setTimeout(this.onProbed, this.options.probeMs);
      return;
    } else {
      this.owner.backlog.completed(1);
      this.owner.backlog.confirm();
    }
    if (this.pending === 0 && this.owner.backlog.waiting > 0) this.soon();
  };

  private soon(): void {
    this.pumpSoon ??= setImmediate(this.onPumpSoon);
  }

  private readonly onPumpSoon = (): void => {
    this.pumpSoon = null;
    this.wanted();
  };

  private readonly onProbed = (): void => {
    this.probeTimer = null;
    this.state = 'up';
    this.owner.backlog.completed(1);
    this.owner.backlog.confirm();
    this.owner.linkUp();
    this.soon();
  };

  /** A name that points elsewhere now: nobody would tell us. */
  private readonly resolveAgain = (): void => {
    this.options.findAddresses(this.options.endpoint.host, { all: true }, (error, addresses) => {
      if (this.state === 'dead' || error !== null || addresses.some(({ address }) => address === this.address)) return;
      this.fail(`${this.options.endpoint.host} is at another address now`);
    });
  };

  private fail(reason: string): void {
    if (this.state === 'dead') return;
    const { finished } = this;
    this.destroy();
    if (finished !== null) finished(false);
    else this.owner.linkDown(reason);
  }

  private end(well: boolean): void {
    this.destroy();
    this.finished?.(well);
  }
}
