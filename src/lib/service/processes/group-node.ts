/**
 * A capture node of several processes, as `serve`, management and metrics see it: one. A reload is prepared by all
 * processes, and every one of them switches, or none.
 */
import { accountingErrors, failureText, UsageError, type Environment } from '../../base/index.js';
import type { MetricsSource, ProcessState } from '../../admin/metrics/registry.js';
import type { Settings } from '../../config/index.js';
import { MediaTotals, type MediaCounts } from '../../media/index.js';
import { completeReload } from '../../node/complete-reload.js';
import type { NodeOptions } from '../../node/node.js';
import { InputMonitor } from '../../pipeline/input-monitor.js';
import { writeSummary } from '../../pipeline/summary.js';
import { refuseWithoutAddon, warnOfCores } from './cores.js';
import { mergedDepths, mergedFailing, mergedStates, mergedTargets } from './merged-counts.js';
import { ProcessGroup } from './process-group.js';
import type { ProcessSlot } from './process-slot.js';
import type { FromProcess, ToProcess } from './protocol.js';

/** A process that has not opened what a reload adds by then keeps all from switching. */
const AGREE_MS = 60_000;

/** Awaited from a process. */
interface Answer {
  kind: 'prepared' | 'switched';
  done(why: string): void;
}

export class GroupNode implements MetricsSource {
  reloads = 0;
  /** Reloads that the processes were asked to prepare. */
  private attempts = 0;
  private isCapturing: boolean;
  private readonly group: ProcessGroup;
  private readonly monitor: InputMonitor;
  private changing: Promise<unknown> = Promise.resolve();
  private stopping: Promise<void> = Promise.resolve();
  /** Settings that a process was started with, or switched to. */
  private readonly settingsIn: Settings[] = [];
  private readonly answers = new Map<number, Answer>();
  private readonly began: number;

  constructor(
    private settings: Settings,
    private readonly env: Environment,
    private readonly options: NodeOptions,
    count: number,
  ) {
    this.began = env.clock.monotonic();
    this.isCapturing = settings.captureOn;
    const { listeners: endpoints, listening, drainSeconds } = settings;
    this.group = new ProcessGroup(
      {
        count,
        endpoints,
        listening,
        drainSeconds,
        task: (index, places) => {
          // A port 0 stays the one that the first start got.
          if (this.settings === settings) this.settings = settings = { ...settings, listeners: places };
          this.settingsIn[index] = this.settings;
          return { kind: 'node', settings: this.settings };
        },
        onReady: async () => {
          options.onOpen?.();
          await options.onReady?.(null);
        },
        onStopping: () => (this.stopping = options.onStopping?.() ?? Promise.resolve()),
        onHangUp: () => {},
        onMessage: (index, message) => this.onMessage(index, message),
        onProcess: (index) => this.onProcess(index),
        onProcessEnd: (index) => this.answers.get(index)?.done(`process ${index} has ended: reload again once it runs again`),
        onHang: (index) => this.answers.get(index)?.done(hangText(index)),
        printSummary: () => this.printSummary(),
      },
      env,
    );
    this.monitor = new InputMonitor(() => this.group.reports.inputs(), settings, env.clock, env.log);
  }

  async run(): Promise<number> {
    refuseWithoutAddon(this.settings.listeners, 'processes');
    warnOfCores(this.group.count, this.env.log);
    try {
      const code = await this.group.run();
      await this.stopping;
      if (!this.options.quiet) this.printSummary();
      return code;
    } finally {
      this.monitor.stop();
    }
  }

  get captureOn(): boolean {
    return this.isCapturing;
  }

  set captureOn(on: boolean) {
    this.isCapturing = on;
    for (const slot of this.group.slots) slot.send({ kind: 'capture', on });
  }

  reload(settings: Settings): Promise<string> {
    const change = this.changing.then(() => this.change(settings));
    this.changing = change;
    return change;
  }

  summary() {
    const { reports } = this.group;
    return { ledger: reports.ledger, sinks: reports.sinks(), inputs: reports.inputs() };
  }

  media(): MediaCounts {
    const totals = new MediaTotals();
    let streams = 0;
    for (const { media } of this.group.reports.reports) {
      if (media === null) continue;
      totals.join(media.totals);
      streams += media.streams;
    }
    return { streams, totals };
  }

  inputStatus() {
    return this.monitor.status();
  }

  accountingErrors(): string[] {
    const { ledger, sinks } = this.summary();
    return accountingErrors(ledger, sinks, false);
  }

  noteDrops(): Promise<void> {
    return this.group.refresh();
  }

  processes(): ProcessState[] {
    return this.group.slots.map(({ index, trouble, restarts }) => ({ index, problem: trouble, restarts }));
  }

