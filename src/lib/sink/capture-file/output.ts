/** Where the bytes of a capture file go: a regular file, or a pipe. */
import { createWriteStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { UsageError } from '../../base/index.js';
import type { CaptureWriter } from '../../format/index.js';
import { PipeOutput } from './pipe-output.js';
import { RegularOutput } from './regular-output.js';

/** Why bytes did not get out. */
export interface WriteProblem {
  reason: 'closed_pipe' | 'write_failed';
  /** The operating system's own words. */
  text: string;
}

export interface CaptureOutput {
  /** Nothing is in the file yet. */
  readonly isEmpty: boolean;
  /** Can be read again and replaced. */
  readonly isRewritable: boolean;
  /** The bytes are still read after `write` returns. */
  readonly keepsBytes: boolean;
  /** Takes the bytes; `done` is told once they are out, or lost. Whole or not at all, in a regular file. */
  write(bytes: Buffer, done: (problem: WriteProblem | null) => void): void;
  /** Puts what the file holds so far into the other format; '' or why not. */
  rewrite(writer: CaptureWriter): string;
  room(): boolean;
  ready(): Promise<void>;
  /** Everything written is out, or lost. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a path, or standard output for `-`. A named pipe waits here for its reader, as the shell's `>` does. */
export function openOutput(path: string, stdout: Writable, onClosed: () => void): CaptureOutput {
  if (path === '-') return new PipeOutput(stdout, false, onClosed);
  try {
    const descriptor = openSync(path, 'w');
    const information = fstatSync(descriptor);
    if (information.isFile()) return new RegularOutput(path, descriptor);
    if (information.isFIFO()) return new PipeOutput(new Socket({ fd: descriptor, readable: false, writable: true }), true, onClosed);
    return new PipeOutput(createWriteStream(path, { fd: descriptor }), true, onClosed);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
