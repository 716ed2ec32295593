/** The schema for editors: JSON Schema of the YAML spelling. */
import { z } from 'zod';
import { schema } from './schema.js';
import type { SettingMeta } from './setting.js';

export function jsonSchema(): Record<string, unknown> {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema: json }) {
      const { sipcap } = json as { sipcap?: SettingMeta };
      if (sipcap !== undefined) {
        delete json.sipcap;
        json.description = sipcap.summary;
      }
      const { def } = zodSchema._zod as { def: { type: string; defaultValue?: unknown } };
      if (def.type === 'default' && sipcap !== undefined && isPlain(def.defaultValue))
        json.default = sipcap.write === undefined ? def.defaultValue : sipcap.write(def.defaultValue);
      if (def.type === 'prefault') delete json.default;
    },
  }) as { properties: Record<string, unknown> };
  // OpenSIPS' own spelling is accepted, too.
  const { promiscuous_on: promiscuous } = made.properties;
  return { ...made, title: 'Configuration of sipcap serve', properties: { ...made.properties, promiscious_on: promiscuous } };
}

function isPlain(value: unknown): boolean {
  return value !== '' && ['string', 'number', 'boolean'].includes(typeof value);
}
