/**
 * Several processes that do the work of one: started one after the first, restarted when they die, stopped together. The
 * parent accepts connections, passes signals on, and adds up what they report.
 */
import type { Socket } from 'node:net';
import { EXIT_BUG, EXIT_DONE, EXIT_UNREACHABLE, type Clock, type Environment, type HepEndpoint, type Log } from '../../base/index.js';
import type { ListenerSettings } from '../../pipeline/input/hep-listeners.js';
import { onSignals } from '../../pipeline/signals.js';
import { MergedReports } from './merged-reports.js';
import { howText, startFailure, type Ending } from './ending.js';
import { HangWatch } from './hang-watch.js';
import { ProcessSlot, type SlotOwner } from './process-slot.js';
import type { FromProcess, Task } from './protocol.js';
import { Senders } from './senders.js';
import { SharedListeners } from './shared-listeners.js';

/** A process that has not ended so long after the time that its outputs have is killed. */
const END_GRACE_MS = 3000;
/** Senders wait so long for their process to run again; then another serves them. */
const HOLD_MS = 10_000;
const LOOK_EVERY_MS = 1000;
/** The same entry of several processes within this time. */
const ECHO_MS = 5000;
const MAX_LOGGED = 256;
/** How long the answer to a request for reports may take. */
const REPORT_MS = 1000;

export interface GroupOptions {
  count: number;
  endpoints: readonly HepEndpoint[];
  listening: ListenerSettings;
  /** What each of them does, given where it listens. */
  task(index: number, endpoints: readonly HepEndpoint[]): Task;
  drainSeconds: number;
  /** Called once all of them run. */
  onReady?(): Promise<void>;
  onStopping?(): void;
  /** Other messages of a process. */
  onMessage?(index: number, message: FromProcess): void;
  /** Called whenever one runs, the first time and again. */
  onProcess?(index: number): void;
  /** Called whenever one has ended. */
  onProcessEnd?(index: number): void;
  /** Called whenever one begins to hang. */
  onHang?(index: number): void;
  /** On SIGHUP; by default it is passed on. */
  onHangUp?(): void;
  printSummary(): void;
}

