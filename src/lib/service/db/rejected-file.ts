/**
 * FILE.rejected: what an import could not store. Lines are appended before the batch they come from is committed, so that a
 * kill loses none; lines left by a run killed at that point are recognised and not written again.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs';
import { UsageError, systemErrorText } from '../../base/index.js';
import { parseQuarantineLine } from '../../pipeline/output/quarantine.js';
import { linesOf } from './lines.js';

export class RejectedFile {
  /** Digests of its lines for records still to be imported, or that are not records. */
  private readonly earlier = new Set<string>();
  /** Those written for the current batch, which may be retried. */
  private readonly written = new Set<string>();
  private descriptor = -1;

  constructor(readonly path: string) {}

  get exists(): boolean {
    return this.descriptor >= 0;
  }

  /** `from`: bytes of FILE already imported. */
  async open(from: number): Promise<void> {
    if (!existsSync(this.path)) return;
    this.openToAppend();
    let end = 0;
    for await (const { line, offset } of linesOf(this.path, null)) {
      end = offset;
      if (line === '') continue;
      const record = parseQuarantineLine(line);
      if (record === null || record.retry.offset > from) this.earlier.add(digestOf(line));
    }
    // A truncated line must not corrupt the next one; empty lines are ignored.
    if (statSync(this.path).size > end) this.write('\n');
  }

  add(lines: readonly string[]): void {
    const fresh = lines.filter((line) => {
      const digest = digestOf(line);
      if (this.earlier.has(digest) || this.written.has(digest)) return false;
      this.written.add(digest);
      return true;
    });
    if (fresh.length === 0) return;
    if (this.descriptor < 0) this.openToAppend();
    this.write(fresh.map((line) => `${line}\n`).join(''));
  }

  /** The batch is committed: it is not retried. */
  settled(): void {
    this.written.clear();
  }

  close(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
  }

  private write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at);
      fsyncSync(this.descriptor);
    } catch (error) {
      throw this.problem(error);
    }
  }

  private openToAppend(): void {
    try {
      this.descriptor = openSync(this.path, 'a', 0o600);
    } catch (error) {
      throw this.problem(error);
    }
  }

  private problem(error: unknown): UsageError {
    return new UsageError(`cannot write ${this.path}: ${systemErrorText(error)}`);
  }
}

function digestOf(line: string): string {
  return createHash('sha256').update(line).digest('base64');
}
