/**
 * Messages that two paths through the program might store differently: each as frames, as a HEP packet or as both,
 * with the expected rows. The name is its Call-ID, or its correlation id if it is a report.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import * as make from './frames.js';
import {
  CAPTURED_SECONDS,
  CAPTURED_MICROS,
  TUNNEL,
  PLAIN,
  PLAIN6,
  TCP,
  SCTP,
  sip,
  text,
  ether,
  datagram,
  hep,
  correlation,
  oldHep,
  both,
  segments,
  inFragments,
  inThree,
  webSocket,
} from './awkward-packets.js';
import { chunk, u16be, u32be, u32le } from './hep-packets.js';
import { extendedReport, goodbye, receiverReport, plainBlock } from './rtcp.js';

export { CAPTURED_MICROS, CAPTURED_SECONDS, TUNNEL } from './awkward-packets.js';

export type Columns = Readonly<Record<string, string>>;

export interface AwkwardMessage {
  name: string;
  /** Ethernet frames that carry it. */
  frames?: readonly Buffer[];
  /** The HEP packet that carries it. */
  hep?: Buffer;
  /** Found only with RTCP enabled. */
  rtcp?: true;
  /** It came in an IP-in-IP tunnel. */
  tunnelled?: true;
  /** Some columns of its row in the SIP table, and of its row in the report table. */
  sip?: Columns;
  report?: Columns;
  /** Correlation id of its report, if not its name. */
  reportId?: string;
  /** The packet has no time of its own, so its arrival time is stored. */
  timeless?: true;
}

const LONG = 'é'.repeat(150);
const QUALITY = [
  'VQSessionReport: CallTerm',
  'CallID: quality-call',
  'LocalMetrics:',
  'PacketLoss:NLR=5.0 JDR=2.0',
  'QualityEst:MOSCQ=4.1',
  '',
].join('\r\n');
const OFFER = 'v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';
const RTCP = Buffer.concat([receiverReport(7, [plainBlock]), extendedReport(7), goodbye(7, 'done')]);
const RTCP_JSON = '{"sender_information":{"packets":1},"ssrc":7,"type":200}';

