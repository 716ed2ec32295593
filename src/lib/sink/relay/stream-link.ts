/**
 * A TCP or TLS connection to a target. Packets are gathered into large pieces, one write each. A stream
 * says nothing about what the other side really got, so the last pieces stay in the backlog's hands
 * and are sent again when the connection dies.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { lookupBy } from './addresses.js';
import type { Link, LinkOptions, LinkOwner } from './link.js';
import { unacknowledgedBytes } from './unacknowledged.js';

const PIECE_BYTES = 256 * 1024;
const MAX_OUTSTANDING_BYTES = 4 * 1024 * 1024;
const KEEP_ALIVE_AFTER_MS = 10_000;
const WATCH_MS = 1000;
/** How often the kernel is asked, and how little of our time that may take. */
const ASK_KERNEL_MS = 5000;
const ASK_KERNEL_SHARE = 200;

export class StreamLink implements Link {
  private readonly socket: Socket;
  private state: 'opening' | 'up' | 'ending' | 'dead' = 'opening';
  private reason = '';
  private outstandingBytes = 0;
  /** Bytes and packets of each write that is not done, oldest first. */
  private readonly writes: number[] = [];
  private readonly parts: Buffer[] = [];
  private progressAtMs: number;
  private readonly connectTimer: NodeJS.Timeout;
  private readonly watchTimer: NodeJS.Timeout;
  private askAtMs: number;
  private pumpTimer: NodeJS.Timeout | null = null;
  private pumpSoon: NodeJS.Immediate | null = null;
  private finished: ((well: boolean) => void) | null = null;

