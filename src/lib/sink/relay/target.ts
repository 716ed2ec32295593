/**
 * One target: its backlog and the link that empties it. A target may have several endpoints, of which the first
 * that works is used (failover): they share one backlog, so nothing is tied to an endpoint that stays unreachable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { hepEndpointText, isFault, timerMs, type Clock, type HepEndpoint, type Log } from '../../base/index.js';
import { BackOff, type Cooldown } from './back-off.js';
import type { Backlog } from './backlog.js';
import { isReachable } from './reachable.js';
import type { Link, LinkOptions, LinkOwner } from './link.js';
import { StreamLink } from './stream-link.js';
import { streamFault } from './streamable.js';
import type { TargetCounts } from './target-counts.js';
import { UdpLink } from './udp-link.js';

export interface TargetOptions extends Omit<LinkOptions, 'endpoint' | 'attempt'> {
  /** At least one; the first is preferred. */
  endpoints: HepEndpoint[];
  clock: Clock;
  log: Log;
  /** Converts v1 and v2 to HEPv3 for streams, which cannot carry those; null to refuse them. */
  upgrade: ((packet: Buffer) => Buffer | null) | null;
  maxBackOffMs: number;
  /** After this many consecutive failures the next attempt is delayed this long. */
  cooldown: Cooldown;
  /** How long a later endpoint is used before the first is tried again. */
  failBackMs: number;
  random: () => number;
}

/** How long a target may take to acknowledge the rest and to close its side. */
const FINISH_MS = 5000;
const NEVER = new Promise<void>(() => undefined);
const NEXT_ENDPOINT_MS = 20;

export class Target implements LinkOwner {
  readonly name: string;
  /** Connections after the first, and failed attempts. */
  reconnects = 0;
  failures = 0;
  /** Why the target is unreachable; '' while it is connected, or was not tried yet. */
  lastError = '';
  up = false;
  private link: Link | null = null;
  /** The target closed an idle connection: the next packet opens another. */
  private isIdle = false;
  private index = 0;
  private started = false;
  private downSinceMs: number;
  private retryTimer: NodeJS.Timeout | null = null;
  private hasReportedOldVersion = false;
  /** The log has reported that the target is unreachable. */
  private hasReportedDown = false;
  private failBackTimer: NodeJS.Timeout | null = null;
  private connections = 0;
  private readonly streamed: boolean;
  private readonly backOff: BackOff;

  constructor(
    readonly backlog: Backlog,
    private readonly options: TargetOptions,
    private readonly onMoved: () => void,
  ) {
    this.name = options.endpoints.map(hepEndpointText).join(',');
    this.streamed = options.endpoints.some(({ transport }) => transport !== 'udp');
    this.backOff = new BackOff(options.maxBackOffMs, options.random, options.cooldown);
    this.downSinceMs = options.clock.monotonic();
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    this.downSinceMs = this.options.clock.monotonic();
    this.connect();
  }

  /** Takes a packet; counts it if it cannot be sent or kept. */
  enqueue(packet: Buffer): void {
    const fitting = this.streamed ? this.forStream(packet) : packet;
    if (fitting === null) return;
    this.backlog.enqueue(fitting);
    if (this.link !== null) this.link.wanted();
    else if (this.isIdle) this.connect();
  }

  /** Milliseconds since the target was last connected; 0 while it is. */
  awayMs(): number {
    return this.up ? 0 : this.options.clock.monotonic() - this.downSinceMs;
  }

  linkUp(): void {
    if (this.connections++ > 0) this.reconnects++;
    this.up = true;
    this.lastError = '';
    this.backlog.resume();
    if (this.index > 0) this.failBackTimer = setTimeout(this.lookAtFirst, this.options.failBackMs).unref();
  }

  /** Only now: a target that accepts connections and breaks them must not be retried without a delay. */
  linkProven(): void {
    this.backOff.reset();
    if (this.hasReportedDown) this.options.log.info(`${this.endpointName()}: connected again, ${this.backlog.waiting} packets waiting`);
    this.hasReportedDown = false;
  }