export function awkwardMessages(): AwkwardMessage[] {
  const trimmed = sip('trailing-bytes', { body: 'v=0\r\n', headers: ['Content-Type: application/sdp'] });
  const bare = sip('trailing-nuls', { contentLength: null });
  const segmented = sip('three-segments', { body: 'x'.repeat(400), headers: ['Content-Type: text/plain'] });
  const tcpEnds = { ...PLAIN, sourcePort: 40_000 };
  const long = sip('too-long', {
    from: `<sip:${LONG}@${LONG}.example>;tag=${LONG}`,
    headers: [`User-Agent: ${LONG}${LONG}\0`, `Reason: ${LONG}${LONG}`],
  });
  const fragmented = sip('ipv4-fragments', { body: 'y'.repeat(2500), headers: ['Content-Type: text/plain'] });
  const fragmented6 = sip('ipv6-fragments', { body: 'z'.repeat(2500), headers: ['Content-Type: text/plain'] });
  const tunnelled = sip('ip-in-ip');
  const named = sip('ip-in-ip-named', { headers: ['X-OIP: 198.51.100.7:5070'] });
  const compressed = sip('compressed-gzip');
  const deflated = sip('compressed-zlib');
  const quality = sip('quality-report', { method: 'PUBLISH', headers: ['Content-Type: application/vq-rtcpxr'], body: QUALITY });
  const xml = '<?xml version="1.0"?>\r\n<presence><tuple id="a"/></presence>\r\n';
  const shortXml = sip('short-xml', { body: xml, contentLength: 40, headers: ['Content-Type: application/pidf+xml'] });
  const sdpCut = OFFER.indexOf('c=');
  const shortSdp = sip('short-sdp', { body: OFFER, contentLength: sdpCut, headers: ['Content-Type: application/sdp'] });
  const cut = sip('cut-body', { body: 'only this', contentLength: 500, headers: ['Content-Type: text/plain'] });
  const overWebSocket = sip('web-socket', { body: 'hello', headers: ['Content-Type: text/plain'] });
  const webSocketEnds = { ...PLAIN, sourcePort: 40_001, destinationPort: 8080 };
  const typed = sip('sip-as-log');
  const sctp = sip('over-sctp');
  const offer = sip('call-with-rtcp', { method: 'INVITE', body: OFFER, headers: ['Content-Type: application/sdp'] });
  const latin1 = Buffer.from(
    text(sip('latin-1', { from: '"J\xfcrgen" <sip:j\xfcrgen@a.example>;tag=1' })).replace(/\xc3\xbc/g, '\xfc'),
    'latin1',
  );
  const reply = sip('reply-with-reason', {
    startLine: 'SIP/2.0 486 Busy Here',
    method: 'INVITE',
    headers: ['Reason: Q.850;cause=17;text="User busy"', 'Server: Proxy 1'],
  });
  return [
    { name: 'plain-udp', ...both(sip('plain-udp')), sip: { method: 'OPTIONS', proto: '17', originator_ip: '' } },
    { name: 'trailing-bytes', ...both(Buffer.concat([trimmed, Buffer.from('\r\njunk behind it')])), sip: { msg: text(trimmed) } },
    { name: 'trailing-nuls', ...both(Buffer.concat([bare, Buffer.alloc(7)])), sip: { msg: text(bare) } },
    {
      name: 'three-segments',
      ...both(segmented, segments(tcpEnds, 1001, ...inThree(segmented)), { ends: tcpEnds, protocol: TCP }),
      sip: { proto: '6', msg: text(segmented) },
    },
    {
      name: 'ip-in-ip',
      tunnelled: true,
      ...both(tunnelled, [ether(make.ipv4({ ...TUNNEL, protocol: make.IP_IPV4 }, datagram(tunnelled)))]),
      sip: { source_ip: '192.0.2.10', msg: text(tunnelled) },
    },
    {
      name: 'ip-in-ip-named',
      tunnelled: true,
      ...both(named, [ether(make.ipv4({ ...TUNNEL, protocol: make.IP_IPV4 }, datagram(named)))]),
      sip: { originator_ip: '198.51.100.7', originator_port: '5070' },
    },
    {
      name: 'vlan',
      ...both(sip('vlan'), [make.ethernet(make.ETHER_VLAN, make.vlan(7, make.ETHER_IPV4, datagram(sip('vlan'))))]),
      sip: { source_ip: '192.0.2.10' },
    },
    {
      name: 'qinq',
      ...both(sip('qinq'), [make.ethernet(make.ETHER_SERVICE_VLAN, make.qinq(7, 8, make.ETHER_IPV4, datagram(sip('qinq'))))]),
      sip: { source_ip: '192.0.2.10' },
    },
    {
      name: 'ipv4-fragments',
      ...both(fragmented, inFragments(PLAIN, 77, fragmented)),
      sip: { msg: text(fragmented) },
    },
    { name: 'ipv6', ...both(sip('ipv6'), undefined, { ends: PLAIN6 }), sip: { source_ip: '2001:db8::10', family: '10' } },
    {
      name: 'ipv6-fragments',
      ...both(fragmented6, inFragments(PLAIN6, 78, fragmented6), { ends: PLAIN6 }),
      sip: { msg: text(fragmented6) },
    },
    { name: 'hep-1', timeless: true, hep: oldHep(1, Buffer.alloc(0), sip('hep-1')), sip: { source_ip: '192.0.2.10', node: 'homer01' } },
    {
      name: 'hep-2',
      hep: oldHep(2, Buffer.concat([u32le(CAPTURED_SECONDS), u32le(CAPTURED_MICROS), u16be(0x0500), u16be(0)]), sip('hep-2')),
      sip: { micro_ts: `${CAPTURED_SECONDS}${CAPTURED_MICROS}`, node: 'homer01:5' },
    },
    {
      name: 'hep-3',
      hep: hep(sip('hep-3'), {}, chunk(0, 12, u32be(2001)), chunk(0, 19, 'agent'), correlation('other-id')),
      sip: { node: 'homer01:2001', correlation_id: 'other-id' },
    },
    {
      name: 'compressed-gzip',
      frames: [ether(datagram(compressed))],
      hep: hep(Buffer.alloc(0), {}, chunk(0, 16, gzipSync(compressed))),
      sip: { msg: text(compressed) },
    },
    {
      name: 'compressed-zlib',
      frames: [ether(datagram(deflated))],
      hep: hep(Buffer.alloc(0), {}, chunk(0, 16, deflateSync(Buffer.concat([deflated, Buffer.from('behind')])))),
      sip: { msg: text(deflated) },
    },
    {
      name: 'quality-report',
      ...both(quality),
      sip: { method: 'PUBLISH', msg: text(quality) },
      report: { type: '35', msg: QUALITY },
      reportId: 'quality-call',
    },
    { name: 'rtcp-json', hep: hep(Buffer.from(RTCP_JSON), { type: 5 }, correlation('rtcp-json')), report: { type: '5', msg: RTCP_JSON } },
    {
      name: 'log-line',
      hep: hep(Buffer.from('a line\0'), { type: 100 }, correlation('log-line')),
      report: { type: '100', msg: 'a line\0' },
    },
    { name: 'sip-as-log', hep: hep(typed, { type: 32 }, correlation('sip-as-log')), report: { type: '32', msg: text(typed) } },
    {
      name: 'too-long',
      ...both(long, inFragments(PLAIN, 76, long)),
      sip: { from_user: LONG.slice(0, 100), reason: `${LONG}${LONG}`.slice(0, 200) },
    },
    { name: 'latin-1', ...both(latin1), sip: { from_tag: '1', msg: text(latin1) } },
    { name: 'reply-with-reason', ...both(reply), sip: { method: '486', type: '2', reason: 'Q.850;cause=17;text="User busy"' } },
    { name: 'short-xml', ...both(shortXml), sip: { msg: text(shortXml) } },
    { name: 'short-sdp', ...both(shortSdp), sip: { msg: text(shortSdp) } },
    { name: 'cut-body', ...both(cut), sip: { msg: text(cut) } },
    {
      name: 'web-socket',
      ...both(overWebSocket, webSocket(overWebSocket), { ends: webSocketEnds, protocol: TCP }),
      sip: { msg: text(overWebSocket), source_port: '40001' },
    },
    {
      name: 'over-sctp',
      ...both(sctp, [ether(make.ipv4({ ...PLAIN, protocol: make.IP_SCTP }, make.sctp(PLAIN, make.sctpData({ transmission: 1 }, sctp))))], {
        protocol: SCTP,
      }),
      sip: { proto: '132', msg: text(sctp) },
    },
    { name: 'call-with-rtcp', ...both(offer), sip: { method: 'INVITE' } },
    {
      name: 'rtcp-of-a-call',
      rtcp: true,
      frames: [ether(datagram(RTCP, { ...PLAIN, sourcePort: 4001, destinationPort: 6001 }))],
      report: { type: '5', source_port: '4001' },
      reportId: 'call-with-rtcp',
    },
  ];
}
