/** Makes the sinks that the flags name, and closes them together. */
import type { Sink, NamedCounts, Environment } from '../../base/index.js';
import { CaptureFileSink, type FrameWriter } from '../../sink/capture-file/capture-file-sink.js';
import { RotatingFile, rotates } from '../../sink/capture-file/rotating-file.js';
import { jsonFormat } from '../../sink/terminal/json-format.js';
import { TerminalSink } from '../../sink/terminal/terminal-sink.js';
import { textFormat } from '../../sink/terminal/text-format.js';
import { strftime } from '../../store/index.js';
import type { HepTargetSink } from './hep-output.js';
import { terminalPaint } from './terminal-colors.js';
import type { RunOptions } from '../options.js';

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
export async function openLocalOutputs(options: RunOptions, env: Environment, onClosed: () => void, everyFrame = false): Promise<Sink[]> {
  const { write, db, hep } = options.sinks;
  const sinks: Sink[] = [];
  if (write !== undefined) {
    const file = { path: write, stdout: env.stdout, log: env.log, onClosed, everyFrame };
    const { rotation } = options.sinks;
    sinks.push(
      rotates(rotation)
        ? new RotatingFile(file, rotation, env.clock, (pattern, at) => strftime(pattern, new Date(at / 1000)))
        : new CaptureFileSink(file),
    );
  }
  const format = options.sinks.format ?? (sinks.length === 0 && db === undefined && hep.targets.length === 0 ? 'text' : 'none');
  if (format === 'json') sinks.push(new TerminalSink(env.stdout, jsonFormat(), onClosed));
  if (format === 'text') sinks.push(new TerminalSink(env.stdout, textFormat(await terminalPaint(env.colour), options.verbose), onClosed));
  return sinks;
}

/** The capture file among the sinks. */
export function frameWriterAmong(sinks: readonly Sink[]): FrameWriter | null {
  return sinks.find((sink) => sink instanceof CaptureFileSink || sink instanceof RotatingFile) ?? null;
}

/** The HEP targets; the relay is loaded only where there are any. */
export async function hepTargets(options: RunOptions, env: Environment, waits: boolean): Promise<HepTargetSink[]> {
  const { hep } = options.sinks;
  if (hep.targets.length === 0) return [];
  const { openHepTargets } = await import('./hep-output.js');
  return openHepTargets({ ...hep, waits }, env);
}
