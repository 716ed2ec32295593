/** Merges several streams of messages, each in time order. A stream is opened when it is due. */
import type { Message } from '../../base/index.js';

export interface TimedStream {
  /** No message of it is earlier; -Infinity if unknown. */
  startsAt: number;
  /** Its messages may be waited for together with those of others. */
  isConcurrent?: boolean;
  open(): AsyncGenerator<Message[]>;
}

interface OpenStream {
  generator: AsyncGenerator<Message[]>;
  batch: Message[];
  at: number;
  isConcurrent: boolean;
}

const BATCH = 1000;

export async function* merged(streams: readonly TimedStream[]): AsyncGenerator<Message[]> {
  const waiting = [...streams].sort((a, b) => a.startsAt - b.startsAt);
  let open: OpenStream[] = [];
  let out: Message[] = [];
  try {
    for (;;) {
      while (waiting.length > 0 && waiting[0].startsAt <= headOf(open)) {
        const due = [waiting.shift()!];
        while (due[0].isConcurrent === true && waiting[0]?.isConcurrent === true && waiting[0].startsAt === due[0].startsAt)
          due.push(waiting.shift()!);
        for (const { open: opened, isConcurrent = false } of due) open.push({ generator: opened(), batch: [], at: 0, isConcurrent });
        open = await withHeads(open);
      }
      if (open.length === 0) {
        if (waiting.length > 0) continue;
        if (out.length > 0) yield out;
        return;
      }
      const first = open.reduce((best, each) => (each.batch[each.at].capturedAt < best.batch[best.at].capturedAt ? each : best));
      // Up to here no other stream has an earlier message; equal times are in the order of the streams.
      const limit = Math.min(waiting[0]?.startsAt ?? Infinity, headOf(open.filter((each) => each !== first)));
      do out.push(first.batch[first.at++]);
      while (first.at < first.batch.length && first.batch[first.at].capturedAt < limit);
      if (first.at === first.batch.length) open = await withHeads(open);
      if (out.length >= BATCH) {
        yield out;
        out = [];
      }
    }
  } finally {
    for (const { generator } of open) await generator.return(undefined);
  }
}

function headOf(open: readonly OpenStream[]): number {
  let least = Infinity;
  for (const { batch, at } of open) least = Math.min(least, batch[at].capturedAt);
  return least;
}

/** Those that have a next message. */
async function withHeads(open: readonly OpenStream[]): Promise<OpenStream[]> {
  await Promise.all(open.filter(({ isConcurrent }) => isConcurrent).map(withHead));
  for (const each of open) if (!each.isConcurrent) await withHead(each);
  return open.filter(({ batch, at }) => at < batch.length);
}

async function withHead(each: OpenStream): Promise<void> {
  while (each.at >= each.batch.length) {
    const next = await each.generator.next();
    if (next.done === true) return;
    each.batch = next.value;
    each.at = 0;
  }
}
