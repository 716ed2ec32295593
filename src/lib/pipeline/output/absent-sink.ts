/** Stands in for an output that is not open: it counts what is lost. */
import type { Sink, SinkCounts } from '../../base/index.js';

export class AbsentSink implements Sink {
  private lost = 0;

  constructor(readonly name: string) {}

  accept(): boolean {
    this.lost++;
    return true;
  }

  async ready(): Promise<void> {}

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  counts(): SinkCounts {
    const { lost } = this;
    return { delivered: lost, written: 0, refused: 0, waiting: 0, lost, reasons: lost > 0 ? { not_open: lost } : {} };
  }
}
