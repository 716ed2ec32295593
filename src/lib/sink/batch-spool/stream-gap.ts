/** A gap in a stream, left by batches that the spool gave up: moved over with empty batches. */
import type { StoreBatch, StoreDriver, StreamState } from '../../base/index.js';

/** A driver that reports how far a stream is. */
export interface StreamStore extends StoreDriver {
  streams(prefix: string): Promise<StreamState[]>;
}

/** Moves the streams up to the batch. False where the batch was stored already. */
export async function moveOverGap(store: StreamStore, { streams }: StoreBatch): Promise<boolean> {
  for (const { stream, sequence, position } of streams) {
    let stored = (await store.streams(stream)).find((state) => state.stream === stream)?.sequence ?? 0;
    if (stored >= sequence) return false;
    while (stored < sequence - 1) {
      stored++;
      const { outcome } = await store.write({ rows: [], streams: [{ stream, sequence: stored, position }] });
      if (outcome !== 'stored' && outcome !== 'known') return true;
    }
  }
  return true;
}
