/** A gap in a stream, left by batches that the spool evicted: the stream is advanced over it. */
import type { StoreBatch, StoreDriver, StreamState } from '../../base/index.js';

/** A driver that reports the position of a stream, and advances it over batches that will never arrive. */
export interface StreamStore extends StoreDriver {
  streams(prefix: string): Promise<StreamState[]>;
  advance(state: StreamState): Promise<void>;
}

/** Advances the streams up to the batch. False if the batch was stored already. */
export async function moveOverGap(store: StreamStore, { streams }: StoreBatch): Promise<boolean> {
  for (const { stream, sequence, position } of streams) {
    const stored = (await store.streams(stream)).find((state) => state.stream === stream)?.sequence ?? 0;
    if (stored >= sequence) return false;
    if (stored < sequence - 1) await store.advance({ stream, sequence: sequence - 1, position });
  }
  return true;
}
