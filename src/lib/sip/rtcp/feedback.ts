/** Feedback: RFC 4585 section 6.1. SSRC of the sender, SSRC of the media, then data by format. */
import { fault, u16, u32, type Fault } from '../../base/index.js';
import { RTCP_RTPFB, type Feedback } from './packets.js';

/** FMT values of transport feedback: RFC 4585 6.2, RFC 5104 4.2, RFC 6051, RFC 6285, RFC 6679, RFC 8888, and the draft of transport-wide congestion control. */
const TRANSPORT: Readonly<Record<number, string>> = {
  1: 'NACK',
  3: 'TMMBR',
  4: 'TMMBN',
  5: 'SR-REQ',
  6: 'RAMS',
  7: 'TLLEI',
  8: 'ECN',
  9: 'PAUSE',
  10: 'DBI',
  11: 'CCFB',
  15: 'TWCC',
};
/** FMT values of payload-specific feedback: RFC 4585 6.3, RFC 5104 4.3, RFC 8082; 15 is application layer feedback, of which REMB is one. */
const PAYLOAD: Readonly<Record<number, string>> = {
  1: 'PLI',
  2: 'SLI',
  3: 'RPSI',
  4: 'FIR',
  5: 'TSTR',
  6: 'TSTN',
  7: 'VBCM',
  8: 'PSLEI',
  9: 'ROI',
  10: 'LRR',
  15: 'AFB',
};

const APPLICATION_LAYER = 15;
const REMB = 0x52454d42;

export function readFeedback(bytes: Buffer, from: number, to: number, packetType: number, format: number): Feedback | Fault {
  if (to - from < 8) return fault('too_short', 'rtcp feedback', from, 8, to - from);
  const data = bytes.subarray(from + 8, to);
  let name = (packetType === RTCP_RTPFB ? TRANSPORT : PAYLOAD)[format] ?? '';
  if (packetType !== RTCP_RTPFB && format === APPLICATION_LAYER && data.length >= 4 && u32(data, 0) === REMB) {
    if (data.length < 8) return fault('too_short', 'rtcp remb', from + 8, 8, data.length);
    name = 'REMB';
  }
  return { kind: 'feedback', packetType, format, name, ssrc: u32(bytes, from), media: u32(bytes, from + 4), data };
}

/** The sequence numbers that generic NACKs request again (RFC 4585 section 6.2.1): a first one, and 16 bits for those after it. */
export function nackedSequences(feedback: Feedback): number[] {
  const sequences: number[] = [];
  if (feedback.name !== 'NACK') return sequences;
  for (let at = 0; at + 4 <= feedback.data.length; at += 4) {
    const first = u16(feedback.data, at);
    const following = u16(feedback.data, at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit++) if ((following >> bit) & 1) sequences.push((first + bit + 1) & 0xffff);
  }
  return sequences;
}