  readonly tally = { methods: this.counted('methods'), statuses: this.counted('statuses') };
  readonly scriptMemory = { statistics: this.counted('statistics') };
  readonly outputs = this.mergedOutputs();

  private mergedOutputs() {
    const reports = () => this.group.reports.reports;
    return {
      onBatch: ((): void => {}) as (output: string, seconds: number, outcome: string) => void,
      depths: () => mergedDepths(reports().flatMap(({ depths }) => depths)),
      targetCounts: () => mergedTargets(reports().flatMap(({ targets }) => targets)),
      failingTables: () => mergedFailing(reports().flatMap(({ failingTables }) => failingTables)),
      states: () => mergedStates(reports().flatMap(({ states }) => states)),
      captured: { requests: 0, replies: 0 },
    };
  }

  private counted(what: 'methods' | 'statuses' | 'statistics') {
    return { entries: (): [string, number][] => Object.entries(this.group.reports.totals[what]) };
  }

  private onMessage(index: number, message: FromProcess): void {
    const answer = this.answers.get(index);
    if (message.kind === 'prepared' || message.kind === 'switched') {
      // One that hung may answer what it was asked before.
      if (answer?.kind === message.kind && message.number === this.attempts) answer.done(message.why);
    }
    if (message.kind !== 'report') return;
    for (const { output, seconds, outcome } of message.report.batches) this.outputs.onBatch(output, seconds, outcome);
    const { requests, replies } = this.group.reports.totals;
    Object.assign(this.outputs.captured, { requests, replies });
  }

  /** It runs, again perhaps, and may have been started before the last reload. */
  private onProcess(index: number): void {
    const slot = this.group.slots[index];
    if (this.isCapturing !== this.settings.captureOn) slot.send({ kind: 'capture', on: this.isCapturing });
    if (this.settingsIn[index] === this.settings) return;
    this.settingsIn[index] = this.settings;
    slot.send({ kind: 'prepare', settings: this.settings, number: 0 });
    slot.send({ kind: 'decide', isAgreed: true });
  }

  private async change(settings: Settings): Promise<string> {
    const { env, group, options } = this;
    try {
      const hung = group.slots.find(({ isReady, hangs }) => isReady && hangs);
      if (hung !== undefined) throw new UsageError(hangText(hung.index));
      const listeners = await group.listeners.prepare(settings.listeners, settings.listening);
      const next = { ...settings, listeners: listeners.endpoints };
      const why = await this.agree(next);
      if (why !== '') {
        listeners.discard();
        throw new UsageError(why);
      }
      listeners.commit();
      if (settings.captureOn !== this.settings.captureOn) this.isCapturing = settings.captureOn;
      this.settings = next;
      group.drainSeconds = settings.drainSeconds;
      this.monitor.silentAfterSeconds = settings.silentAfterSeconds;
      this.reloads++;
      await completeReload(settings, options, env.log);
      return '';
    } catch (error) {
      const why = failureText(error as Error);
      env.log.error(`cannot apply configuration: ${why}; keeping the previous one`);
      return why;
    }
  }

  /** '' when all have switched, else why none has. */
  private async agree(next: Settings): Promise<string> {
    const slots = this.group.slots.filter(({ isReady }) => isReady);
    const number = ++this.attempts;
    const prepared = await Promise.all(slots.map((slot) => this.answer(slot, 'prepared', { kind: 'prepare', settings: next, number })));
    const why = prepared.find((text) => text !== '') ?? '';
    const decision: ToProcess = { kind: 'decide', isAgreed: why === '' };
    if (why === '') for (const { index } of slots) this.settingsIn[index] = next;
    // One that has failed waits for no decision; one that dies now starts with the settings that are in force.
    for (const [at, slot] of slots.entries()) if (prepared[at] !== '') slot.send(decision);
    await Promise.all(slots.filter((_, at) => prepared[at] === '').map((slot) => this.answer(slot, 'switched', decision)));
    return why;
  }

  private answer(slot: ProcessSlot, kind: Answer['kind'], question: ToProcess): Promise<string> {
    const { index } = slot;
    return new Promise((resolve) => {
      const done = (why: string) => {
        clearTimeout(timer);
        this.answers.delete(index);
        resolve(why);
      };
      const timer = setTimeout(() => done(`process ${index} has not opened it in time`), AGREE_MS);
      this.answers.set(index, { kind, done });
      slot.send(question);
    });
  }

  private printSummary(): void {
    writeSummary(
      {
        ...this.summary(),
        inputKind: 'inputs',
        unit: 'packets',
        seconds: (this.env.clock.monotonic() - this.began) / 1000,
        uniform: false,
        statistics: this.scriptMemory.statistics.entries(),
      },
      this.options.summary,
      this.env.stderr,
    );
  }
}

function hangText(index: number): string {
  return `process ${index} does not answer: try again once it was restarted`;
}
