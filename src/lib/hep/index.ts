/** HEP, the Homer encapsulation protocol: packets to messages, streams to packets. */
export { HepDecoder, type HepDecoderOptions } from './decode.js';
export type { HepPeer } from './envelope.js';
export { HepFramer } from './framing.js';
export { looksLikeHep } from './not-hep.js';
