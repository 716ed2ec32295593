/**
 * Text to a stream (standard output, usually) in pieces of 64 KiB, with the stream's own back-pressure.
 * A closed pipe (EPIPE) ends it quietly: later output is counted as lost to a closed pipe. Any other error (a full disk) ends it,
 * too: what was not written before is counted as lost; who made the stream reports the error.
 */
import type { Writable } from 'node:stream';
import type { SinkCounts } from '../../base/index.js';

const PIECE_CHARACTERS = 65_536;

export class StreamWriter {
  closed = false;
  private pending: string[] = [];
  private characters = 0;
  private room: Promise<void> | null = null;
  private delivered = 0;
  private written = 0;
  /** Messages in `pending`, and those that the system has taken. */
  private unsent = 0;
  private confirmed = 0;
  private hasFailed = false;

  constructor(
    private readonly stream: Writable,
    private readonly onClosed: () => void,
    private readonly encoding: 'utf8' | 'latin1' = 'utf8',
  ) {
    stream.on('error', (error: NodeJS.ErrnoException) => this.fail(error));
  }

  /** Counts a message or a row to be written; false if the reader has gone away. */
  count(): boolean {
    this.delivered++;
    if (this.closed) return false;
    this.written++;
    this.unsent++;
    return true;
  }

  counts(): SinkCounts {
    const { delivered, hasFailed } = this;
    const written = hasFailed ? this.confirmed : this.written;
    const lost = delivered - written;
    const reason = hasFailed ? 'write_failed' : 'closed_pipe';
    return { delivered, written, refused: 0, waiting: 0, lost, reasons: lost > 0 ? { [reason]: lost } : {} };
  }

  /** Takes the text; false when the stream is full. */
  write(text: string): boolean {
    if (this.closed) return true;
    this.pending.push(text);
    this.characters += text.length;
    if (this.characters >= PIECE_CHARACTERS) this.push();
    return this.room === null;
  }

  /** Flushes the buffer to the stream immediately, so that a live view is live. */
  push(): void {
    if (this.closed || this.pending.length === 0) return;
    const piece = this.pending.join('');
    this.pending = [];
    this.characters = 0;
    const messages = this.unsent;
    this.unsent = 0;
    const confirm = (error?: Error | null) => {
      if (error === null || error === undefined) this.confirmed += messages;
      // The callback may come before the event, and the counts between them.
      else this.fail(error);
    };
    if (!this.stream.write(piece, this.encoding, confirm) && this.room === null) {
      this.room = new Promise((resolve) => {
        const done = () => {
          this.stream.off('drain', done);
          this.stream.off('close', done);
          this.stream.off('error', done);
          this.room = null;
          resolve();
        };
        this.stream.on('drain', done);
        this.stream.on('close', done);
        this.stream.on('error', done);
      });
    }
  }

  async ready(): Promise<void> {
    while (this.room !== null && !this.closed) await this.room;
  }

  async flush(): Promise<void> {
    this.push();
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      this.stream.write('', () => resolve());
    });
  }

  private fail(error: NodeJS.ErrnoException): void {
    if (this.closed) return;
    this.closed = true;
    this.hasFailed = error.code !== 'EPIPE';
    this.onClosed();
  }
}
