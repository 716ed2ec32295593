/** The positions of files in several shards: a file is stored up to the position that all of them have. */
import { readPosition, type Position, type StreamState } from '../../base/index.js';
import type { Store } from '../../store/index.js';

export type StreamReader = Pick<Store, 'streams'>;

export function streamsOfAll(stores: readonly StreamReader[]): StreamReader {
  if (stores.length === 1) return stores[0];
  return {
    streams: async (prefix, part) => {
      const each = await Promise.all(stores.map((store) => store.streams(prefix, part)));
      return each[0].flatMap(({ stream }) => {
        const states = each.map((streams) => streams.find((state) => state.stream === stream));
        if (states.includes(undefined)) return [];
        return [common(states as StreamState[])];
      });
    },
  };
}

/** The least position, with a number above that of every shard. */
function common(states: readonly StreamState[]): StreamState {
  const sequence = Math.max(...states.map((state) => state.sequence));
  const least = states.reduce((best, state) => (bytesOf(state) < bytesOf(best) ? state : best));
  return { ...least, sequence };
}

function bytesOf(state: StreamState): number {
  return readPosition<Position>(state).bytes;
}
