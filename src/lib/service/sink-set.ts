/** Makes the sinks that the flags name, and closes them together. */
import type { Sink } from '../base/index.js';
import { CaptureFileSink, type FrameKeeper } from '../sink/capture-file.js';
import { RotatingFile, rotates } from '../sink/rotating-file.js';
import { jsonFormat } from '../sink/json-format.js';
import { TerminalSink } from '../sink/terminal.js';
import { textFormat } from '../sink/text-format.js';
import { strftime } from '../store/index.js';
import type { HepTargetSink } from './hep-sink.js';
import type { NamedCounts } from './ledger.js';
import { terminalPaint } from './paint.js';
import type { RunOptions, Surroundings } from './run-options.js';

/** Age at which what a capture file holds back goes out although it is little. */
const FILE_AGE_MS = 1000;

export class SinkSet {
  private readonly timer: NodeJS.Timeout;

  constructor(readonly sinks: readonly Sink[]) {
    const files = sinks.filter((sink) => sink instanceof CaptureFileSink || sink instanceof RotatingFile);
    this.timer = setInterval(() => files.forEach((file) => void file.flush()), FILE_AGE_MS);
    this.timer.unref();
  }

  counts(): NamedCounts[] {
    return this.sinks.map((sink) => ({ sink: sink.name, counts: sink.counts() }));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const sink of this.sinks) await sink.close();
  }
}

/** The sinks but for the database, which `openDatabase` adds: nothing named means the screen. `everyFrame`: the file gets its frames from its keeper. */
export async function openViews(options: RunOptions, around: Surroundings, onClosed: () => void, everyFrame = false): Promise<Sink[]> {
  const { write, db, hep } = options.sinks;
  const sinks: Sink[] = [];
  if (write !== undefined) {
    const file = { path: write, stdout: around.stdout, log: around.log, onClosed, everyFrame };
    const { rotation } = options.sinks;
    sinks.push(rotates(rotation) ? new RotatingFile(file, rotation, around.clock, (pattern, at) => strftime(pattern, new Date(at / 1000))) : new CaptureFileSink(file));
  }
  const format = options.sinks.format ?? (sinks.length === 0 && db === undefined && hep.targets.length === 0 ? 'text' : 'none');
  if (format === 'json') sinks.push(new TerminalSink(around.stdout, jsonFormat(), onClosed));
  if (format === 'text') sinks.push(new TerminalSink(around.stdout, textFormat(await terminalPaint(around.colour), options.verbose), onClosed));
  return sinks;
}

/** The capture file among the sinks. */
export function keeperAmong(sinks: readonly Sink[]): FrameKeeper | null {
  return sinks.find((sink) => sink instanceof CaptureFileSink || sink instanceof RotatingFile) ?? null;
}

/** The HEP targets; the relay is loaded only where there are any. */
export async function hepTargets(options: RunOptions, around: Surroundings, waits: boolean): Promise<HepTargetSink[]> {
  const { hep } = options.sinks;
  if (hep.targets.length === 0) return [];
  const { openHepTargets } = await import('./hep-sink.js');
  return openHepTargets({ ...hep, waits }, around);
}
