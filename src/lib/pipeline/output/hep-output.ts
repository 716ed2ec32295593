/**
 * Sends messages to other nodes as HEP: the original packet byte for byte, else one encoded from the message. One sink
 * for each target, or one for all of them under failover and balance.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  NO_STREAM,
  UsageError,
  systemErrorText,
  hepEndpointText,
  isFault,
  parseHepEndpoint,
  type Clock,
  type HepEndpoint,
  type Message,
  type Sink,
  type SinkCounts,
  type Environment,
} from '../../base/index.js';
import { HepEncoder, EditablePacket, IdentityWriter, isRefusal, type HepEncoderOptions, type HepExtras } from '../../hep/index.js';
import { headerValue } from '../../sip/index.js';
import { RelaySink, type RelayOptions, type RelayPolicy, type TargetCounts, type TargetTls } from '../../sink/relay/index.js';
import type { SpoolSync } from '../../sink/spool/index.js';
import { frameExtras } from './frame-extras.js';
import { HeldPackets } from './held-packets.js';
import { CapturePace, DEFAULT_HEP_RATE, type HepRate } from './hep-rate.js';

/** `always`: relayed packets of version 3 too, and what may not have arrived is repeated; `none`: only those that came with it. */
export type HepIdentity = 'made' | 'always' | 'none';

export interface HepTargetOptions {
  /** hep_udp:host:port and so on. */
  targets: readonly string[];
  policy: RelayPolicy;
  /** Folder of the spools, '' for none. */
  spool: string;
  spoolSync: SpoolSync;
  /** Packets per second from a spool; -1 for the default. */
  spoolRate: number;
  /** The rate over UDP for a source that can wait. */
  rate?: HepRate;
  spoolMaxBytes: number;
  spoolMaxAgeSeconds: number;
  /** Authorities of hep_tls targets (PEM file), '' for the system's; our own certificate and key, '' for none. */
  tlsCa: string;
  tlsCertificate: string;
  tlsKey: string;
  /** How messages that did not arrive as HEP are encoded. */
  encoder: Omit<HepEncoderOptions, 'identity'>;
  /** Which packets carry the identity of their message; absent: those that are made here. */
  identity?: HepIdentity;
  /** `call-id` (default), `none` or `header:NAME`: the correlation id of SIP that has none. */
  correlation?: string;
  /** True for files and spools: the source waits for unreachable targets. */
  waits: boolean;
  /** Consecutive failures after which the next attempt is delayed by the given seconds; absent means never. */
  cooldown?: { afterFailures: number; seconds: number };
}

/** Opens a relay for each target (or one for all of them) and begins to connect. */
export async function openHepTargets(options: HepTargetOptions, env: Environment): Promise<HepTargetSink[]> {
  const targets = options.targets.map(parseHepEndpoint);
  const groups = options.policy === 'all' ? targets.map((target) => [target]) : [targets];
  const sinks: HepTargetSink[] = [];
  for (const group of groups) {
    const relay = await RelaySink.open(relayOptions(group, options, env));
    relay.start();
    const isPaced = options.waits && options.rate === 'capture' && group.some(({ transport }) => transport === 'udp');
    sinks.push(
      new HepTargetSink(
        group.map(hepEndpointText).join(options.policy === 'failover' ? ' or ' : ' and '),
        relay,
        new HepEncoder({ ...options.encoder, identity: options.identity !== 'none' }),
        options.encoder.version,
        correlationOf(options.correlation),
        isPaced ? env.clock : null,
        options.identity === 'always',
      ),
    );
  }
  return sinks;
}

export function relayOptions(targets: HepEndpoint[], options: HepTargetOptions, env: Environment): RelayOptions {
  if (options.encoder.version < 3 && targets.some(({ transport }) => transport !== 'udp')) {
    throw new UsageError(`HEP version ${options.encoder.version} can be sent over UDP only: use a hep_udp: target or version 3`);
  }
  return {
    targets,
    policy: options.policy,
    clock: env.clock,
    log: env.log,
    spoolDirectory: options.spool === '' ? null : options.spool,
    spoolSync: options.spoolSync,
    spoolMaxBytes: options.spoolMaxBytes,
    spoolMaxAgeSeconds: options.spoolMaxAgeSeconds,
    spoolRate: options.spoolRate < 0 ? undefined : options.spoolRate,
    // Live sources are never held back: what the socket dropped meanwhile would be lost for good.
    liveRate: options.waits && options.rate !== 'capture' ? (options.rate ?? DEFAULT_HEP_RATE) : 0,
    waitForTargets: options.waits,
    cooldown:
      options.cooldown === undefined ? undefined : { afterFailures: options.cooldown.afterFailures, ms: options.cooldown.seconds * 1000 },
    tls: targetTls(options),
    repeats: options.identity === 'always',
  };
}

