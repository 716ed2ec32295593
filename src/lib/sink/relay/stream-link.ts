/**
 * A TCP or TLS connection to a target. Packets are gathered into large pieces, one write each. Data accepted by the kernel stays
 * in the backlog until it counts as delivered: the peer has acknowledged it and had time to read it, or closed
 * the connection cleanly. Data in doubt when the connection breaks is sent again.
 */
import type { Socket } from 'node:net';
import { targetTlsAdvice, tlsProblem } from '../../base/index.js';
import { AckHistory } from './ack-history.js';
import { ConnectionProbe } from './connection-probe.js';
import type { Link, LinkOptions, LinkOwner } from './link.js';
import { openSocket } from './open-socket.js';

const PIECE_BYTES = 256 * 1024;
const MAX_OUTSTANDING_BYTES = 4 * 1024 * 1024;
const WATCH_MS = 50;
/** A connection open this long without traffic is assumed to work. */
const PROVEN_MS = 1000;
/** How often /proc is read without the addon, and the share of time that may take. */
const ASK_EVERY_MS = 500;
const ASK_SHARE = 200;
const LOOK_SHARE = 20;
/** After the target has closed its side: how long it may take to acknowledge the rest, and how often to check. */
const LINGER_MS = 2000;
const LINGER_LOOK_MS = 20;

const NO_PROGRESS = 'no progress';

/** `ending`: we have closed our side. `closing`: the target has closed its side. */
type State = 'opening' | 'up' | 'ending' | 'closing' | 'dead';

export class StreamLink implements Link {
  private readonly socket: Socket;
  private probe: ConnectionProbe | null = null;
  private readonly history: AckHistory;
  private state: State = 'opening';
  private reason = '';
  private code = '';
  private openedAtMs = 0;
  /** Passed to Node but not accepted by the kernel; and accepted by the kernel. */
  private outstandingBytes = 0;
  private writtenBytes = 0;
  private hasSentFin = false;
  /** Bytes and packets of each write that is not done, oldest first. */
  private readonly writes: number[] = [];
  private readonly parts: Buffer[] = [];
  private progressAtMs: number;
  private askAtMs = 0;
  private isProven = false;
  private hasStalled = false;
  private readonly connectTimer: NodeJS.Timeout;
  private readonly watchTimer: NodeJS.Timeout;
  private pumpTimer: NodeJS.Timeout | null = null;
  private lingerTimer: NodeJS.Timeout | null = null;
  private pumpSoon: NodeJS.Immediate | null = null;
  private finished: ((well: boolean) => void) | null = null;

