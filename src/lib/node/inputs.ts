/**
 * The inputs of a node as one source: HEP listeners and interfaces, each under a key of its settings. A reload opens what is
 * new before it closes what is old, and inputs with the same key continue without missing a packet.
 */
import { hepEndpointText, type Environment, type Frame, type HepEndpoint, type Ledger } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import type { LiveSettings, Settings } from '../config/index.js';
import {
  adoptSettings,
  listenerFor,
  openListener,
  startListener,
  type Listener,
  type ListenerSettings,
} from '../pipeline/input/hep-listeners.js';
import { InterfaceSource } from '../pipeline/input/interface-source.js';
import { ListenerLosses } from '../pipeline/input/listener-losses.js';
import type { FrameIntake, FrameSelection, RunSource, SourceIntake } from '../pipeline/source.js';
import type { InputSummary } from '../pipeline/summary.js';
import { HoldQueue } from './hold-queue.js';
import { NodeMedia } from './node-media.js';

interface OpenListener {
  key: string;
  listener: Listener;
}

interface OpenInterfaces {
  key: string;
  source: InterfaceSource;
  selection: FrameSelection;
  interfaces: readonly string[];
  frames: FrameIntake | null;
  /** Time of the last frame that was delivered, microseconds since 1970. */
  lastAt: number;
}

/** Inputs that are open and deliver nothing yet. */
export interface PreparedInputs {
  /** Switches to them; nothing can fail any more. */
  commit(): Promise<void>;
  /** Closes what was opened. */
  discard(): Promise<void>;
}

