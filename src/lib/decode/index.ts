/** Frames to datagrams and streams. Pure: bytes in, calls out; all times are packet times. */
export { FrameDecoder, DELIVERED, FAULT, HELD, OTHER, type DecodeOptions } from './frame-decoder.js';
export type { ConnectionFrames } from './connection-frames.js';
export { flowOf } from './flow.js';
export type { FragmentLimits } from './fragment-limits.js';
export type { DecodeHandler, StreamReceiver } from './handler.js';
export { compactFrame } from './frame-copies.js';
export { LINK_TYPES, isReadLinkType, linkTypeText, type LinkType } from './link-types.js';
export type { Packet } from './packet.js';
export { printFrame } from './print.js';
export type { SctpLimits } from './sctp-table.js';
export type { StreamLimits } from './stream-limits.js';
export { WebSocketDeframer, type OnWebSocketMessage, type WebSocketOptions } from './websocket.js';
