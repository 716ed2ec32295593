/** What a run reads from, and what it gives to the run. */
import type { Frame, Gate, Ledger, Message, PortRange } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import type { MediaWatch } from '../extract/media-watch.js';
import type { InputSummary } from './summary.js';

/** What is taken out of frames, and how. */
export interface FrameSelection {
  /** Ports to look at; empty is every port. */
  ports: readonly PortRange[];
  /** Decode HEP found in the frames. */
  parseHep: boolean;
  /** Read RTCP too. */
  rtcp: boolean;
  /** Follows RTP; only where frames are decoded in the main thread. */
  media?: MediaWatch | null;
  /** Address at which IP-in-IP tunnels end that alone are taken (the unspecified one is any), or null. */
  tunnelTo: string | null;
  /** Keep the frames of each message. */
  keepFrames: boolean;
  /** Threads that decode; 0 decodes in the main one. */
  workers: number;
  /** The frames come from something that cannot wait: they are dropped, and counted, while no output has room. */
  isLive: boolean;
}

/** Where a message stands in its source; false where it is stored already, and why. */
export type AcceptMessage = (message: Message, sourceIndex: number, indexInFrame: number, atEnd: boolean) => boolean;

/** Takes the frames of one selection. */
export interface FrameIntake {
  /** False when an output is full, or the frame was dropped. */
  frame(frame: Frame): boolean;
  /** Nothing more comes: what is held comes out. */
  finish(): void | Promise<void>;
}

/** What a source delivers to; made by `run`. */
export interface SourceIntake extends Gate {
  /** Datagrams that can wait in a ring of their own wait for this: only for a database that is the only output. */
  readonly datagramGate: Gate;
  frames(selection: FrameSelection, accept?: AcceptMessage): FrameIntake;
  /** A HEP packet; false when an output is full. */
  packet(arrival: HepArrival): boolean;
  /** What is a message already; `bytes` is the length of what it was made of. */
  message(message: Message, bytes: number): boolean;
  /** What is refused before it is a message. */
  refuse(reason: string, count: number): void;
}

export interface RunSource {
  /** Heads the summary. */
  readonly kind: 'files' | 'interfaces' | 'listeners' | 'inputs';
  /** What is counted: `packets` of files and interfaces, `datagrams` of listeners, `HEP packets` of files, `reports`. */
  readonly unit: string;
  /** Cannot be paused: outputs drop and count, or spool; it ends only when stopped. */
  readonly isLive: boolean;
  /** Throws where the operator must change something, with nothing left open. */
  open(): Promise<void>;
  /** Delivers to the end, or until stopped. */
  read(intake: SourceIntake): Promise<void>;
  /** Ends `read`; afterwards the intake is never called again. May be called more than once. */
  stop(): Promise<void>;
  /** Enters into the ledger what was lost before it was received. */
  updateLosses(ledger: Ledger): Promise<void>;
  inputs(): readonly InputSummary[];
  /** Of `inputs`: those that are open; absent where all are. */
  openInputs?(): readonly InputSummary[];
  /** Names of its files; a message's `sourceIndex` is an index in this list. */
  fileNames?(): readonly string[];
  /** Called at the end; `delivered`: all that was read is safe elsewhere. */
  commit(delivered: boolean): Promise<void>;
  /** True where the source itself gave up. */
  readonly gaveUp?: boolean;
  /** Comes at its own pace and is complete wherever a signal ends it. */
  readonly endsBySignal?: boolean;
  /** Each thing that is refused was meant to be delivered (lines, reports): the input is bad. */
  readonly rejectsAreBad?: boolean;
  /** For a progress bar. */
  progress?(): { bytesRead: number; bytesTotal: number };
}
