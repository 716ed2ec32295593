/** Messages as a stream of HEPv3 packets in a file or pipe; a packet that arrived as HEP is written unchanged. */
import type { Writable } from 'node:stream';
import { isFault, type Message, type Sink, type SinkCounts } from '../../../base/index.js';
import { HepEncoder } from '../../../hep/index.js';

export class HepFileSink implements Sink {
  readonly name = 'file';
  private readonly encoder: HepEncoder;
  private delivered = 0;
  private written = 0;
  private refused = 0;
  private room: Promise<void> | null = null;
  private isClosed = false;
  /** The disk is full, for example: packets that the system has not taken are lost. */
  private hasFailed = false;
  private confirmed = 0;

  constructor(
    private readonly stream: Writable,
    captureId: number,
    onClosed: () => void,
  ) {
    this.encoder = new HepEncoder({ version: 3, captureId, authKey: null, captureName: '', compress: false });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.isClosed = true;
      this.hasFailed = error.code !== 'EPIPE';
      onClosed();
    });
  }

  accept(message: Message): boolean {
    this.delivered++;
    const packet = message.envelope?.bytes ?? this.encoder.encode(message);
    if (isFault(packet)) {
      this.refused++;
      return true;
    }
    if (this.isClosed) return true;
    this.written++;
    // Data written later must not share memory that is reused by then.
    const bytes = message.envelope === null ? packet : Buffer.from(packet);
    const confirm = (error?: Error | null) => void (error === null || error === undefined ? this.confirmed++ : 0);
    if (!this.stream.write(bytes, confirm))
      this.room ??= new Promise((resolve) => this.stream.once('drain', () => resolve(this.drained())));
    return this.room === null;
  }

  async ready(): Promise<void> {
    if (!this.isClosed) await this.room;
  }

  async flush(): Promise<void> {
    if (!this.isClosed) await new Promise<void>((resolve) => void this.stream.write('', () => resolve()));
  }

  close(): Promise<void> {
    return this.flush();
  }

  counts(): SinkCounts {
    const { delivered, refused } = this;
    const written = this.hasFailed ? this.confirmed : this.written;
    const lost = delivered - written - refused;
    return {
      delivered,
      written,
      refused,
      waiting: 0,
      lost,
      reasons: {
        ...(refused > 0 ? { too_big: refused } : {}),
        ...(lost > 0 ? { [this.hasFailed ? 'write_failed' : 'closed_pipe']: lost } : {}),
      },
    };
  }

  private drained(): void {
    this.room = null;
  }
}
