/**
 * Payload types (chunk 0x000b): HEP3 Network Protocol Specification rev. 37, and what senders use beyond it (20, 32,
 * 38, 86-89, 96, 99-101). The names up to 12 are those that hep_set and hep_get know.
 */

export interface PayloadTypeRow {
  number: number;
  /** As shown by `--get proto_type` and hep_get. */
  name: string;
  /** Alternative names. */
  aliases: readonly string[];
  meaning: string;
}

export const PAYLOAD_TYPES: readonly PayloadTypeRow[] = [
  row(0, 'reserved', 'reserved'),
  row(1, 'SIP', 'SIP'),
  row(2, 'XMPP', 'XMPP'),
  row(3, 'SDP', 'SDP'),
  row(4, 'RTP', 'RTP'),
  row(5, 'RTCP', 'RTCP as JSON'),
  row(6, 'MGCP', 'MGCP'),
  row(7, 'MEGACO(H.248)', 'MEGACO', 'MEGACO', 'H248'),
  row(8, 'M2UA(SS7/SIGTRAN)', 'M2UA', 'M2UA'),
  row(9, 'M3UA(SS7/SIGTRAN)', 'M3UA', 'M3UA'),
  row(10, 'IAX', 'IAX'),
  row(11, 'H322', 'H.322', 'H.322'),
  row(12, 'H321', 'H.321', 'H.321'),
  row(13, 'M2PA', 'M2PA'),
  row(20, 'WEBRTC', 'WebRTC as JSON'),
  row(32, 'QOS', 'quality report as JSON'),
  row(34, 'MOS-FULL', 'MOS, full report, as JSON'),
  row(35, 'MOS-SHORT', 'MOS, short report, as JSON'),
  row(38, 'IPFIX', 'quality report from IPFIX'),
  row(50, 'SIP-JSON', 'SIP as JSON'),
  row(53, 'DNS', 'DNS as JSON'),
  row(54, 'ISUP', 'M3UA (ISUP) as JSON'),
  row(55, 'RTSP', 'RTSP as JSON'),
  row(56, 'DIAMETER', 'Diameter as JSON'),
  row(57, 'GSM-MAP', 'GSM MAP as JSON'),
  row(58, 'RTCP-PION', 'RTCP of Pion'),
  row(60, 'CDR', 'call detail record'),
  row(61, 'VERTO', 'Verto'),
  row(86, 'XLOG', 'OpenSIPS xlog'),
  row(87, 'MI', 'OpenSIPS management command'),
  row(88, 'REST', 'OpenSIPS REST call'),
  row(89, 'NET', 'OpenSIPS transport event'),
  row(96, 'CONTROL', 'OpenSIPS correlation of two ids'),
  row(99, 'OTHER', 'other quality report'),
  row(100, 'LOG', 'log text'),
  row(101, 'JSON', 'JSON'),
];

/** Names from here on are ours: hep_get shows these types as numbers. */
const FIRST_WITHOUT_NAME = 14;

/** What hep_get and `--get proto_type` show. */
export function payloadTypeText(number: number): string {
  const found = number < FIRST_WITHOUT_NAME ? PAYLOAD_TYPES.find((one) => one.number === number) : undefined;
  return found === undefined ? String(number) : found.name;
}

/** The number of a type by name or alias; -1 if unknown. */
export function payloadTypeNumber(word: string): number {
  const wanted = word.toUpperCase();
  const found = PAYLOAD_TYPES.find((one) => one.number > 0 && (one.name.toUpperCase() === wanted || one.aliases.includes(wanted)));
  return found === undefined ? -1 : found.number;
}

function row(number: number, name: string, meaning: string, ...aliases: string[]): PayloadTypeRow {
  return { number, name, aliases, meaning };
}
