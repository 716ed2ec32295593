/** Messages for people and for scripts: one readable line each, the whole message with -v, or NDJSON. */
import type { Writable } from 'node:stream';
import type { Message, Sink, SinkCounts } from '../../base/index.js';
import { StreamWriter } from './stream-writer.js';

/** The message's lines in UTF-8, one character a byte (`utf8Text`). */
export type Formatter = (message: Message) => string;

/** Milliseconds after which gathered lines are shown even when few. */
const SHOW_AFTER_MS = 50;

export class TerminalSink implements Sink {
  readonly name = 'output';
  private readonly writer: StreamWriter;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    stream: Writable,
    private readonly format: Formatter,
    onClosed: () => void,
  ) {
    this.writer = new StreamWriter(stream, onClosed, 'latin1');
  }

  accept(message: Message): boolean {
    if (!this.writer.count()) return true;
    const room = this.writer.write(this.format(message));
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.writer.push();
    }, SHOW_AFTER_MS);
    return room;
  }

  ready(): Promise<void> {
    return this.writer.ready();
  }

  flush(): Promise<void> {
    return this.writer.flush();
  }

  async close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    await this.flush();
  }

  counts(): SinkCounts {
    return this.writer.counts();
  }
}
