/** One HEP connection over TCP or TLS: splits bytes into packets, pauses when the receiver is full, closes what is not HEP. */
import type { Socket } from 'node:net';
import { endpointText, type Clock, type Counters, type Deliver, type Gate, type HepEnvelope } from '../../base/index.js';
import { HepFramer, notHep } from '../../hep/index.js';
import type { AdmissionLimits } from './admission.js';
import type { HepArrival } from './arrival.js';
import type { ProblemLog } from './problem-log.js';

/** Of HEP3: the magic number and the length. */
const HEADER_BYTES = 6;

/** What a connection may do before it is closed. */
export interface StreamLimits extends AdmissionLimits {
  packetBytes: number;
  /** Idle time after which a connection is closed. */
  idleMs: number;
  /** Time within which a started packet must be complete. */
  completeMs: number;
}

/** What all connections of a listener share. */
export interface ConnectionEnvironment {
  clock: Clock;
  log: ProblemLog;
  limits: StreamLimits;
  counters: Counters;
  deliver: Deliver<HepArrival>;
  gate: Gate;
  /** Called with what `deliver` throws; the stream goes on with the next packet. */
  onError: (error: unknown) => void;
  /** Called with the first whole header of a connection. */
  onHeader: (socket: Socket) => void;
  /** Resets a connection, also one under TLS. */
  reset: (socket: Socket) => void;
  /** The listener as users write it. */
  name: string;
  transport: HepEnvelope['transport'];
}

export class HepConnection {
  packets = 0;
  bytes = 0;
  private readonly framer: HepFramer;
  private readonly arrival: HepArrival;
  private lastAtMs: number;
  /** When the current packet began, or -1. */
  private begunAtMs = -1;
  private isPaused = false;
  private isClosed = false;
  private isEnding = false;
  private hasReportedJunk = false;
  private hasHeader = false;
  private hasRoom = true;

  constructor(
    private readonly socket: Socket,
    private readonly env: ConnectionEnvironment,
  ) {
    this.framer = new HepFramer(env.limits.packetBytes);
    this.lastAtMs = env.clock.monotonic();
    this.arrival = {
      bytes: Buffer.alloc(0),
      from: 0,
      to: 0,
      receivedAt: 0,
      peer: {
        peerAddress: socket.remoteAddress ?? '',
        peerPort: socket.remotePort ?? 0,
        localAddress: socket.localAddress ?? '',
        localPort: socket.localPort ?? 0,
        transport: env.transport,
      },
    };
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('close', () => this.closed());
  }

  /** Closes a connection idle, or slow with one packet, for too long; time in which we paused it does not count. */
  checkAge(nowMs: number): void {
    if (this.isPaused || this.isClosed || this.isEnding) return;
    const { limits } = this.env;
    if (this.begunAtMs >= 0 && nowMs - this.begunAtMs > limits.completeMs) {
      this.close('incomplete', `a packet was incomplete after ${limits.completeMs / 1000} s`);
    } else if (nowMs - this.lastAtMs > limits.idleMs) {
      this.close('idle', `silent for ${limits.idleMs / 1000} s`);
    }
  }

  /**
   * Closes our side and delivers data still in flight, so that the sender knows what arrived. A sender that was made
   * to wait is reset instead: then it knows that its last data did not arrive.
   */
  finish(): void {
    if (this.isClosed) return;
    this.isEnding = true;
    if (this.isPaused) this.reset();
    else this.socket.end();
  }

  /** Data read but not delivered would look delivered if the connection were closed cleanly. */
  private reset(): void {
    this.isClosed = true;
    this.env.reset(this.socket);
  }

  /** Ends the connection; nothing is delivered from it any more. */
  end(): void {
    this.isClosed = true;
    this.socket.destroy();
  }

  /** The sender's address. */
  get address(): string {
    return this.arrival.peer.peerAddress;
  }

  private readonly onPacket = (bytes: Buffer, from: number, to: number): void => {
    const { arrival } = this;
    this.packets++;
    this.bytes += to - from;
    arrival.bytes = bytes;
    arrival.from = from;
    arrival.to = to;
    this.begunAtMs = -1;
    try {
      if (!this.env.deliver(arrival)) this.hasRoom = false;
    } catch (error) {
      this.env.onError(error);
    }
  };

  private take(chunk: Buffer): void {
    if (this.isClosed) return;
    const { framer, env } = this;
    this.lastAtMs = env.clock.monotonic();
    this.arrival.receivedAt = env.clock.now();
    this.hasRoom = true;
    const skippedBefore = framer.skippedBytes;
    const verdict = framer.push(chunk, 0, chunk.length, this.onPacket);
    if (!this.hasHeader && (this.packets > 0 || framer.heldBytes >= HEADER_BYTES)) {
      this.hasHeader = true;
      env.onHeader(this.socket);
    }
    if (framer.skippedBytes > skippedBefore) this.junk(chunk, framer.skippedBytes - skippedBefore, verdict === 'close');
    if (verdict === 'close') {
      this.close(
        framer.closedFor,
        framer.closedFor === 'junk'
          ? `${framer.skippedBytes} bytes are not HEP`
          : `a packet is larger than ${env.limits.packetBytes} bytes`,
      );
      return;
    }
    if (!framer.holding) this.begunAtMs = -1;
    else if (this.begunAtMs < 0) this.begunAtMs = this.lastAtMs;
    if (this.hasRoom) return;
    if (this.isEnding) this.reset();
    else void this.wait();
  }

  private async wait(): Promise<void> {
    this.isPaused = true;
    this.socket.pause();
    await this.env.gate.ready();
    this.isPaused = false;
    this.lastAtMs = this.env.clock.monotonic();
    if (this.begunAtMs >= 0) this.begunAtMs = this.lastAtMs;
    if (!this.isClosed) this.socket.resume();
  }

  /** All junk is counted; the first of a connection is classified and reported, unless the connection is closed for it. */
  private junk(chunk: Buffer, bytes: number, isClosing: boolean): void {
    const { counters, log, name } = this.env;
    counters.add('junk_bytes', bytes);
    if (this.hasReportedJunk) return;
    this.hasReportedJunk = true;
    const kind = this.packets === 0 ? notHep(chunk, 0, chunk.length).fault : 'not_hep';
    counters.add(kind);
    if (!isClosing) log.warn(kind, `${name}: ${this.peer()} is sending non-HEP data (${kind}); skipping it up to the next packet`);
  }

  private close(reason: string, words: string): void {
    this.env.counters.add(`closed_${reason}`);
    this.env.log.warn(`closed_${reason}`, `${this.env.name}: connection from ${this.peer()} closed: ${words}`);
    this.end();
  }

  private closed(): void {
    this.isClosed = true;
    if (this.framer.holding) this.env.counters.add('unfinished_packets');
  }

  private peer(): string {
    return endpointText(this.arrival.peer.peerAddress, this.arrival.peer.peerPort);
  }
}
