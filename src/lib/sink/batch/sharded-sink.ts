/** Several shards as one sink: every message goes to the shard of its call, and each shard has batches and a spool of its own. */
import { createHash } from 'node:crypto';
import type { Message, Sink, SinkCounts } from '../../base/index.js';

/** The part of a shard's sink that is used here. */
export interface ShardSink extends Sink {
  readonly failure: string;
  readonly hasRoom: boolean;
}

export interface Shard {
  name: string;
  sink: ShardSink;
}

/** The first four bytes of the MD5 of a Call-ID or correlation id, modulo the number of shards. */
export function shardOf(key: string, shards: number): number {
  return createHash('md5').update(key).digest().readUInt32BE(0) % shards;
}

export class ShardedSink implements ShardSink {
  readonly name: string;
  private readonly isFull: boolean[];

  /** `waits`: the source can wait for the slowest shard; else one that is full must not hold up the others. */
  constructor(
    private readonly shards: readonly Shard[],
    private readonly keyOf: (message: Message) => string,
    private readonly waits: boolean,
  ) {
    this.name = shards[0].sink.name;
    this.isFull = shards.map(() => false);
  }

  accept(message: Message): boolean {
    const at = shardOf(this.keyOf(message), this.shards.length);
    this.isFull[at] = !this.shards[at].sink.accept(message);
    return this.waits ? !this.isFull[at] : this.isFull.includes(false);
  }

  async ready(): Promise<void> {
    const each = this.shards.map(({ sink }) => sink.ready());
    await (this.waits ? Promise.all(each) : Promise.race(each));
    this.isFull.fill(false);
  }

  async flush(): Promise<void> {
    await Promise.all(this.shards.map(({ sink }) => sink.flush()));
  }

  async close(deadlineMs?: number): Promise<void> {
    await Promise.all(this.shards.map(({ sink }) => sink.close(deadlineMs)));
  }

  counts(): SinkCounts {
    const sum: SinkCounts = { delivered: 0, written: 0, refused: 0, waiting: 0, lost: 0, reasons: {} };
    const shards: Record<string, SinkCounts> = {};
    for (const { name, sink } of this.shards) {
      const counts = sink.counts();
      shards[name] = counts;
      for (const what of ['delivered', 'written', 'refused', 'waiting', 'lost'] as const) sum[what] += counts[what];
      for (const what of ['before', 'present'] as const) if (counts[what] !== undefined) sum[what] = (sum[what] ?? 0) + counts[what];
      for (const [reason, count] of Object.entries(counts.reasons)) sum.reasons[reason] = (sum.reasons[reason] ?? 0) + count;
    }
    return { ...sum, shards };
  }

  get hasRoom(): boolean {
    return this.shards.some(({ sink }) => sink.hasRoom);
  }

  /** Why the first shard that cannot be written any more cannot, else ''. */
  get failure(): string {
    return this.shards.find(({ sink }) => sink.failure !== '')?.sink.failure ?? '';
  }
}
