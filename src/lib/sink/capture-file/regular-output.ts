/** A regular file, written synchronously: the page cache is faster than any queue of ours. Partial writes are rolled back. */
import { closeSync, ftruncateSync, realpathSync, writeSync } from 'node:fs';
import type { CaptureWriter } from '../../format/index.js';
import type { CaptureOutput, WriteProblem } from './output.js';
import { rewriteAside } from './rewrite.js';

export class RegularOutput implements CaptureOutput {
  readonly isRewritable = true;
  readonly keepsBytes = false;
  private size = 0;

  constructor(
    private readonly path: string,
    private descriptor: number,
  ) {}

  get isEmpty(): boolean {
    return this.size === 0;
  }

  write(bytes: Buffer, done: (problem: WriteProblem | null) => void): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at, bytes.length - at, this.size + at);
      this.size += bytes.length;
    } catch (error) {
      this.takeBack();
      done({ reason: 'write_failed', text: (error as Error).message });
      return;
    }
    done(null);
  }

  rewrite(writer: CaptureWriter): string {
    try {
      const rewritten = rewriteAside(realpathSync(this.path), this.descriptor, writer);
      closeSync(this.descriptor);
      this.descriptor = rewritten.descriptor;
      this.size = rewritten.size;
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  }

  room(): boolean {
    return true;
  }

  async ready(): Promise<void> {}

  async drained(): Promise<void> {}

  async close(): Promise<void> {
    closeSync(this.descriptor);
  }

  /** A full disk leaves half a record, and nothing written after it could be read. */
  private takeBack(): void {
    try {
      ftruncateSync(this.descriptor, this.size);
    } catch {
      // The next write starts at the same place anyway.
    }
  }
}
