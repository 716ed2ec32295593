/** The source of a run, and what it delivers. */
import type { Frame, Gate, Ledger, Message, PortRange } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import type { MediaWatch } from '../extract/media-watch.js';
import type { InputSummary } from './summary.js';

/** What is extracted from frames, and how. */
export interface FrameSelection {
  /** Ports to examine; empty means every port. */
  ports: readonly PortRange[];
  /** Decode HEP found in the frames. */
  parseHep: boolean;
  /** Read RTCP too. */
  rtcp: boolean;
  /** Follows RTP; only where frames are decoded in the main thread. */
  media?: MediaWatch | null;
  /** Only IP-in-IP tunnels to this address are accepted (the unspecified one means any), or null. */
  tunnelTo: string | null;
  /** Keep the frames of each message. */
  keepFrames: boolean;
  /** Threads that decode; 0 decodes in the main one. */
  workers: number;
  /** Of files: the stream of each, by source index. */
  streams?: readonly bigint[];
  /** The source of the frames cannot wait: they are dropped, and counted, while no output has room. */
  isLive: boolean;
}

/** The place of a message in its source; false if it is stored already, and why. */
export type AcceptMessage = (message: Message, sourceIndex: number, indexInFrame: number, atEnd: boolean) => boolean;

/** Takes the frames of one selection. */
export interface FrameIntake {
  /** False when an output is full, or the frame was dropped. */
  frame(frame: Frame): boolean;
  /** End of input: releases what is held. */
  finish(): void | Promise<void>;
}

/** What a source delivers to; created by `run`. */
export interface SourceIntake extends Gate {
  /** Datagrams held in a ring wait for this: only for a database that is the only output. */
  readonly datagramGate: Gate;
  frames(selection: FrameSelection, accept?: AcceptMessage): FrameIntake;
  /** A HEP packet; false when an output is full. */
  packet(arrival: HepArrival): boolean;
  /** A ready-made message; `bytes` is the length of its original. */
  message(message: Message, bytes: number): boolean;
  /** Input rejected before it became a message. */
  refuse(reason: string, count: number): void;
}

export interface RunSource {
  /** Heads the summary. */
  readonly kind: 'files' | 'interfaces' | 'listeners' | 'inputs';
  /** What is counted: `packets` of files and interfaces, `datagrams` of listeners, `HEP packets` of files, `reports`. */
  readonly unit: string;
  /** Cannot be paused: outputs drop and count, or spool; it ends only when stopped. */
  readonly isLive: boolean;
  /** Throws if the operator must change something, with nothing left open. */
  open(): Promise<void>;
  /** Delivers to the end, or until stopped. */
  read(intake: SourceIntake): Promise<void>;
  /** Ends `read`; afterwards the intake is never called again. May be called more than once. */
  stop(): Promise<void>;
  /** Enters into the ledger losses before reception. */
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
  /** Shards of a database that did not answer: what was read is partial. */
  readonly missingShards?: readonly string[];
  /** Arrives at its own pace and is complete wherever a signal ends it. */
  readonly endsBySignal?: boolean;
  /** Every rejected item was meant to be delivered (lines, reports): the input is bad. */
  readonly rejectsAreBad?: boolean;
  /** For a progress bar. */
  progress?(): { bytesRead: number; bytesTotal: number };
}
