/** SIP: bytes to start line, headers, columns; framing in streams; SDP; RTCP. */
export { FIRST_LOOK_BYTES, SipFramer, type OnSipMessage } from './framing.js';
export { hasCallId } from './message-scan.js';
export { callIdIn, firstHeader, headerValue, headerValues, longHeaderName } from './header-lookup.js';
export { MediaIndex, type MediaCall, type MediaLimits } from './media-index.js';
export { SipParser, parseSip } from './parse.js';
export * from './rtcp/index.js';
export { readSdp, sdpOf, staticPayload, type SdpDirection, type SdpMedia, type SdpPayload } from './sdp.js';
export { SIP_METHODS, couldBecomeSip, looksLikeSip } from './start-line.js';
