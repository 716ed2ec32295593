/** Standard output or a named pipe: waits for its reader, and ends quietly when the reader closes it. */
import type { Writable } from 'node:stream';
import type { CaptureOutput, WriteProblem } from './output.js';

type Done = (problem: WriteProblem | null) => void;

/** Pending bytes beyond which the source should wait. */
const MAX_WAITING_BYTES = 1024 * 1024;

interface Waiting {
  bytes: number;
  done: Done;
}

export class PipeOutput implements CaptureOutput {
  readonly isEmpty = false;
  readonly isRewritable = false;
  readonly keepsBytes = true;
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private problem: WriteProblem | null = null;
  /** Waiters for at most that many pending bytes. */
  private sleepers: { bytes: number; wake: () => void }[] = [];

  constructor(
    private readonly stream: Writable,
    private readonly isOurs: boolean,
    onClosed: () => void,
  ) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.problem !== null) return;
      this.problem = { reason: error.code === 'EPIPE' ? 'closed_pipe' : 'write_failed', text: error.message };
      while (this.waiting.length > 0) this.settle(this.waiting[0], this.problem);
      onClosed();
    });
  }

  write(bytes: Buffer, done: Done): void {
    if (this.problem !== null) {
      done(this.problem);
      return;
    }
    const waiting = { bytes: bytes.length, done };
    this.waiting.push(waiting);
    this.waitingBytes += bytes.length;
    // Failures are handled by the stream's 'error' event, which has the reason.
    this.stream.write(bytes, (error) => {
      if (error === null || error === undefined) this.settle(waiting, null);
    });
  }

  rewrite(): string {
    return 'it is a pipe';
  }

  room(): boolean {
    return this.waitingBytes < MAX_WAITING_BYTES;
  }

  ready(): Promise<void> {
    return this.until(MAX_WAITING_BYTES - 1);
  }

  drained(): Promise<void> {
    return this.until(0);
  }

  async close(): Promise<void> {
    await this.drained();
    if (this.isOurs && this.problem === null) await new Promise<void>((resolve) => this.stream.end(resolve));
  }

  private settle(waiting: Waiting, problem: WriteProblem | null): void {
    const at = this.waiting.indexOf(waiting);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    this.waitingBytes -= waiting.bytes;
    waiting.done(problem);
    const awake = this.sleepers.filter(({ bytes }) => this.waitingBytes <= bytes);
    this.sleepers = this.sleepers.filter(({ bytes }) => this.waitingBytes > bytes);
    for (const { wake } of awake) wake();
  }

  private until(bytes: number): Promise<void> {
    if (this.waitingBytes <= bytes) return Promise.resolve();
    return new Promise((wake) => this.sleepers.push({ bytes, wake }));
  }
}
