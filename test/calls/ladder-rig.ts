/** Ladders of messages for tests. */
import type { Message } from '../../src/lib/base/index.js';
import { Zone } from '../../src/lib/base/time/index.js';
import { buildLadder, ladderText, type LadderOptions } from '../../src/lib/calls/index.js';
import { summaries } from '../../src/lib/service/call/show/find-calls.js';
import { noPaint } from '../../src/lib/sink/terminal/text-format.js';

export const UTC = new Zone('UTC');

export function ladder(messages: readonly Message[], options: Partial<LadderOptions> = {}) {
  const calls = summaries(messages);
  const legs = [...new Set(calls.map(({ callId }) => callId))].map((callId, i) => ({
    callId,
    why: i === 0 ? '' : 'X-CID',
    value: i === 0 ? '' : calls[0].callId,
    guess: false,
    base: '',
  }));
  return buildLadder({ messages, calls, legs, partial: '' }, { by: 'auto', names: null, unfold: false, ...options });
}

export function text(
  messages: readonly Message[],
  options: Partial<LadderOptions> & { width?: number; ascii?: boolean; verbose?: boolean } = {},
): string[] {
  const { width = 100, ascii = false, verbose = false } = options;
  return ladderText(ladder(messages, options), { width, ascii, verbose, paint: noPaint, times: UTC }).trimEnd().split('\n');
}