function targetTls(options: HepTargetOptions): TargetTls {
  const read = (path: string) => (path === '' ? undefined : readPem(path));
  return { ca: read(options.tlsCa), cert: read(options.tlsCertificate), key: read(options.tlsKey) };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${systemErrorText(error)}`);
  }
}

export class HepTargetSink implements Sink {
  private delivered = 0;
  private refused = 0;
  private readonly before: number;
  private readonly reasons: Record<string, number> = {};
  private readonly pace: CapturePace | null;
  private readonly held: HeldPackets | null;
  private readonly identity = new IdentityWriter();

  /** `paceClock`: packets keep their captured intervals; null sends them as they arrive. */
  constructor(
    readonly name: string,
    private readonly relay: RelaySink,
    private readonly encoder: HepEncoder,
    private readonly version: number,
    private readonly correlation: Correlation = callIdOf,
    private readonly paceClock: Clock | null = null,
    private readonly addsIdentity = false,
  ) {
    this.pace = paceClock === null ? null : new CapturePace(paceClock);
    this.held = paceClock === null ? null : new HeldPackets(paceClock, (packet, key) => void relay.send(packet, key));
    this.before = relay.counts().reduce((sum, target) => sum + target.received, 0);
  }

  accept(message: Message): boolean {
    this.delivered++;
    const { envelope } = message;
    const packet =
      envelope !== null && envelope.version === this.version
        ? this.addsIdentity && !envelope.isIdentified
          ? this.identified(envelope.bytes, message)
          : envelope.bytes
        : this.encoder.encode(message, this.extrasOf(message));
    if (!isFault(packet)) return this.forward(packet, message.sip?.callId ?? message.correlationId, message.capturedAt);
    this.refused++;
    this.reasons[packet.fault] = (this.reasons[packet.fault] ?? 0) + 1;
    return true;
  }

  private identified(packet: Buffer, { stream, sequence }: Message): Buffer {
    const isVersion3 = this.version === 3 && stream !== NO_STREAM;
    return (isVersion3 ? this.identity.appended(packet, stream, sequence) : null) ?? packet;
  }

  /** The correlation id of a message without one: the Call-ID, or as configured. */
  private extrasOf(message: Message): HepExtras {
    const correlationId = message.correlationId !== '' ? message.correlationId : this.correlation(message);
    return { correlationId, ...frameExtras(message.frames) };
  }

  /** An unchanged packet, captured at `at` (microseconds since 1970); false when the target is full. */
  send(packet: Buffer, key: string, at = 0): boolean {
    this.delivered++;
    return this.forward(packet, key, at);
  }

  async ready(): Promise<void> {
    if (this.held !== null && this.held.count > 0) await this.held.pause();
    await this.relay.ready();
  }

  flush(): Promise<void> {
    return this.relay.flush();
  }

  /** Sends what can be sent in so many milliseconds, or until `within` resolves; the rest stays in the spool, or is counted as lost. */
  async close(within?: number | Promise<void>): Promise<void> {
    const over = typeof within === 'number' ? sleep(within, undefined, { ref: false }) : within;
    await this.held?.finish(over ?? new Promise(() => undefined));
    await this.relay.close(over);
  }

  private forward(packet: Buffer, key: string, at: number): boolean {
    const { pace, held } = this;
    if (pace === null || held === null || at === 0) return this.relay.send(packet, key);
    const dueMs = pace.dueMs(at);
    if (held.count === 0 && dueMs <= this.paceClock!.monotonic()) return this.relay.send(packet, key);
    held.push(packet, key, dueMs);
    return false;
  }

  /** The targets that share it, each with its own counters. */
  targets(): TargetCounts[] {
    return this.relay.counts();
  }

  counts(): SinkCounts {
    const counts: SinkCounts & { unconfirmed: number } = {
      delivered: this.delivered,
      before: this.before,
      written: 0,
      refused: this.refused,
      unconfirmed: 0,
      waiting: this.held?.count ?? 0,
      lost: 0,
      reasons: { ...this.reasons },
    };
    for (const target of this.relay.counts()) {
      counts.written += target.sent;
      counts.unconfirmed += target.confirms ? target.unconfirmed : target.sent;
      counts.waiting += target.waiting;
      counts.lost += target.lost;
      for (const [reason, count] of Object.entries(target.reasons)) counts.reasons[reason] = (counts.reasons[reason] ?? 0) + count;
    }
    return counts;
  }
}

type Correlation = (message: Message) => string;

const callIdOf: Correlation = ({ sip }) => sip?.callId ?? '';

function correlationOf(text = 'call-id'): Correlation {
  if (text === 'call-id') return callIdOf;
  if (text === 'none') return () => '';
  const header = /^header:(\S+)$/.exec(text);
  if (header === null) throw new UsageError(`invalid correlation id '${text}': expected call-id, none or header:NAME`);
  return ({ sip }) => (sip === null ? '' : headerValue(sip, header[1]) || sip.callId);
}

/** HEPv3 of a v1 or v2 packet, or null where it cannot be read. */
export function upgraded(packet: Buffer, receivedAt: number, captureId: number): Buffer | null {
  const editable = EditablePacket.read(packet, receivedAt);
  if (isFault(editable)) return null;
  editable.upgrade(receivedAt, captureId);
  const made = editable.packet();
  return isFault(made) || isRefusal(made) ? null : made;
}
