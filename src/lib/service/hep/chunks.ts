/** `hep chunks`: the HEP tables as help: chunks, payload types, transports, vendors. */
import { CHUNKS, CHUNK_TYPES, PAYLOAD_TYPES, PROTOCOLS, VENDORS } from '../../hep/index.js';
import { EXIT_DONE, type Environment } from '../../base/index.js';

export async function hepChunks(json: boolean, env: Environment): Promise<number> {
  if (json) {
    env.stdout.write(
      `${JSON.stringify({ chunks: CHUNKS, types: CHUNK_TYPES, payload_types: PAYLOAD_TYPES, transports: PROTOCOLS, vendors: VENDORS }, null, 2)}\n`,
    );
    return EXIT_DONE;
  }
  const lines = ['chunk   id  name                type         meaning'];
  for (const { id, name, type, meaning, forcedOnly, vendor0Only } of CHUNKS) {
    const rules = [...(forcedOnly ? ['set with --force only'] : []), ...(vendor0Only ? ['vendor 0 only'] : [])];
    lines.push(
      `0x${id.toString(16).padStart(4, '0')} ${String(id).padStart(3)}  ${name.padEnd(18)}  ${type.padEnd(11)}  ${meaning}${rules.length > 0 ? ` (${rules.join(', ')})` : ''}`,
    );
  }
  lines.push('', `types: ${CHUNK_TYPES.join(', ')}`);
  lines.push('a chunk is named by its name, its id (decimal or 0x hex; of any vendor, the first), or vendor:id[:type]');
  lines.push('', 'proto_type  meaning');
  for (const { number, name, aliases, meaning } of PAYLOAD_TYPES)
    lines.push(`${String(number).padStart(4)}  ${[name, ...aliases].join(', ').padEnd(24)}  ${meaning}`);
  lines.push('', `proto_id: ${PROTOCOLS.map(({ name, number }) => `${name} ${number}`).join(', ')}, or a number`);
  env.stdout.write(`${lines.join('\n')}\n`);
  return EXIT_DONE;
}
