/**
 * What messages come in by: HEP listeners and interfaces, each under a key of its settings. At a reload what has the
 * same key goes on without missing a packet; while the rest of the node changes, packets wait in a bounded queue.
 */
import { hepEndpointText, type Frame, type Gate, type Ledger, type Environment } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import { LiveCapture, mirrorFilter, tunnelFilter, type LinkKind } from '../capture/live/index.js';
import { closeListener, listenerFor, openListener, startListener, type Listener } from '../pipeline/input/hep-listeners.js';
import type { LiveSettings, Settings } from '../config/index.js';
import type { InputSummary } from '../pipeline/summary.js';

export interface Receivers {
  arrival(arrival: HepArrival): boolean;
  frame(frame: Frame, live: LiveSettings): boolean;
}

interface OpenListener {
  key: string;
  listener: Listener;
}

interface OpenLive {
  key: string;
  capture: LiveCapture;
  settings: LiveSettings;
}

/** Packets that wait while the node changes. */
const MAX_HELD = 50_000;

export class Inputs {
  private listeners: OpenListener[] = [];
  private lives: OpenLive[] = [];
  private held: (() => void)[] | null = null;
  private kernelDropsOfClosed = 0;
  /** Sums of those that were closed. */
  private readonly closed: InputSummary[] = [];
  private readonly socketDrops = new Map<Listener, number>();

  /** Streams wait for `gate`, UDP (where its socket can) for `udpGate`. */
  constructor(
    private readonly receivers: Receivers,
    private readonly gate: Gate,
    private readonly udpGate: Gate,
    private readonly ledger: Ledger,
    private readonly env: Environment,
    private readonly onGiveUp: () => void,
  ) {}

  /** Closes what is not wanted any more and opens what is new. */
  async apply(settings: Settings): Promise<void> {
    const wanted = settings.listeners.map((endpoint) => ({
      endpoint,
      key: JSON.stringify([hepEndpointText(endpoint), settings.listening]),
    }));
    const lives = settings.live.map((live) => ({ live, key: JSON.stringify(live) }));
    await this.close((key) => !wanted.some((one) => one.key === key) && !lives.some((one) => one.key === key));
    for (const { live, key } of lives)
      if (!this.lives.some((known) => known.key === key)) this.lives.push({ key, settings: live, capture: await this.openLive(live) });
    for (const { endpoint, key } of wanted) {
      if (this.listeners.some((known) => known.key === key)) continue;
      const listener = listenerFor(endpoint, settings.listening, this.env);
      await openListener(listener);
      this.listeners.push({ key, listener });
      startListener(listener, (arrival) => this.take(arrival), this.gate, this.udpGate);
    }
  }

  /** Whether frames of those settings still come. */
  captures(live: LiveSettings): boolean {
    return this.lives.some(({ settings }) => settings === live);
  }

  /** From now on packets wait. */
  hold(): void {
    this.held ??= [];
  }

  /** Delivers what waited, and goes on. */
  release(): void {
    const { held } = this;
    this.held = null;
    for (const deliver of held ?? []) deliver();
  }

  async stop(): Promise<void> {
    await this.close(() => true);
  }

  summary(): InputSummary[] {
    return [
      ...this.listeners.map(({ listener }) => listener.summary()),
      ...this.lives.flatMap(({ capture }) => capture.summary()),
      ...this.closed,
    ];
  }

  /** Brings the counts of drops in the books up to date. */
  async noteDrops(): Promise<void> {
    const { ledger } = this;
    const kernel = this.lives.reduce((sum, { capture }) => sum + capture.kernelDrops, this.kernelDropsOfClosed);
    if (this.lives.length > 0 || kernel > 0) ledger.dropped.add('kernel', kernel - ledger.dropped.get('kernel'));
    for (const { listener } of this.listeners) {
      if ('drops' in listener) this.socketDrops.set(listener, await listener.drops());
    }
    const socket = [...this.socketDrops.values()].reduce((sum, drops) => sum + drops, 0);
    if (socket > 0) ledger.dropped.add('socket_buffer', socket - ledger.dropped.get('socket_buffer'));
  }

  private take(arrival: HepArrival): boolean {
    if (this.held === null) return this.receivers.arrival(arrival);
    if (this.held.length >= MAX_HELD) this.ledger.dropped.add('while_reloading');
    else {
      // The listener hands over the same object again and again; the bytes are never written again.
      const undecoded = { ...arrival };
      this.held.push(() => void this.receivers.arrival(undecoded));
    }
    return true;
  }

  private frame(frame: Frame, live: LiveSettings): boolean {
    if (this.held === null) return this.receivers.frame(frame, live);
    if (this.held.length >= MAX_HELD) this.ledger.dropped.add('while_reloading');
    else {
      const bytes = Buffer.from(frame.bytes.subarray(frame.from, frame.to));
      const undecoded = { ...frame, bytes, from: 0, to: bytes.length };
      this.held.push(() => void this.receivers.frame(undecoded, live));
    }
    return true;
  }

  private async openLive(live: LiveSettings): Promise<LiveCapture> {
    const filters = { ethernet: filterOf(live, 'ethernet'), cooked: filterOf(live, 'cooked'), ip: filterOf(live, 'ip') };
    const interfaces = live.interfaces.map((device) => ({ ...live, device, filters, giveUpSeconds: 0 }));
    const capture = await LiveCapture.open(interfaces, this.env, this.onGiveUp);
    void capture.start((frame) => this.frame(frame, live));
    return capture;
  }

  private async close(which: (key: string) => boolean): Promise<void> {
    const listeners = this.listeners.filter(({ key }) => which(key));
    const lives = this.lives.filter(({ key }) => which(key));
    for (const { listener } of listeners) {
      this.socketDrops.delete(listener);
      await closeListener(listener, this.ledger);
      this.closed.push(listener.summary());
    }
    for (const { capture } of lives) {
      await capture.stop();
      this.closed.push(...capture.summary());
      this.kernelDropsOfClosed += capture.kernelDrops;
    }
    this.listeners = this.listeners.filter(({ key }) => !which(key));
    this.lives = this.lives.filter(({ key }) => !which(key));
  }
}

function filterOf({ mode, address, ports, filter, kernelFilter, rtcp }: LiveSettings, kind: LinkKind): string {
  if (filter !== '') return filter;
  // RTCP may come on any port.
  if (!kernelFilter || rtcp) return '';
  return mode === 'ipip'
    ? tunnelFilter({ address: address === '' ? '0.0.0.0' : address, ports: [...ports] }, kind)
    : mirrorFilter(ports, kind);
}
