/** A database reader shared by consecutive runs: one connection, and its tables are inspected once. */
import type { MessageReader } from '../../store/read/index.js';

export class KeptReader {
  private opened: Promise<MessageReader> | null = null;

  open(make: () => Promise<MessageReader>): Promise<MessageReader> {
    return (this.opened ??= make());
  }

  /** Null before the first run has opened it. */
  async reader(): Promise<MessageReader | null> {
    return this.opened;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await (await opened?.catch(() => null))?.close();
  }
}