export class NodeInputs implements RunSource {
  readonly kind = 'inputs';
  readonly unit = 'packets';
  readonly isLive = true;
  readonly queue: HoldQueue;
  readonly media = new NodeMedia();
  private listeners: OpenListener[] = [];
  private interfaces: OpenInterfaces[] = [];
  private intake!: SourceIntake;
  private readonly losses = new ListenerLosses();
  /** Summaries of those that were closed. */
  private closed: InputSummary[] = [];
  private end: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));
  private closedSources: InterfaceSource[] = [];
  private closedListeners: Listener[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly env: Environment,
    onHeldTooMuch: () => void,
  ) {
    this.queue = new HoldQueue(onHeldTooMuch);
  }

  async open(): Promise<void> {
    const prepared = await this.prepare(this.settings);
    this.first = prepared;
  }
  private first: PreparedInputs | null = null;
  private isStopped = false;

  async read(intake: SourceIntake): Promise<void> {
    this.intake = intake;
    // Null where it was stopped before it began.
    await this.first?.commit();
    this.first = null;
    await this.ended;
    await this.closeAll();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.end();
    if (this.first !== null) await this.first.discard();
    this.first = null;
    await this.closeAll();
  }

  /** Opens what those settings add; throws with nothing left open. */
  async prepare(settings: Settings): Promise<PreparedInputs> {
    const wanted = settings.listeners.map((endpoint) => ({ endpoint, key: hepEndpointText(endpoint) }));
    const lives = settings.live.map((live) => ({ live, key: liveKey(live, settings) }));
    const freshListeners: OpenListener[] = [];
    const freshInterfaces: OpenInterfaces[] = [];
    const adopt = adoptSettings(settings.listening);
    const discard = async () => {
      for (const { listener } of freshListeners) await listener.stop();
      for (const { source, selection } of freshInterfaces) {
        await source.stop();
        if (selection.media) this.media.end(selection.media);
      }
    };
    try {
      for (const { live, key } of lives)
        if (!this.interfaces.some((known) => known.key === key)) freshInterfaces.push(await this.openInterfaces(live, key, settings));
      for (const { endpoint, key } of wanted)
        if (!this.listeners.some((known) => known.key === key))
          freshListeners.push({ key, listener: await this.openListener(endpoint, settings.listening) });
    } catch (error) {
      await discard();
      throw error;
    }
    const commit = async () => {
      // A reload may finish after the node was stopped: nothing is opened then.
      if (this.isStopped) return discard();
      const goingListeners = this.listeners.filter(({ key }) => !wanted.some((one) => one.key === key));
      const goingInterfaces = this.interfaces.filter(({ key }) => !lives.some((one) => one.key === key));
      for (const { listener } of this.listeners) if (!goingListeners.some((going) => going.listener === listener)) adopt(listener);
      this.listeners = [...this.listeners.filter((one) => !goingListeners.includes(one)), ...freshListeners];
      for (const { listener } of freshListeners)
        startListener(listener, (arrival) => this.arrival(arrival), this.intake, this.intake.datagramGate);
      await this.closeListeners(goingListeners);
      await this.closeInterfaces(goingInterfaces);
      this.interfaces = [...this.interfaces.filter((one) => !goingInterfaces.includes(one)), ...freshInterfaces];
      for (const one of freshInterfaces) this.startInterfaces(one, goingInterfaces);
    };
    return { commit, discard };
  }

  async updateLosses(ledger: Ledger): Promise<void> {
    for (const listener of [...this.listeners.map((one) => one.listener), ...this.closedListeners])
      await this.losses.update(listener, ledger);
    for (const source of [...this.interfaces.map((one) => one.source), ...this.closedSources]) await source.updateLosses(ledger);
  }

  openInputs(): InputSummary[] {
    return [...this.listeners.map(({ listener }) => listener.summary()), ...this.interfaces.flatMap(({ source }) => source.inputs())];
  }

  inputs(): InputSummary[] {
    return [...this.openInputs(), ...this.closed];
  }

  async commit(): Promise<void> {}

  private arrival(arrival: HepArrival): boolean {
    const { queue, intake } = this;
    if (!queue.isHolding) return intake.packet(arrival);
    // The listener reuses the object; the bytes are never overwritten.
    const kept = { ...arrival };
    queue.add(() => void intake.packet(kept));
    return true;
  }

  private frame(frame: Frame, one: OpenInterfaces): boolean {
    const { queue } = this;
    one.lastAt = frame.capturedAt;
    if (!queue.isHolding) return one.frames!.frame(frame);
    const bytes = Buffer.from(frame.bytes.subarray(frame.from, frame.to));
    const kept = { ...frame, bytes, from: 0, to: bytes.length };
    queue.add(() => void one.frames!.frame(kept));
    return true;
  }

  private async openListener(endpoint: HepEndpoint, listening: ListenerSettings): Promise<Listener> {
    const listener = listenerFor(endpoint, listening, this.env);
    await openListener(listener);
    return listener;
  }

  private async openInterfaces(live: LiveSettings, key: string, settings: Settings): Promise<OpenInterfaces> {
    const selection = { ...selectionOf(live, settings), media: live.rtp ? this.media.begin() : null };
    const source = new InterfaceSource({ ...live, selection, giveUpSeconds: 0 }, this.env);
    await source.open();
    return { key, source, selection, interfaces: live.interfaces, frames: null, lastAt: 0 };
  }

  /** Frames already captured by closed inputs on the same interfaces are not delivered twice. */
  private startInterfaces(one: OpenInterfaces, gone: readonly OpenInterfaces[]): void {
    const before = gone.filter(({ interfaces }) => interfaces.some((name) => one.interfaces.includes(name)));
    const skipUntil = Math.max(0, ...before.map(({ lastAt }) => lastAt));
    one.frames = this.intake.frames(one.selection);
    one.source
      .deliver((frame) => frame.capturedAt <= skipUntil || this.frame(frame, one))
      .catch((error: Error) => this.env.log.error(`${one.interfaces.join(', ')}: ${error.message}`));
  }

  /** An input that cannot be closed cleanly does not keep the others from switching. */
  private async closing(name: string, close: () => Promise<void>): Promise<void> {
    try {
      await close();
    } catch (error) {
      this.env.log.error(`${name}: cannot be closed: ${(error as Error).message}`);
    }
  }

  private async closeListeners(going: readonly OpenListener[]): Promise<void> {
    for (const { listener } of going) {
      await this.closing(listener.name, () => listener.stop());
      this.closed.push(listener.summary());
      this.closedListeners.push(listener);
    }
  }

  private async closeInterfaces(going: readonly OpenInterfaces[]): Promise<void> {
    for (const { source, frames, interfaces, selection } of going) {
      await this.closing(interfaces.join(', '), async () => {
        await source.stop();
        await frames?.finish();
      });
      if (selection.media) this.media.end(selection.media);
      this.closed.push(...source.inputs());
      this.closedSources.push(source);
    }
  }

  /** Further calls wait for the same end: data in flight is delivered until then. */
  private closeAll(): Promise<void> {
    this.ending ??= this.closeInputs();
    return this.ending;
  }
  private ending: Promise<void> | null = null;

  private async closeInputs(): Promise<void> {
    const { listeners, interfaces } = this;
    this.listeners = [];
    this.interfaces = [];
    await this.closeListeners(listeners);
    await this.closeInterfaces(interfaces);
  }
}

function selectionOf({ ports, rtcp, mode, address }: LiveSettings, { workers, targets, script }: Settings): FrameSelection {
  return {
    ports,
    parseHep: false,
    rtcp,
    tunnelTo: mode === 'ipip' ? address || '0.0.0.0' : null,
    // HEP output includes the MAC addresses and TCP flags of the frames.
    keepFrames: targets.length > 0 || script !== null,
    workers,
    isLive: true,
  };
}

function liveKey(live: LiveSettings, settings: Settings): string {
  return JSON.stringify([live, selectionOf(live, settings)]);
}
