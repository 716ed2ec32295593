/** HEP, the Homer encapsulation protocol: packets to messages and back, streams to packets, chunks to edit. */
export { AuthKey } from './auth-key.js';
export { Hep3Fields } from './chunk-walk.js';
export { HepDecoder, type HepDecoderOptions } from './decode.js';
export { HepEncoder, NO_EXTRAS, type HepEncoderOptions, type HepExtras } from './encode.js';
export type { HepPeer } from './envelope.js';
export { HepFramer } from './framing.js';
export { looksLikeHep, notHep } from './not-hep.js';
export { EditablePacket } from './edit.js';
export { assign, parseSet, type AssignmentOptions, type ChunkAssignment } from './chunk-assignment.js';
export { ANY_VENDOR, CHUNK_TYPES, isRefusal, nameChunk, parseChunkName, vendorForNew, type ChunkName, type Refusal } from './chunk-name.js';
export { listChunks, listChunks12, type Chunk } from './chunk-list.js';
export { describeChunk, escapeText, textOfChunk, valueOfChunk, type ChunkDescription } from './chunk-value.js';
export { CHUNKS, chunkNamed, chunkRow, type ChunkRow, type ChunkType } from './chunks.js';
export { PAYLOAD_TYPES, payloadTypeNumber, payloadTypeText, type PayloadTypeRow } from './payload-types.js';
export { PROTOCOLS, isProtocolWithoutNumber, protocolNumber, protocolText } from './protocols.js';
export { VENDORS, vendorText } from './vendors.js';
export { decompressHepDatagram } from './decompress.js';
