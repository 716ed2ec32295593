/** A database reader shared by consecutive runs: one connection, and its tables are inspected once. */
import type { MessageReader } from '../../store/read/index.js';

export class KeptReader {
  private opening: Promise<MessageReader> | null = null;
  private opened: MessageReader | null = null;

  async open(make: () => Promise<MessageReader>): Promise<MessageReader> {
    return (this.opened = await (this.opening ??= make()));
  }

  /** Null before the first run has opened it. */
  get reader(): MessageReader | null {
    return this.opened;
  }

  /** Does not wait for one that is still being opened: the run was interrupted. */
  async close(): Promise<void> {
    const { opened, opening } = this;
    this.opened = this.opening = null;
    if (opened !== null) await opened.close();
    else void opening?.then((late) => late.close()).catch(() => {});
  }
}
