/** What the parent and its processes send each other. A process is started by its file, and gets its task as plain data. */
import type { LedgerCounts } from '../../base/index.js';
import type { Settings } from '../../config/index.js';
import type { MediaCounts } from '../../media/index.js';
import type { InputStatus } from '../../pipeline/input-monitor.js';
import type { FailingTable, OutputDepth, OutputState } from '../../pipeline/output/output-states.js';
import type { OutputCounts } from '../../pipeline/output/output.js';
import type { InputSummary } from '../../pipeline/summary.js';
import type { TargetCounts } from '../../sink/relay/index.js';
import type { HepListenOptions } from '../hep/listen-run.js';

export type Task = { kind: 'listen'; options: HepListenOptions } | { kind: 'node'; settings: Settings };

/** Which of how many. */
export interface Place {
  index: number;
  count: number;
}

export type ToProcess =
  | { kind: 'begin'; task: Task; place: Place }
  /** With a socket: a connection to that listener. */
  | { kind: 'connection'; listener: string }
  | { kind: 'report' }
  /** Opens what those settings add, and waits for the decision. What it answers has the same number. */
  | { kind: 'prepare'; settings: Settings; number: number }
  | { kind: 'decide'; isAgreed: boolean }
  | { kind: 'capture'; on: boolean };

export type FromProcess =
  | { kind: 'hello' }
  /** Every second until it is ready: a database may keep it waiting. */
  | { kind: 'starting' }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; text: string }
  | { kind: 'ready' }
  | { kind: 'report'; report: ProcessReport }
  /** `why`: '' where everything is open. */
  | { kind: 'prepared'; why: string; number: number }
  | { kind: 'switched'; why: string; number: number }
  | { kind: 'ended'; code: number; report: ProcessReport | null }
  | { kind: 'failed'; error: PlainError };

/** All that a process has counted since it started. */
export interface ProcessReport {
  ledger: LedgerCounts;
  sinks: OutputCounts[];
  depths: OutputDepth[];
  states: OutputState[];
  failingTables: FailingTable[];
  targets: TargetCounts[];
  inputs: InputSummary[];
  status: InputStatus[];
  statistics: [string, number][];
  captured: { requests: number; replies: number };
  /** Of a node. */
  methods: Record<string, number>;
  statuses: Record<string, number>;
  media: MediaCounts | null;
  /** Batches since the last report. */
  batches: { output: string; seconds: number; outcome: string }[];
}

export interface PlainError {
  name: string;
  message: string;
  stack: string;
  /** Of a system error. */
  members: Record<string, unknown>;
}
