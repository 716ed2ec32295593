/**
 * The generic chunks (vendor 0), one row each: HEP3 Network Protocol Specification rev. 37, table of generic chunk types;
 * 0x0065 is an OpenSIPS extension. Reading, writing, help and tests are driven by these rows.
 */

/** How the data of a chunk is written as text. */
export type ChunkType = 'uint8' | 'uint16' | 'uint32' | 'inet4-addr' | 'inet6-addr' | 'mac-addr' | 'utf8-string' | 'octet-string';

export interface ChunkRow {
  id: number;
  /** Name in scripts and on the command line, case-insensitive. */
  name: string;
  type: ChunkType;
  /** Valid sizes of the data; empty if any is. */
  sizes: readonly number[];
  /** One per packet, the last counts; the number alone means vendor 0. */
  builtIn: boolean;
  /** Set only with --force: OpenSIPS refuses it. */
  forcedOnly: boolean;
  /** May be written with vendor 0 only. */
  vendor0Only: boolean;
  meaning: string;
}

export const CHUNK_HEADER_BYTES = 6;
export const PACKET_HEADER_BYTES = 6;
/** Total lengths are 16 bits wide. */
export const MAX_PACKET_BYTES = 65_535;

export const CHUNK = {
  family: 0x01,
  protocol: 0x02,
  source4: 0x03,
  destination4: 0x04,
  source6: 0x05,
  destination6: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  micros: 0x0a,
  payloadType: 0x0b,
  captureId: 0x0c,
  keepalive: 0x0d,
  authKey: 0x0e,
  payload: 0x0f,
  compressedPayload: 0x10,
  correlationId: 0x11,
  vlan: 0x12,
  captureName: 0x13,
  sourceMac: 0x14,
  destinationMac: 0x15,
  tcpFlags: 0x17,
  correlationMap: 0x65,
} as const;

/** REV 37 defines ids below this one (with gaps). */
export const PAST_REV37 = 0x2a;

export const CHUNKS: readonly ChunkRow[] = [
  builtIn(0x01, 'proto_family', 'uint8', [1], 'address family: 2 IPv4, 10 IPv6', true),
  builtIn(0x02, 'proto_id', 'uint8', [1], 'IP protocol: 17 UDP, 6 TCP, 132 SCTP; 22 TLS, 50 WebSocket'),
  builtIn(0x03, 'src_ip', 'inet4-addr', [4], 'source address, IPv4'),
  builtIn(0x04, 'dst_ip', 'inet4-addr', [4], 'destination address, IPv4'),
  builtIn(0x05, 'src_ip6', 'inet6-addr', [16], 'source address, IPv6'),
  builtIn(0x06, 'dst_ip6', 'inet6-addr', [16], 'destination address, IPv6'),
  builtIn(0x07, 'src_port', 'uint16', [2], 'source port'),
  builtIn(0x08, 'dst_port', 'uint16', [2], 'destination port'),
  builtIn(0x09, 'timestamp', 'uint32', [4], 'time in seconds since 1970 UTC', true),
  builtIn(0x0a, 'timestamp_us', 'uint32', [4], 'microseconds of the time', true),
  builtIn(0x0b, 'proto_type', 'uint8', [1], 'type of the payload: 1 SIP, 5 RTCP'),
  builtIn(0x0c, 'captagent_id', 'uint32', [4], 'number of the capture agent'),
  generic(0x0d, 'keepalive', 'uint16', [2], 'keep-alive timer in seconds', true),
  generic(0x0e, 'auth_key', 'utf8-string', [], 'authentication key', true),
  builtIn(0x0f, 'payload', 'utf8-string', [], 'the captured message'),
  builtIn(0x10, 'compressed_payload', 'octet-string', [], 'the captured message, compressed'),
  generic(0x11, 'correlation_id', 'utf8-string', [], 'relates packets, usually the Call-ID', true),
  generic(0x12, 'vlan_id', 'uint16', [2], '802.1Q VLAN', true),
  generic(0x13, 'node_name', 'utf8-string', [], 'name of the capture agent'),
  generic(0x14, 'src_mac', 'mac-addr', [6, 8], 'source MAC address'),
  generic(0x15, 'dst_mac', 'mac-addr', [6, 8], 'destination MAC address'),
  generic(0x16, 'ether_type', 'uint16', [2], 'Ethernet type'),
  generic(0x17, 'tcp_flags', 'uint8', [1], 'TCP flags'),
  generic(0x18, 'ip_tos', 'uint8', [1], 'IP type of service'),
  generic(0x20, 'mos', 'uint16', [2], 'mean opinion score times 100'),
  generic(0x21, 'r_factor', 'uint16', [2], 'R-factor'),
  generic(0x22, 'geo_location', 'utf8-string', [], 'geographical place'),
  generic(0x23, 'jitter', 'uint32', [4], 'jitter'),
  generic(0x24, 'transaction_type', 'utf8-string', [], 'type of transaction: call, registration'),
  generic(0x25, 'payload_json_keys', 'utf8-string', [], 'keys of a JSON payload'),
  generic(0x26, 'tags', 'utf8-string', [], 'values of tags'),
  generic(0x27, 'tag_type', 'uint16', [2], 'type of the tags'),
  generic(0x28, 'event_type', 'uint16', [2], 'event: 1 recording, 2 lawful recording'),
  generic(0x29, 'group_id', 'utf8-string', [], 'group'),
  generic(0x65, 'correlation_map', 'utf8-string', [], 'JSON that relates packets (OpenSIPS with homer5_on=0)'),
];

/** The row of a generic chunk, or undefined if it is unknown. */
export function chunkRow(id: number): ChunkRow | undefined {
  return CHUNKS.find((row) => row.id === id);
}

export function chunkNamed(name: string): ChunkRow | undefined {
  const wanted = name.toLowerCase();
  return CHUNKS.find((row) => row.name === wanted);
}

function builtIn(id: number, name: string, type: ChunkType, sizes: readonly number[], meaning: string, forcedOnly = false): ChunkRow {
  return { id, name, type, sizes, builtIn: true, forcedOnly, vendor0Only: false, meaning };
}

function generic(id: number, name: string, type: ChunkType, sizes: readonly number[], meaning: string, vendor0Only = false): ChunkRow {
  return { id, name, type, sizes, builtIn: false, forcedOnly: false, vendor0Only, meaning };
}
