/**
 * Sends HEP packets, byte for byte, to other nodes, and keeps what it cannot send. Each target has its own backlog, in
 * memory and, with a spool directory, on disk.
 */
import { lookup } from 'node:dns';
import { join } from 'node:path';
import { datagramAddon, hepEndpointText, type Gate, type HepEndpoint } from '../../base/index.js';
import { SpoolLog } from '../spool/index.js';
import { Backlog } from './backlog.js';
import { RateLimit } from './rate-limit.js';
import { RELAY_DEFAULTS, UDP_RATE, type RelayOptions } from './relay-options.js';
import { closeTarget, drainTarget, settleTarget, type DrainResult } from './await-delivery.js';
import { Deadline } from './deadline.js';
import { SendWindow } from './send-window.js';
import { Target } from './target.js';
import type { TargetCounts } from './target-counts.js';

export class RelaySink implements Gate {
  private readonly spools: SpoolLog[] = [];
  private readonly targets: Target[] = [];
  private waiters: (() => void)[] = [];
  private closed = false;

  private constructor(private readonly options: RelayOptions & typeof RELAY_DEFAULTS) {}

  /** Opens the spools (a UsageError when another process uses one); `start` begins to connect. */
  static async open(options: RelayOptions): Promise<RelaySink> {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as RelayOptions;
    const relay = new RelaySink({ ...RELAY_DEFAULTS, ...given });
    try {
      for (const endpoints of targetGroups(options)) await relay.addTarget(endpoints);
    } catch (error) {
      for (const spool of relay.spools) await spool.close();
      throw error;
    }
    return relay;
  }

  start(): void {
    for (const target of this.targets) target.start();
  }

  /**
   * Takes one packet; packets with the same `key` (a Call-ID) go to the same target under `balance`. Never throws and never
   * blocks; false asks a source that can wait to wait for `ready`. The packet is taken in any case.
   */
  send(packet: Buffer, key: string): boolean {
    const { targets } = this;
    if (this.options.policy === 'balance') this.enqueue(targets[hashOf(key) % targets.length], packet);
    else for (let i = 0; i < targets.length; i++) this.enqueue(targets[i], packet);
    return this.closed || !this.isFull();
  }

  ready(): Promise<void> {
    if (this.closed || !this.isFull()) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Resolves when everything so far is sent, or safe in a spool, or its target made no progress within the grace period, or time is up. */
  async flush(within: number | Promise<void> = Infinity): Promise<void> {
    const deadline = new Deadline(within);
    await Promise.all(this.targets.map((target) => settleTarget(target, this.options.graceMs, deadline)));
    await Promise.all(this.spools.map((spool) => spool.flush()));
  }

  /** Sends the backlog of the spools, and ends; gives up on a target that is unreachable for longer than `patienceMs`. */
  drain(patienceMs: number): Promise<DrainResult[]> {
    return Promise.all(this.targets.map((target) => drainTarget(target, patienceMs, this.options.stallMs)));
  }

  /**
   * Sends what can be sent while the targets make progress, for so many seconds at most or until the promise resolves; the rest goes to the spools, or is
   * counted as lost. First the connections, then the memory, then the spools: what a connection leaves in doubt is spooled.
   */
  async close(within: number | Promise<void> = Infinity): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const deadline = new Deadline(within);
    await Promise.all(
      this.targets.map(async (target) => {
        await closeTarget(target, this.options.graceMs, deadline);
        target.backlog.end();
      }),
    );
    for (const spool of this.spools) await spool.close();
    this.wake();
  }

  counts(): TargetCounts[] {
    return this.targets.map((target) => target.counts());
  }

  private async addTarget(endpoints: HepEndpoint[]): Promise<void> {
    const { options } = this;
    const { clock, log } = options;
    let spool: SpoolLog | null = null;
    if (options.spoolDirectory !== null) {
      spool = await SpoolLog.open({
        directory: join(options.spoolDirectory, spoolName(endpoints)),
        clock,
        log,
        sync: options.spoolSync,
        maxBytes: options.spoolMaxBytes,
        maxAgeSeconds: options.spoolMaxAgeSeconds,
        segmentBytes: options.segmentBytes,
      });
      this.spools.push(spool);
    }
    const liveRate = options.liveRate ?? 0;
    const backlog: Backlog = new Backlog({
      clock,
      spool,
      rate: this.spoolRateFor(endpoints, () => backlog.offered),
      queueBytes: options.queueBytes,
      // A rate-limited source needs no more than the next second in memory.
      fullPackets: liveRate > 0 && endpoints[0].transport === 'udp' ? Math.max(64, liveRate) : undefined,
      tailBytes: options.tailBytes,
      tailSeconds: options.tailSeconds,
    });
    this.targets.push(
      new Target(
        backlog,
        {
          endpoints,
          clock,
          log,
          upgrade: options.upgrade ?? null,
          tls: options.tls ?? {},
          addon: options.addon === undefined ? datagramAddon() : options.addon,
          random: options.random ?? Math.random,
          findAddresses: options.findAddresses ?? lookup,
          connectTimeoutMs: options.connectTimeoutMs,
          probeMs: options.probeMs,
          pace: liveRate > 0 ? new RateLimit(clock, liveRate) : null,
          stallMs: options.stallMs,
          window: new SendWindow(options.readGraceSeconds * 1000),
          peerBufferBytes: options.repeats === true ? Math.max(options.peerBufferBytes, options.tailBytes) : options.peerBufferBytes,
          repeats: options.repeats ?? false,
          maxBackOffMs: options.maxBackOffMs,
          cooldown: options.cooldown,
          failBackMs: options.failBackMs,
        },
        () => this.moved(),
      ),
    );
  }

  private enqueue(target: Target, packet: Buffer): void {
    if (this.closed) target.backlog.refuse('closed');
    else target.enqueue(packet);
  }

  /** A receiver of UDP buffers a few hundred packets only, so a backlog must not come all at once. */
  private spoolRateFor(endpoints: HepEndpoint[], arrivals: () => number): RateLimit | null {
    const { clock, spoolRate, liveRate } = this.options;
    if (spoolRate !== undefined) return spoolRate === 0 ? null : new RateLimit(clock, spoolRate);
    if (endpoints.every(({ transport }) => transport !== 'udp')) return null;
    return liveRate !== undefined && liveRate > 0 ? new RateLimit(clock, liveRate) : new RateLimit(clock, UDP_RATE, arrivals);
  }

  /** An unreachable target holds up only sources that can wait for it. */
  private isFull(): boolean {
    for (const target of this.targets) if (target.backlog.full && (target.up || this.options.waitForTargets === true)) return true;
    return false;
  }

  private moved(): void {
    if (this.waiters.length > 0 && !this.isFull()) this.wake();
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}

/** The targets that share a queue and a spool: under `failover` all, else each has its own. */
export function targetGroups({ targets, policy }: Pick<RelayOptions, 'targets' | 'policy'>): HepEndpoint[][] {
  return policy === 'failover' ? [targets] : targets.map((target) => [target]);
}

/** The directory of a target's spool: the endpoint as users write it, with `_` for what file systems do not take. */
export function spoolName(endpoints: readonly HepEndpoint[]): string {
  const name = hepEndpointText(endpoints[0]).replace(/[^\w.[\]-]/g, '_');
  return endpoints.length > 1 ? `failover_${name}` : name;
}

/** Whether a directory may be one of those. */
export function isSpoolName(name: string): boolean {
  return /^(?:failover_)?hep_/.test(name);
}

/** FNV-1a: the same key selects the same target in every process. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
