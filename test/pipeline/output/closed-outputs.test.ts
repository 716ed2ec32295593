/** What closed outputs leave to the summary: one line per name, with all of its counts. */
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { SinkCounts } from '../../../src/lib/base/index.js';
import type { Output, OutputCounts } from '../../../src/lib/pipeline/output/output.js';
import { TerminalSink } from '../../../src/lib/sink/terminal/terminal-sink.js';
import { jsonFormat } from '../../../src/lib/sink/terminal/json-format.js';
import { ClosedOutputs } from '../../../src/lib/pipeline/output/closed-outputs.js';

const counts = (all: Partial<SinkCounts>): SinkCounts => ({
  delivered: 0,
  written: 0,
  refused: 0,
  waiting: 0,
  lost: 0,
  reasons: {},
  ...all,
});

/** Closed outputs without a spool. */
function closedOutputs() {
  const closed = new ClosedOutputs();
  const sink = new TerminalSink(new PassThrough(), jsonFormat(), () => {});
  const output: Output = { key: '', name: '', role: 'store', holds: [], open: async () => ({ sink }), sink };
  return { add: (line: OutputCounts) => closed.add(line, output), counts: closed.counts };
}

test('counters of the same name are added, including those that only some outputs have', () => {
  const closed = closedOutputs();
  closed.add({ sink: 'a', counts: counts({ delivered: 5, written: 5, unconfirmed: 3, reasons: { x: 1 } }), additional: 0 });
  closed.add({
    sink: 'a',
    counts: counts({ delivered: 4, written: 2, unconfirmed: 2, lost: 2, reasons: { x: 1, y: 1 } }),
    additional: 1,
  });
  closed.add({ sink: 'b', counts: counts({ delivered: 1, before: 1, present: 2 }), additional: 0 });
  closed.add({ sink: 'b', counts: counts({}), additional: 0 });
  expect(closed.counts).toEqual([
    {
      sink: 'a (closed)',
      counts: counts({ delivered: 9, before: 0, written: 7, unconfirmed: 5, lost: 2, reasons: { x: 2, y: 1 } }),
      additional: 1,
    },
    { sink: 'b (closed)', counts: counts({ delivered: 1, before: 1, present: 2 }), additional: 0 },
  ]);
});

test('beyond the limit the oldest names share a line, and no count is lost', () => {
  const closed = closedOutputs();
  for (let i = 0; i < 100; i++) closed.add({ sink: `${i}`, counts: counts({ written: 1, unconfirmed: 1 }), additional: 0 });
  expect(closed.counts.length).toBe(32);
  expect(closed.counts.reduce((sum, each) => sum + each.counts.written + (each.counts.unconfirmed ?? 0), 0)).toBe(200);
});
