/** One output of a run: its specification, its open form, its counters. */
import type { Sink, SinkCounts } from '../../base/index.js';
import type { SpoolLegacy } from '../../sink/batch-spool/index.js';
import type { FrameWriter } from '../../sink/capture-file/capture-file-sink.js';
import type { AbsentSink } from './absent-sink.js';
import type { Database } from './database-output.js';
import type { HepTargetSink } from './hep-output.js';

/** What is to be opened. */
export interface OutputSpec {
  /** The same key is the same output, at a reload too. */
  readonly key: string;
  readonly name: string;
  /** `script`: gets what a script sends there, and nothing else; `drain`: gets nothing, and delivers what waits in its spool. */
  readonly role: 'store' | 'target' | 'script' | 'drain';
  /** Folders that only one output at a time can use: such an output is closed before its successor is opened. */
  readonly holds: readonly string[];
  /** Folder in which undelivered messages wait for the next run; '' where there is none. */
  readonly spool?: string;
  /** `legacy`: what a closed output left in the same spool. */
  open(legacy?: SpoolLegacy | null): Promise<OpenedOutput>;
}

export interface OpenedOutput {
  sink: Sink;
  database?: Database;
  relay?: HepTargetSink;
  /** Takes every frame, not only those of messages. */
  frameWriter?: FrameWriter;
  /** Buffers small amounts: flushed by time. */
  gathers?: boolean;
  /** It is not open, and this is its sink. */
  absent?: AbsentSink;
}

export type Output = OutputSpec & OpenedOutput;

/** The deadline for closing outputs. */
export interface CloseDeadline {
  readonly passed: Promise<void>;
  /** Milliseconds left; very many while it has not been started. */
  readonly remainingMs: number;
}

export interface OutputCounts {
  sink: string;
  counts: SinkCounts;
  /** Reports extracted from messages, received besides them. */
  additional: number;
}

/** Its close ends by itself soon after the deadline, and what it could not deliver is in its spool then. */
export function isSpooling({ relay, database }: Output): boolean {
  return relay !== undefined || database?.hasSpool === true;
}

/** Opens the output of a spec. */
export async function openOutput(spec: OutputSpec, legacy: SpoolLegacy | null = null): Promise<Output> {
  const { key, name, role, holds, spool } = spec;
  const opened = await spec.open(legacy);
  return {
    key,
    name: role === 'drain' ? name : (opened.relay?.name ?? name),
    role,
    holds,
    spool,
    open: (later) => spec.open(later),
    ...opened,
  };
}
