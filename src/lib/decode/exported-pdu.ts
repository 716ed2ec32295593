/**
 * Wireshark's exported PDUs (tcpdump.org LINKTYPE_WIRESHARK_UPPER_PDU; tags: wsutil/exported_pdu_tlvs.h): addresses and
 * ports that no tag gives are unknown.
 *   tags of 0 type 2, 2 length 2, 4 value (padded), up to the end tag, then the payload
 */
import { FAMILY_IPV4, FAMILY_IPV6, PROTOCOL_UDP, u16, u32 } from '../base/index.js';
import { enterIp } from './ip.js';
import { DATAGRAM, ETHERNET, RAW_IP } from './layer-ids.js';
import type { Walk } from './walk.js';

const TAG_BYTES = 4;
const END = 0;
const DISSECTOR_NAME = 12;
const IPV4_SOURCE = 20;
const IPV4_DESTINATION = 21;
const IPV6_SOURCE = 22;
const IPV6_DESTINATION = 23;
const PORT_TYPE = 24;
const SOURCE_PORT = 25;
const DESTINATION_PORT = 26;

/** Port types (epan/address.h) to IP protocol numbers. */
const PROTOCOL_OF_PORT_TYPE: Readonly<Record<number, number>> = { 1: 132, 2: 6, 3: PROTOCOL_UDP };

export function exportedPdu(walk: Walk): number {
  const { bytes, at, end, packet } = walk;
  if (end - at < TAG_BYTES) return walk.short('exported pdu', TAG_BYTES);
  let name = '';
  let family = 0;
  let sourceAt = -1;
  let destinationAt = -1;
  packet.sourcePort = 0;
  packet.destinationPort = 0;
  packet.protocol = PROTOCOL_UDP;
  let tag = at;
  for (;;) {
    if (tag + TAG_BYTES > end) return walk.fail('truncated', 'exported pdu', tag + TAG_BYTES - at, end - at);
    const type = u16(bytes, tag);
    const length = u16(bytes, tag + 2);
    const value = tag + TAG_BYTES;
    if (value + length > end) return walk.fail('truncated', 'exported pdu', value + length - at, end - at);
    tag = value + length;
    if (type === END) break;
    if (type === DISSECTOR_NAME) name = bytes.latin1Slice(value, value + length).replace(/\0+$/, '');
    else if ((type === IPV4_SOURCE || type === IPV4_DESTINATION) && length === 4) {
      family = FAMILY_IPV4;
      if (type === IPV4_SOURCE) sourceAt = value;
      else destinationAt = value;
    } else if ((type === IPV6_SOURCE || type === IPV6_DESTINATION) && length === 16) {
      family = FAMILY_IPV6;
      if (type === IPV6_SOURCE) sourceAt = value;
      else destinationAt = value;
    } else if (length === 4) {
      const number = u32(bytes, value);
      if (type === PORT_TYPE) packet.protocol = PROTOCOL_OF_PORT_TYPE[number] ?? PROTOCOL_UDP;
      else if (type === SOURCE_PORT) packet.sourcePort = number & 0xffff;
      else if (type === DESTINATION_PORT) packet.destinationPort = number & 0xffff;
    }
  }
  walk.at = tag;
  if (name.startsWith('eth')) return ETHERNET;
  if (name === 'ip' || name === 'ipv6' || name === 'raw_ip') return RAW_IP;
  if (sourceAt >= 0 && destinationAt >= 0 && !enterIp(walk, family, sourceAt, destinationAt)) return walk.fail('too_deep', 'exported pdu');
  return DATAGRAM;
}
