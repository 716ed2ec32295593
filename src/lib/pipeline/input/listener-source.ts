/** HEP listeners, until stopped. SIGHUP reads their certificates again. */
import {
  UsageError,
  ownListenerProblem,
  parseHepEndpoint,
  parseHepListener,
  type Environment,
  type HepEndpoint,
  type Ledger,
} from '../../base/index.js';
import type { RunSource, SourceIntake } from '../source.js';
import { listenerFor, openListener, reloadCertificates, startListener, type Listener, type ListenerSettings } from './hep-listeners.js';
import { ListenerLosses } from './listener-losses.js';

/** What is counted at those listeners. */
export function unitOf(listeners: readonly HepEndpoint[]): string {
  return listeners.every(({ transport }) => transport === 'udp') ? 'datagrams' : 'datagrams and packets';
}

export class ListenerSource implements RunSource {
  readonly kind = 'listeners';
  readonly unit: string;
  readonly isLive = true;
  private readonly listeners: Listener[];
  private end: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));
  private readonly losses = new ListenerLosses();

  /** Endpoints as `hep_udp:host:port`; `targets` are those that what arrives is sent to. */
  constructor(
    endpoints: readonly string[],
    private readonly settings: ListenerSettings,
    private readonly env: Environment,
    targets: readonly string[] = [],
  ) {
    const places = endpoints.map(parseHepListener);
    for (const target of targets) {
      const problem = ownListenerProblem(parseHepEndpoint(target), places);
      if (problem !== '') throw new UsageError(problem);
    }
    // What arrives is counted before anybody knows whether it is HEP.
    this.unit = unitOf(places);
    this.listeners = places.map((place) => listenerFor(place, settings, env));
  }

  async open(): Promise<void> {
    try {
      for (const listener of this.listeners) await openListener(listener);
    } catch (error) {
      for (const listener of this.listeners) await listener.stop();
      throw error;
    }
    process.on('SIGHUP', this.hangUp);
  }

  async read(intake: SourceIntake): Promise<void> {
    for (const listener of this.listeners) startListener(listener, (arrival) => intake.packet(arrival), intake, intake.datagramGate);
    await this.ended;
    await this.close();
  }

  async stop(): Promise<void> {
    this.end();
    await this.close();
  }

  async updateLosses(ledger: Ledger): Promise<void> {
    for (const listener of this.listeners) await this.losses.update(listener, ledger);
  }

  inputs() {
    return this.listeners.map((listener) => listener.summary());
  }

  async commit(): Promise<void> {}

  private readonly hangUp = () => reloadCertificates(this.listeners, this.settings, this.env);

  private async close(): Promise<void> {
    process.off('SIGHUP', this.hangUp);
    for (const listener of this.listeners) await listener.stop();
  }
}