  constructor(
    private readonly options: LinkOptions,
    private readonly owner: LinkOwner,
  ) {
    const { host, port, transport } = options.endpoint;
    const common = {
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
      lookup: lookupBy(options.findAddresses),
    };
    const named = isIP(host) === 0 ? { servername: host } : {};
    this.socket = transport === 'tls' ? connectTls({ ...common, ...named, ...options.tls }) : connect(common);
    this.progressAtMs = options.clock.monotonic();
    this.askAtMs = this.progressAtMs + ASK_KERNEL_MS;
    this.connectTimer = setTimeout(() => this.fail('no connection in time'), options.connectTimeoutMs);
    this.watchTimer = setInterval(this.watch, WATCH_MS).unref();
    this.socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => this.opened());
    this.socket.on('error', (error) => {
      this.reason = error.message;
    });
    this.socket.on('end', () => this.closedByTarget());
    this.socket.on('close', () => this.closed());
    this.socket.resume(); // targets have nothing to say; reading shows when they go
  }

  wanted(): void {
    // Gathering more than a piece would only keep the packets' memory longer.
    if (this.owner.backlog.queuedBytes >= PIECE_BYTES && this.outstandingBytes < MAX_OUTSTANDING_BYTES) this.pump();
    else if (this.pumpSoon === null && this.state === 'up') this.pumpSoon = setImmediate(this.onPumpSoon);
  }

  finish(graceMs: number): Promise<boolean> {
    if (this.state !== 'up') {
      this.destroy();
      return Promise.resolve(this.owner.backlog.unconfirmed === 0);
    }
    this.state = 'ending';
    this.socket.end();
    return new Promise((resolve) => {
      // Where the target just does not close its side, what the kernel took counts.
      const timer = setTimeout(() => this.settle(this.outstandingBytes === 0), graceMs);
      this.finished = (well) => {
        clearTimeout(timer);
        resolve(well);
      };
    });
  }

  destroy(): void {
    this.state = 'dead';
    clearTimeout(this.connectTimer);
    clearInterval(this.watchTimer);
    if (this.pumpTimer !== null) clearTimeout(this.pumpTimer);
    if (this.pumpSoon !== null) clearImmediate(this.pumpSoon);
    this.socket.destroy();
  }

  private opened(): void {
    if (this.state !== 'opening') return;
    clearTimeout(this.connectTimer);
    this.state = 'up';
    this.progressAtMs = this.options.clock.monotonic();
    this.owner.linkUp();
    this.pump();
  }

  private readonly onPumpSoon = (): void => {
    this.pumpSoon = null;
    this.pump();
  };

  private pump(): void {
    if (this.state !== 'up') return;
    const { backlog } = this.owner;
    let moved = false;
    while (this.outstandingBytes < MAX_OUTSTANDING_BYTES) {
      const spooled = backlog.spoolFirst;
      if (this.writePiece(spooled)) moved = true;
      else if (spooled === backlog.spoolFirst) break;
    }
    backlog.confirmOld();
    if (moved) this.owner.linkMoved();
    this.pumpLater(backlog.waitMs);
  }

  /** One piece out of the spool or out of memory; false where there is nothing. */
  private writePiece(spooled: boolean): boolean {
    const { backlog } = this.owner;
    const { parts } = this;
    let bytes = 0;
    while (bytes < PIECE_BYTES) {
      const packet = spooled ? backlog.nextSpooled() : backlog.nextLive();
      if (packet === null) break;
      parts.push(packet);
      bytes += packet.length;
    }
    if (bytes === 0) return false;
    const piece = backlog.slabs.take(bytes);
    let at = 0;
    for (const part of parts) at += part.copy(piece, at);
    backlog.markInFlight(piece, parts.length, true, spooled ? backlog.lastRecord : 0);
    this.writes.push(bytes, parts.length);
    this.outstandingBytes += bytes;
    parts.length = 0;
    this.socket.write(piece, this.onWritten);
    return true;
  }

  private pumpLater(waitMs: number): void {
    if (waitMs === 0 || this.pumpTimer !== null) return;
    this.pumpTimer = setTimeout(() => {
      this.pumpTimer = null;
      this.pump();
    }, waitMs);
  }

  private readonly onWritten = (error?: Error | null): void => {
    if (this.state === 'dead' || (error !== null && error !== undefined)) return;
    this.outstandingBytes -= this.writes.shift()!;
    this.owner.backlog.completed(this.writes.shift()!);
    this.progressAtMs = this.options.clock.monotonic();
    this.wanted();
  };

  private readonly watch = (): void => {
    const { backlog } = this.owner;
    const nowMs = this.options.clock.monotonic();
    if (this.state === 'up') backlog.confirmOld();
    if (this.outstandingBytes === 0) this.progressAtMs = nowMs;
    else if (nowMs - this.progressAtMs > this.options.stallMs) return this.fail('no progress');
    if (this.state === 'up' && nowMs >= this.askAtMs && this.outstandingBytes === 0 && backlog.unconfirmed > 0) void this.askKernel(nowMs);
  };

  /** What the other kernel has acknowledged, and the target had its time to read, need not be kept. */
  private async askKernel(askedAtMs: number): Promise<void> {
    this.askAtMs = Infinity;
    const bytes = await unacknowledgedBytes(this.socket.localPort ?? 0, this.socket.remotePort ?? 0);
    const { clock, readGraceSeconds } = this.options;
    if (bytes === 0 && this.state === 'up') this.owner.backlog.confirmBefore(askedAtMs - readGraceSeconds * 1000);
    const nowMs = clock.monotonic();
    this.askAtMs = nowMs + Math.max(ASK_KERNEL_MS, (nowMs - askedAtMs) * ASK_KERNEL_SHARE);
  }

  private closedByTarget(): void {
    if (this.state !== 'ending') this.fail('closed by the target');
  }

  private closed(): void {
    if (this.state === 'ending') this.settle(this.reason === '' && this.outstandingBytes === 0);
    else this.fail(this.reason || 'closed');
  }

  private settle(well: boolean): void {
    if (this.state === 'dead') return;
    this.destroy();
    if (well) this.owner.backlog.confirmAll();
    this.finished?.(well);
  }

  private fail(reason: string): void {
    if (this.state === 'dead') return;
    if (this.state === 'ending') return this.settle(false);
    this.destroy();
    this.owner.linkDown(reason);
  }
}
