/** The chunks of HEP as scripts name them: the tables of the `hep` room as the vocabulary of the `route` room. */
import { CHUNKS, CHUNK_TYPES, assign, isRefusal, nameChunk, type ChunkAssignment, type ChunkName } from '../hep/index.js';
import type { ChunkVocabulary } from '../route/index.js';

export const HEP_CHUNKS: ChunkVocabulary = {
  names: CHUNKS.map(({ name }) => name),
  types: CHUNK_TYPES,
  name: nameChunk,
  assign(chunk, value) {
    const name = chunk as ChunkName;
    // In scripts an octet-string is the bytes of the text; on the command line it is hex.
    if (name.type === 'octet-string' && name.row === null) return { name, data: Buffer.from(value) };
    const made = assign(name, value);
    return isRefusal(made) ? made : ({ name: made.name, data: made.data } satisfies ChunkAssignment);
  },
};