export class ProcessGroup implements SlotOwner {
  readonly reports: MergedReports;
  readonly slots: readonly ProcessSlot[];
  readonly listeners: SharedListeners;
  endpoints: readonly HepEndpoint[] = [];
  readonly clock: Clock;
  readonly count: number;
  isStopping = false;
  drainSeconds: number;
  private readonly log: Log;
  private readonly hangs: HangWatch;
  private readonly senders: Senders;
  private readonly codes = new Set<number>();
  private isComplete = false;
  private readonly starting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  private resolveEnd: () => void = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.resolveEnd = resolve));
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly logged = new Map<string, { index: number; at: number }>();
  private readonly awaited = new Map<number, () => void>();

  constructor(
    private readonly options: GroupOptions,
    env: Environment,
  ) {
    this.count = options.count;
    this.drainSeconds = options.drainSeconds;
    this.log = env.log;
    this.clock = env.clock;
    this.senders = new Senders(this.count);
    this.reports = new MergedReports(this.count);
    this.listeners = new SharedListeners(env, (listener, socket) => this.connection(listener, socket));
    this.slots = Array.from({ length: this.count }, (_, index) => new ProcessSlot(index, this));
    this.hangs = new HangWatch(this.slots, this.log, {
      onHang: ({ index }) => options.onHang?.(index),
      onKill: () => this.reports.ledger.notes.add('process_hung'),
    });
  }

  /** To the end of all processes; the exit code. Throws what the first of them could not start for. */
  async run(): Promise<number> {
    const { options } = this;
    const release = onSignals({ stop: this.stop, report: () => void this.refresh().then(() => options.printSummary()) }, this.clock);
    const hangUp = options.onHangUp ?? (() => this.slots.forEach((slot) => slot.signal('SIGHUP')));
    const killAll = () => this.slots.forEach((slot) => slot.signal('SIGKILL'));
    process.on('SIGHUP', hangUp);
    process.on('exit', killAll);
    try {
      const prepared = await this.listeners.prepare(options.endpoints, options.listening);
      ({ endpoints: this.endpoints } = prepared);
      this.timers.push(setInterval(() => this.look(), LOOK_EVERY_MS));
      await this.startAll();
      prepared.commit();
      if (!this.isStopping) await options.onReady?.();
      await this.ended;
    } catch (error) {
      this.stop();
      await this.ended;
      throw error;
    } finally {
      release();
      process.off('SIGHUP', hangUp);
      process.off('exit', killAll);
      for (const timer of this.timers) clearTimeout(timer);
      this.listeners.close();
    }
    return this.exitCode();
  }

  readonly stop = (): void => {
    if (this.isStopping) return;
    this.isStopping = true;
    this.options.onStopping?.();
    this.listeners.close();
    for (const slot of this.slots) {
      slot.cancel();
      slot.signal('SIGTERM');
    }
    const kill = () => {
      for (const slot of this.slots.filter(({ isRunning }) => isRunning)) {
        this.log.error(`process ${slot.index} has not ended in time: killed`);
        slot.signal('SIGKILL');
      }
    };
    this.timers.push(setTimeout(kill, this.drainSeconds * 1000 + END_GRACE_MS));
    for (const { resolve } of this.starting.values()) resolve();
    this.starting.clear();
    this.settle();
  };

  taskOf(index: number): Task {
    return this.options.task(index, this.endpoints);
  }

  /** Resolves when every process that answers has reported, or does not in time. */
  async refresh(): Promise<void> {
    const answers = this.slots
      .filter(({ isReady, hangs }) => isReady && !hangs)
      .map((slot) => {
        const answer = new Promise<void>((resolve) => this.awaited.set(slot.index, resolve));
        slot.send({ kind: 'report' });
        return answer;
      });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(answers), new Promise<void>((resolve) => (timer = setTimeout(resolve, REPORT_MS)))]);
    clearTimeout(timer);
  }

  onMessage({ index }: ProcessSlot, message: FromProcess): void {
    if (message.kind === 'log') this.write(index, message.level, message.text);
    else if (message.kind === 'report') {
      this.reports.add(index, message.report);
      this.awaited.get(index)?.();
    }
    this.options.onMessage?.(index, message);
  }

  onReady(slot: ProcessSlot): void {
    this.starting.get(slot.index)?.resolve();
    this.starting.delete(slot.index);
    // It was started while the others were told to stop.
    if (this.isStopping) slot.signal('SIGTERM');
    else {
      if (slot.restarts > 0) this.log.info(`process ${slot.index} runs again`);
      this.options.onProcess?.(slot.index);
    }
  }

  onAnswer({ index }: ProcessSlot): void {
    this.log.info(`process ${index} answers again`);
  }

  onEnd(slot: ProcessSlot, ending: Ending): void {
    const { index } = slot;
    const { word } = ending;
    if (word?.kind === 'ended') {
      if (word.report !== null) this.reports.add(index, word.report);
      this.codes.add(word.code);
    }
    const hasDied = word?.kind !== 'ended';
    this.reports.end(index, hasDied);
    this.awaited.get(index)?.();
    this.options.onProcessEnd?.(index);
    if (hasDied) this.reports.ledger.notes.add('process_died');
    const starting = this.starting.get(index);
    this.starting.delete(index);
    if (starting !== undefined) starting.reject(startFailure(index, ending));
    else if (this.isStopping) this.noteEnd(ending, hasDied, index);
    else this.restart(slot, ending);
    this.settle();
  }

  /** What one of them has just logged, too, is logged once: all of them see the same database. */
  private write(index: number, level: keyof Log, text: string): void {
    const now = this.clock.monotonic();
    const last = this.logged.get(text);
    if (last !== undefined && last.index !== index && now - last.at < ECHO_MS) return;
    this.logged.delete(text);
    this.logged.set(text, { index, at: now });
    if (this.logged.size > MAX_LOGGED) this.logged.delete(this.logged.keys().next().value!);
    this.log[level](`process ${index}: ${text}`);
  }

  private noteEnd(ending: Ending, hasDied: boolean, index: number): void {
    if (!hasDied) return;
    this.codes.add(EXIT_UNREACHABLE);
    this.log.error(`process ${index} ${howText(ending)}; what it had not reported is unknown`);
  }

  private restart(slot: ProcessSlot, ending: Ending): void {
    // Before all of them run, the first failure ends the group.
    if (!this.isComplete) return;
    slot.restarts++;
    this.reports.ledger.notes.add('process_restarted');
    const delay = slot.startAgain();
    slot.problem = howText(ending);
    this.log.error(`process ${slot.index} ${slot.problem}; starting it again in ${delay / 1000} s`);
  }

  private async startAll(): Promise<void> {
    const [first, ...others] = this.slots;
    // Tables are created, and errors reported, once.
    await this.startOne(first);
    if (!this.isStopping) await Promise.all(others.map((slot) => this.startOne(slot)));
    this.isComplete = true;
    // One may have died while others were started.
    if (!this.isStopping)
      for (const slot of this.slots.filter(({ isRunning }) => !isRunning))
        this.restart(slot, { code: null, signal: null, word: null, silentSeconds: 0 });
  }

  private startOne(slot: ProcessSlot): Promise<void> {
    if (this.isStopping) return Promise.resolve();
    slot.start();
    return new Promise((resolve, reject) => this.starting.set(slot.index, { resolve, reject }));
  }

  private settle(): void {
    if (this.isStopping && this.slots.every(({ isRunning }) => !isRunning)) this.resolveEnd();
  }

  private connection(listener: string, socket: Socket): void {
    const index = this.senders.placeOf(socket.remoteAddress ?? '', (place) => this.isUp(this.slots[place]));
    if (!this.isStopping && this.slots[index].pass(listener, socket)) return;
    this.reports.ledger.notes.add('refused_connections');
    socket.destroy();
  }

  private isUp(slot: ProcessSlot): boolean {
    return slot.isReady ? !slot.hangs : this.clock.monotonic() - slot.downSince < HOLD_MS;
  }

  /** Senders of a process that hangs or does not come back go to another, where there is one. */
  private look(): void {
    if (this.isStopping) return;
    this.hangs.look();
    if (!this.isComplete || !this.slots.some(({ takesConnections }) => takesConnections)) return;
    for (const slot of this.slots.filter((one) => !this.isUp(one)))
      for (const { listener, socket } of slot.takeWaiting()) this.connection(listener, socket);
  }

  private exitCode(): number {
    const { codes, reports } = this;
    for (const code of [EXIT_BUG, 2]) if (codes.has(code)) return code;
    if (codes.has(EXIT_UNREACHABLE) || reports.sinks().some(({ counts }) => counts.lost > 0)) return EXIT_UNREACHABLE;
    return Math.max(EXIT_DONE, ...codes);
  }
}
