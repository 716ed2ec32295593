/** The output of a capture file: a regular file, or a pipe. */
import type { CaptureWriter } from '../../format/index.js';

/** Why bytes could not be written. */
export interface WriteProblem {
  reason: 'closed_pipe' | 'write_failed';
  /** The operating system's message. */
  text: string;
}

export interface CaptureOutput {
  /** Nothing is in the file yet. */
  readonly isEmpty: boolean;
  /** Can be read again and replaced. */
  readonly isRewritable: boolean;
  /** The bytes are still read after `write` returns. */
  readonly keepsBytes: boolean;
  /** Takes the bytes; `done` is called once they are written or lost; a regular file gets all of them or none. */
  write(bytes: Buffer, done: (problem: WriteProblem | null) => void): void;
  /** Converts the file's content so far to the other format; '' or why not. */
  rewrite(writer: CaptureWriter): string;
  room(): boolean;
  ready(): Promise<void>;
  /** Resolves when everything is written, or lost. */
  drained(): Promise<void>;
  close(): Promise<void>;
}