  constructor(
    private readonly options: LinkOptions,
    private readonly owner: LinkOwner,
  ) {
    this.history = new AckHistory(options.peerBufferBytes);
    this.socket = openSocket(options);
    this.progressAtMs = options.clock.monotonic();
    this.connectTimer = setTimeout(() => this.fail('no connection in time'), options.connectTimeoutMs);
    this.watchTimer = setInterval(this.watch, WATCH_MS).unref();
    this.socket.once(options.endpoint.transport === 'tls' ? 'secureConnect' : 'connect', () => this.opened());
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.reason = this.words(error);
      this.code = error.code ?? '';
    });
    this.socket.on('finish', () => (this.hasSentFin = true));
    this.socket.on('end', () => this.closedByTarget());
    this.socket.on('close', () => this.closed());
    this.socket.resume(); // targets send nothing; reading is how we notice that they close
  }

  wanted(): void {
    // Gathering more than a piece would only keep the packets' memory longer.
    if (this.owner.backlog.queuedBytes >= PIECE_BYTES && this.outstandingBytes < MAX_OUTSTANDING_BYTES) this.pump();
    else if (this.pumpSoon === null && this.state === 'up') this.pumpSoon = setImmediate(this.onPumpSoon);
  }

  finish(over: Promise<void>): Promise<boolean> {
    if (this.state !== 'up') {
      this.conclude(this.state === 'closing');
      return Promise.resolve(this.owner.backlog.unconfirmed === 0);
    }
    this.state = 'ending';
    this.socket.end();
    return new Promise((resolve) => {
      this.finished = resolve;
      // A target that acknowledged everything and merely does not close its side has received it.
      void over.then(() => this.settle(true));
    });
  }

  destroy(): void {
    this.state = 'dead';
    clearTimeout(this.connectTimer);
    clearInterval(this.watchTimer);
    if (this.pumpTimer !== null) clearTimeout(this.pumpTimer);
    if (this.lingerTimer !== null) clearTimeout(this.lingerTimer);
    if (this.pumpSoon !== null) clearImmediate(this.pumpSoon);
    this.socket.destroy();
    this.probe?.close();
  }

  private words(error: NodeJS.ErrnoException): string {
    const problem = this.options.endpoint.transport === 'tls' && error.syscall !== 'connect' ? tlsProblem(error) : '';
    return problem === '' ? error.message : `TLS: ${problem}${targetTlsAdvice(error)}`;
  }

  private opened(): void {
    if (this.state !== 'opening') return;
    clearTimeout(this.connectTimer);
    this.state = 'up';
    this.probe = new ConnectionProbe(this.socket, this.options.endpoint.transport === 'tls', this.options.addon);
    this.openedAtMs = this.progressAtMs = this.options.clock.monotonic();
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
    if (moved) this.owner.linkMoved();
    this.pumpLater(backlog.waitMs);
  }

  /** One piece from the spool or from memory; false if there is none, or the window is full. */
  private writePiece(spooled: boolean): boolean {
    const { backlog } = this.owner;
    const { parts } = this;
    const limit = Math.min(PIECE_BYTES, this.options.window.bytes - backlog.unconfirmedBytes);
    let bytes = 0;
    let firstRecord = 0;
    while (bytes < limit) {
      const packet = spooled ? backlog.nextSpooled() : backlog.nextLive();
      if (packet === null) break;
      if (bytes === 0) firstRecord = backlog.lastRecord;
      parts.push(packet);
      bytes += packet.length;
    }
    if (bytes === 0) return false;
    const piece = backlog.slabs.take(bytes);
    let at = 0;
    for (const part of parts) at += part.copy(piece, at);
    const isContiguous = !spooled || backlog.lastRecord - firstRecord + 1 === parts.length;
    backlog.markInFlight(piece, parts.length, true, spooled ? backlog.lastRecord : 0, isContiguous);
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
    const bytes = this.writes.shift()!;
    this.outstandingBytes -= bytes;
    this.writtenBytes += bytes;
    this.owner.backlog.completed(this.writes.shift()!);
    this.progressAtMs = this.options.clock.monotonic();
    this.wanted();
  };

  private readonly watch = (): void => {
    const { probe } = this;
    const { backlog } = this.owner;
    const nowMs = this.options.clock.monotonic();
    if (this.outstandingBytes === 0) this.progressAtMs = nowMs;
    else if (nowMs - this.progressAtMs > this.options.stallMs) return this.fail(NO_PROGRESS);
    if (probe === null || this.state !== 'up') return;
    backlog.confirmOld();
    if (backlog.unconfirmed === 0 && nowMs - this.openedAtMs >= PROVEN_MS) this.proven();
    if (backlog.unconfirmed === 0 || nowMs < this.askAtMs) return;
    if (probe.isCheap || this.options.window.bytes < Infinity) this.look(probe, nowMs);
    else void this.ask(probe, nowMs);
  };

  /** Without the addon only while everything waits for the result: then blocking is faster than an asynchronous read. */
  private look(probe: ConnectionProbe, nowMs: number): void {
    const bytes = probe.look(this.writtenBytes, false);
    if (!probe.isCheap) {
      const costMs = this.options.clock.monotonic() - nowMs;
      this.askAtMs = nowMs + costMs * LOOK_SHARE;
    }
    this.acknowledged(nowMs, bytes, this.writtenBytes);
  }

  private async ask(probe: ConnectionProbe, askedAtMs: number): Promise<void> {
    this.askAtMs = Infinity;
    const { writtenBytes } = this;
    const bytes = await probe.ask(writtenBytes);
    const nowMs = this.options.clock.monotonic();
    this.askAtMs = nowMs + Math.max(ASK_EVERY_MS, (nowMs - askedAtMs) * ASK_SHARE);
    this.acknowledged(nowMs, bytes, writtenBytes);
  }

  private acknowledged(nowMs: number, bytes: number, written: number): void {
    if (bytes < 0 || this.state !== 'up') return;
    const { window } = this.options;
    const delivered = this.history.note(nowMs, bytes, bytes < written || this.outstandingBytes > 0, window.graceMs);
    if (!this.owner.backlog.confirmTo(delivered)) return;
    window.delivered(this.owner.backlog.confirmedBytes);
    this.proven();
    this.wanted();
  }

  private proven(): void {
    if (this.isProven) return;
    this.isProven = true;
    this.owner.linkProven();
  }

  /** A TLS alert is an error followed by an end. Else it may still read data in flight, or refuse it: the kernel will know. */
  private closedByTarget(): void {
    if (this.state === 'opening' || (this.state === 'up' && this.reason !== '')) return this.fail(this.reason || 'closed by the target');
    if (this.state !== 'up') return;
    this.state = 'closing';
    if (this.options.repeats) return this.fail('closed by the target');
    this.linger(this.options.clock.monotonic() + LINGER_MS);
  }

  private linger(untilMs: number): void {
    const { backlog } = this.owner;
    if (this.outstandingBytes === 0 && backlog.unconfirmed > 0) this.confirmAcknowledged();
    const isDone = backlog.unconfirmed === 0 || this.options.clock.monotonic() >= untilMs;
    if (isDone) this.fail('closed by the target');
    else this.lingerTimer = setTimeout(() => this.linger(untilMs), LINGER_LOOK_MS);
  }

  private closed(): void {
    if (this.state === 'ending') this.settle(this.closedInOrder());
    else this.fail(this.state === 'closing' ? 'closed by the target' : this.reason || 'closed');
  }

  /** A reset is not an orderly close; EPIPE is a reset that came after the target had closed its side. */
  private closedInOrder(): boolean {
    return this.state === 'closing' || this.reason === '' || this.code === 'EPIPE';
  }

  private settle(inOrder: boolean): void {
    if (this.state === 'dead') return;
    this.conclude(inOrder);
    this.finished?.(this.owner.backlog.unconfirmed === 0);
  }

  private fail(reason: string): void {
    if (this.state === 'dead') return;
    if (this.state === 'ending') return this.settle(false);
    const inOrder = this.state !== 'opening' && reason !== NO_PROGRESS && this.closedInOrder();
    this.hasStalled = reason === NO_PROGRESS;
    if (this.hasStalled) this.options.window.stalled();
    // It may have read and not stored what it got last: that is repeated if it drops what it has stored.
    this.conclude(inOrder && !this.options.repeats);
    this.owner.linkDown(reason, inOrder);
  }

  /** The final state of what arrived; the rest is in doubt. */
  private conclude(inOrder: boolean): void {
    const { backlog } = this.owner;
    if (inOrder && backlog.unconfirmed > 0) this.confirmAcknowledged();
    if (!inOrder && !this.hasStalled && !this.options.repeats && backlog.unconfirmed > 0) this.options.window.shrink();
    this.destroy();
  }

  private confirmAcknowledged(): void {
    const { probe } = this;
    if (probe === null) return;
    if (probe.isKnowing) this.owner.backlog.confirmExactlyTo(probe.look(this.writtenBytes, this.hasSentFin));
    else if (this.state === 'ending') this.owner.backlog.confirmTo(this.writtenBytes); // all there is to go by
  }
}