  linkDown(reason: string, inOrder: boolean): void {
    if (inOrder && this.index === 0 && this.backlog.unconfirmed === 0 && this.backlog.waiting === 0) {
      this.link = null;
      this.isIdle = true;
      return;
    }
    this.failures++;
    const last = this.endpointName();
    if (!this.hasReportedDown) this.options.log.warn(`${last}: ${reason}`);
    this.hasReportedDown = true;
    this.lost(reason);
    this.index = (this.index + 1) % this.options.endpoints.length;
    const waitMs = this.index > 0 ? NEXT_ENDPOINT_MS : this.backOff.next();
    if (this.index === 0 && this.backOff.coolingDown)
      this.options.log.warn(`${this.name}: next attempt in ${waitMs / 1000} s (${this.options.cooldown.afterFailures} failures in a row)`);
    this.retryTimer = setTimeout(this.connect, timerMs(waitMs));
    this.onMoved();
  }

  linkMoved(): void {
    this.onMoved();
  }

  /** Ends the link after everything passed to it; false if some may not have arrived, which then returns to the backlog. */
  async finish(over: Promise<void> = NEVER): Promise<boolean> {
    const { link } = this;
    if (link === null) return this.backlog.waiting === 0 && this.backlog.unconfirmed === 0;
    this.link = null; // nothing new goes there
    const well = await link.finish(Promise.race([over, sleep(FINISH_MS, undefined, { ref: false })]));
    if (!well) this.lost('closed before everything was acknowledged');
    this.setAway();
    return well && this.backlog.waiting === 0;
  }

  /** Reconnects after a `finish`, with the delay due to its failures. */
  reconnect(): void {
    if (this.link === null && this.retryTimer === null) this.retryTimer = setTimeout(this.connect, timerMs(this.backOff.next()));
  }

  stop(): void {
    this.link?.destroy();
    this.link = null;
    this.up = false;
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    if (this.failBackTimer !== null) clearTimeout(this.failBackTimer);
    this.retryTimer = this.failBackTimer = null;
  }

  counts(): TargetCounts {
    const { backlog } = this;
    const lost = backlog.lost();
    return {
      target: this.name,
      up: this.up,
      lastError: this.lastError,
      received: backlog.received,
      sent: backlog.sent,
      waiting: backlog.waiting,
      spooled: backlog.spooled,
      lost: lost.total(),
      reasons: lost.toJSON(),
      resent: backlog.resent,
      unconfirmed: backlog.unconfirmed,
      confirms: this.streamed,
      reconnects: this.reconnects,
      failures: this.failures,
    };
  }

  private readonly connect = (): void => {
    this.retryTimer = null;
    this.isIdle = false;
    const endpoint = this.options.endpoints[this.index];
    const options: LinkOptions = { ...this.options, endpoint, attempt: this.failures };
    this.link = endpoint.transport === 'udp' ? new UdpLink(options, this) : new StreamLink(options, this);
  };

  private lost(reason: string): void {
    this.link = null;
    this.setAway();
    this.lastError = reason;
    if (this.failBackTimer !== null) clearTimeout(this.failBackTimer);
    this.backlog.suspend();
  }

  private setAway(): void {
    if (this.up) this.downSinceMs = this.options.clock.monotonic();
    this.up = false;
  }

  private readonly lookAtFirst = (): void => {
    this.failBackTimer = null;
    void isReachable(this.options.endpoints[0], this.options.connectTimeoutMs, this.options.findAddresses).then(async (reachable) => {
      if (!this.up) return;
      if (!reachable) {
        this.failBackTimer = setTimeout(this.lookAtFirst, this.options.failBackMs).unref();
        return;
      }
      await this.finish();
      this.index = 0;
      if (this.retryTimer === null) this.connect();
    });
  };

  /** The packet as a stream can carry it, or null and counted. */
  private forStream(packet: Buffer): Buffer | null {
    let fitting: Buffer | null = packet;
    let found = streamFault(packet);
    if (isFault(found) && found.fault === 'bad_version' && this.options.upgrade !== null) {
      fitting = this.options.upgrade(packet);
      found = fitting === null ? found : streamFault(fitting);
    }
    if (found === null) return fitting;
    if (found.fault === 'too_big' && fitting !== null) return fitting.subarray(0, found.needed); // bytes after the packet's end
    if (found.fault === 'bad_version') this.reportOldVersion();
    this.backlog.refuse(found.fault === 'bad_version' ? 'old_version_on_stream' : found.fault);
    return null;
  }

  private reportOldVersion(): void {
    if (this.hasReportedOldVersion) return;
    this.hasReportedOldVersion = true;
    this.options.log.warn(
      `${this.endpointName()}: HEP versions 1 and 2 have no length field and cannot be sent over TCP; refusing such packets: use --hep-version 3 to convert them, or a hep_udp: target`,
    );
  }

  private endpointName(): string {
    return hepEndpointText(this.options.endpoints[this.index]);
  }
}
