/** Messages that are nothing but their number, and their rows. */
import { type Message } from '../../src/lib/base/index.js';
import type { RowMaker } from '../../src/lib/sink/batch/batching-sink.js';
import { COLUMNS, rowValues } from '../rigs/rows.js';
import { hepMessage } from '../rigs/messages.js';

const PAYLOAD = Buffer.from('OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n');

export function numberedMessage(number: number): Message {
  return hepMessage({ payload: PAYLOAD, frameNumber: number });
}

export const numberedRows: RowMaker = {
  table: () => 'sip_capture',
  columns: () => COLUMNS,
  push: ({ frameNumber }, into, at) => rowValues(frameNumber).forEach((value, i) => (into[at + i] = value)),
};

/** Throws unless each of `count` numbered rows is there exactly once. */
export function expectEach(callIds: readonly unknown[], count: number): void {
  const seen = new Map<unknown, number>();
  for (const callId of callIds) seen.set(callId, (seen.get(callId) ?? 0) + 1);
  const twice = [...seen].filter(([, times]) => times > 1).length;
  const missing = Array.from({ length: count }, (_, number) => `call-${number}@127.0.0.1`).filter((callId) => !seen.has(callId)).length;
  if (twice > 0 || missing > 0 || seen.size !== count)
    throw new Error(`of ${count} rows ${missing} are missing and ${twice} stand there twice (${callIds.length} rows)`);
}
