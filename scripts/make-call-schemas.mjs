// Makes schema/call.schema.json and schema/ladder.schema.json from the list of members. Needs the build.
import { writeFileSync } from 'node:fs';
import { CALL_MEMBERS } from '../dist/lib/calls/index.js';
import { ladderMessageSchema, qualitySchemas } from '../dist/lib/calls/ladder/ladder-schema.js';
import { faxSchema, streamSchema } from '../dist/lib/media/index.js';

const draft = 'https://json-schema.org/draft/2020-12/schema';
const write = (name, schema) => writeFileSync(`schema/${name}.schema.json`, `${JSON.stringify({ $schema: draft, ...schema }, null, 2)}\n`);

function member({ type, nullable, values, description }) {
  if (type === 'strings') return { description, type: 'array', items: { type: 'string', ...(values ? { enum: [...values] } : {}) } };
  return { description, type: nullable ? [type, 'null'] : type, ...(values ? { enum: [...values] } : {}) };
}

const call = {
  type: 'object',
  required: CALL_MEMBERS.map(({ name }) => name),
  additionalProperties: false,
  properties: Object.fromEntries(CALL_MEMBERS.map((each) => [each.name, member(each)])),
};
write('call', { title: 'A call, as printed by call list --format json', ...call });

const text = { type: 'string' };
const whole = { type: 'integer' };
const list = (items) => ({ type: 'array', items });
const object = (properties, optional = {}) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties: { ...properties, ...optional },
});
write('ladder', {
  title: 'A ladder, as printed by call show --format json',
  ...object(
    {
      schema: { const: 'ladder.schema.json' },
      calls: list(call),
      participants: list(object({ id: whole, label: text, endpoints: list(text) })),
      legs: list(object({ callid: text, why: text, value: text, guess: { type: 'boolean' } })),
      messages: list(ladderMessageSchema()),
      partial: { type: ['string', 'null'], description: 'Why there may be more; null where this is all.' },
      ...qualitySchemas(),
      streams: { description: 'RTP streams that were measured.', ...list(streamSchema()) },
      fax: { description: 'T.38 over UDPTL that was counted.', ...list(faxSchema()) },
    },
    { missing_shards: { description: 'Only in a partial answer: the shards of the database that did not answer.', ...list(text) } },
  ),
});
