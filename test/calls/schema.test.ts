/** The published schemas have the members that are printed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { CALL_MEMBERS, buildLadder, callJson, callLine, ladderJson } from '../../src/lib/calls/index.js';
import { qualitySchemas } from '../../src/lib/calls/ladder/ladder-schema.js';
import { summaries } from '../../src/lib/service/call/show/find-calls.js';
import { safeJson } from '../../src/lib/base/index.js';
import { answered } from './rig.js';

interface Schema {
  required: string[];
  properties: Record<string, Schema & { type?: string | string[]; enum?: string[]; items?: Schema & { enum?: string[] } }>;
}
const read = (name: string) => JSON.parse(readFileSync(resolve(import.meta.dirname, `../../schema/${name}.schema.json`), 'utf8')) as Schema;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

test('call.schema.json', () => {
  const schema = read('call');
  expect(schema.required).toEqual(CALL_MEMBERS.map(({ name }) => name));
  for (const messages of [answered(), answered().slice(0, 2)]) {
    const json = callJson(summaries(messages)[0]);
    for (const [name, value] of Object.entries(json)) {
      const types = [schema.properties[name].type].flat();
      expect([name, types.includes(typeOf(value)) || (types.includes('number') && typeOf(value) === 'integer')]).toEqual([name, true]);
      const allowed = schema.properties[name].enum ?? schema.properties[name].items?.enum;
      for (const each of [value].flat()) if (allowed !== undefined) expect(allowed).toContain(each);
    }
  }
});

test('a line of the list is its object as JSON, whatever it contains', () => {
  for (const words of ['plain', '"quoted" \\ back', 'é 世界 \u2028 \u001b[31m', '</script>', '']) {
    const [call] = summaries(answered());
    const odd = { ...call, reason: words, fromUser: words, callId: words, flags: ['no-ack', 'cut'] as const, mos: 4.123456 };
    expect(callLine(odd)).toBe(safeJson(callJson(odd)));
    expect(callLine(call)).toBe(safeJson(callJson(call)));
  }
});

test('ladder.schema.json', () => {
  const schema = read('ladder');
  const messages = answered();
  const json = ladderJson(
    buildLadder({ messages, calls: summaries(messages), legs: [], partial: '' }, { by: 'auto', names: null, unfold: false }),
  );
  expect([...Object.keys(json), ...Object.keys(qualitySchemas()), 'streams', 'fax'].sort()).toEqual([...schema.required].sort());
  const [message] = json.messages as Record<string, unknown>[];
  expect(Object.keys(message).sort()).toEqual([...schema.properties.messages.items!.required, 'msg'].sort());
});
