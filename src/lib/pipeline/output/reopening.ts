/**
 * Outputs that were closed for a successor that could not be opened. They are opened again: at once, patiently for a while, as
 * whatever was in the way (descriptors, a folder that is away) may be in the way of both; and after that in the background,
 * while what would be theirs is counted as lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../base/index.js';
import { AbsentSink } from './absent-sink.js';
import type { ClosedOutputs } from './closed-outputs.js';
import type { Output, OutputSpec } from './output.js';

/** Nothing is delivered meanwhile: senders of HEP over TCP wait, datagrams wait in the socket. */
const PATIENCE_MS = 10_000;
const EVERY_MS = 100;
const RETRY_MS = 1000;

export interface ReopeningOwner {
  /** A reload is under way, or the end. */
  isBusy(): boolean;
  /** Whether the output is still one of the run's. */
  has(output: Output): boolean;
  replace(absent: Output, opened: Output): void;
}

export class Reopening {
  private readonly absent = new Set<Output>();
  private timer: NodeJS.Timeout | null = null;
  private attempt: Promise<void> = Promise.resolve();
  private isEnding = false;

  constructor(
    private readonly owner: ReopeningOwner,
    private readonly closed: ClosedOutputs,
    private readonly log: Log,
  ) {}

  /** The output again, or what stands in for it. */
  async open(spec: OutputSpec): Promise<Output> {
    for (let waited = 0; ; waited += EVERY_MS) {
      try {
        return await this.closed.open(spec);
      } catch (error) {
        if (waited === 0) this.log.warn(`${spec.name} was closed and cannot be opened again yet: ${(error as Error).message}`);
        if (waited >= PATIENCE_MS || this.isEnding) return this.standIn(spec, error as Error);
        await sleep(EVERY_MS);
      }
    }
  }

  /** Resolves when no attempt is being made. */
  settled(): Promise<void> {
    return this.attempt;
  }

  end(): void {
    this.isEnding = true;
    if (this.timer !== null) clearInterval(this.timer);
  }

  private standIn(spec: OutputSpec, error: Error): Output {
    const { key, name, role, holds, spool } = spec;
    this.log.error(`${name} cannot be opened: ${error.message}; tried again every second, and what comes meanwhile is lost for it`);
    const sink = new AbsentSink(name);
    const output: Output = { key, name, role, holds, spool, open: (later) => spec.open(later), sink, absent: sink };
    this.absent.add(output);
    if (!this.isEnding) this.timer ??= setInterval(() => (this.attempt = this.attempt.then(() => this.retry())), RETRY_MS).unref();
    return output;
  }

  private async retry(): Promise<void> {
    for (const absent of this.absent) {
      if (this.owner.isBusy()) return;
      if (!this.owner.has(absent)) {
        this.absent.delete(absent);
        continue;
      }
      try {
        const opened = await this.closed.open(absent);
        this.absent.delete(absent);
        this.owner.replace(absent, opened);
        this.log.warn(`${absent.name} is open again; ${absent.sink.counts().lost} messages were lost for it`);
      } catch {
        // Reported already.
      }
    }
    if (this.absent.size > 0 || this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
