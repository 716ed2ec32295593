// Makes samples/sample.pcap: three calls (answered, busy, cancelled), a REGISTER with its challenge, an OPTIONS; over
// UDP, TCP and IPv6, in a VLAN and in IP-in-IP; and samples/media.pcap: a call with RTP that loses packets, and RTCP.
// All addresses are those reserved for documentation.
import { mkdirSync, writeFileSync } from 'node:fs';
import { pcapOf } from '../bench/corpus.mjs';

const START = Date.UTC(2026, 0, 15, 9, 30, 0) * 1000;
const records = [];
let clock = START;

const A = '192.0.2.10';
const B = '198.51.100.20';
const A6 = '2001:db8::10';
const B6 = '2001:db8::20';

function ipv4(text) {
  return Buffer.from(text.split('.').map(Number));
}

function ipv6(text) {
  const [head, tail] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const groups = [...head, ...new Array(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.concat(groups.map((group) => u16(parseInt(group, 16))));
}

function u16(value) {
  return Buffer.from([(value >> 8) & 255, value & 255]);
}
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function checksum(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function withChecksum(segment, at, source, destination, protocol) {
  const sum = checksum(Buffer.concat([source, destination, u32(segment.length), u32(protocol), segment]));
  segment.writeUInt16BE(sum === 0 ? 0xffff : sum, at);
  return segment;
}

const udp = (sp, dp, data) => (s, d) => withChecksum(Buffer.concat([u16(sp), u16(dp), u16(8 + data.length), u16(0), data]), 6, s, d, 17);
const tcp = (sp, dp, seq, ack, flags, data) => (s, d) =>
  withChecksum(
    Buffer.concat([u16(sp), u16(dp), u32(seq), u32(ack), Buffer.from([0x50, flags]), u16(65535), u16(0), u16(0), data]),
    16,
    s,
    d,
    6,
  );

let identification = 1;
function packet4(source, destination, protocol, payload) {
  const head = Buffer.concat([
    Buffer.from([0x45, 0]),
    u16(20 + payload.length),
    u16(identification++),
    u16(0x4000),
    Buffer.from([64, protocol]),
    u16(0),
    ipv4(source),
    ipv4(destination),
  ]);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, payload]);
}

function packet6(source, destination, protocol, payload) {
  return Buffer.concat([
    Buffer.from([0x60, 0, 0, 0]),
    u16(payload.length),
    Buffer.from([protocol, 64]),
    ipv6(source),
    ipv6(destination),
    payload,
  ]);
}

function ip(source, destination, protocol, transport) {
  if (source.includes(':')) return packet6(source, destination, protocol, transport(ipv6(source), ipv6(destination)));
  return packet4(source, destination, protocol, transport(ipv4(source), ipv4(destination)));
}

function frame(packet, { vlan } = {}) {
  const type = u16(packet[0] >> 4 === 6 ? 0x86dd : 0x0800);
  const tag = vlan === undefined ? Buffer.alloc(0) : Buffer.concat([u16(0x8100), u16(vlan)]);
  const bytes = Buffer.concat([Buffer.from('02000000000102000000000a', 'hex'), tag, type, packet]);
  clock += 20_137;
  records.push({ at: clock, bytes });
}

function message(start, headers, body = '') {
  const lines = [
    start,
    ...headers.filter(Boolean),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ];
  return Buffer.from(lines.join('\r\n'));
}

const sdp = (host, port) =>
  `v=0\r\no=- 4711 1 IN IP${host.includes(':') ? 6 : 4} ${host}\r\ns=-\r\nc=IN IP${host.includes(':') ? 6 : 4} ${host}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n`;

/** A dialog's messages: `step(fromCaller, start, cseq, extra, body)`. */
function dialog({ id, from, to, a, b, transport = 'UDP', toTag, send }) {
  const host = (address) => (address.includes(':') ? `[${address}]` : address);
  return (fromCaller, start, cseq, { tagged = true, extra = [], body = '' } = {}) =>
    send(
      fromCaller,
      message(
        start,
        [
          `Via: SIP/2.0/${transport} ${host(a)}:5060;branch=z9hG4bK${id}-${cseq.replace(' ', '')}`,
          start.startsWith('SIP/') ? '' : 'Max-Forwards: 70',
          `From: "${from[0].toUpperCase()}${from.slice(1)}" <sip:${from}@example.com>;tag=${id}a`,
          `To: <sip:${to}@example.net>${tagged ? `;tag=${toTag}` : ''}`,
          `Call-ID: ${id}@${a}`,
          `CSeq: ${cseq}`,
          `Contact: <sip:${fromCaller ? from : to}@${host(fromCaller ? a : b)}:5060>`,
          start.startsWith('SIP/') ? 'Server: Example Gateway 2.1' : 'User-Agent: Example Phone 1.4',
          ...extra,
        ],
        body,
      ),
    );
}

const overUdp = (a, b, options) => (fromCaller, data) =>
  frame(ip(fromCaller ? a : b, fromCaller ? b : a, 17, udp(5060, 5060, data)), options);

// A call that is answered and ended.
let step = dialog({ id: 'c1f0', from: 'alice', to: 'bob', a: A, b: B, toTag: 'b1', send: overUdp(A, B) });
step(true, 'INVITE sip:bob@example.net SIP/2.0', '1 INVITE', {
  tagged: false,
  extra: ['P-Asserted-Identity: <sip:+12025550100@example.com>'],
  body: sdp(A, 40000),
});
step(false, 'SIP/2.0 100 Trying', '1 INVITE', { tagged: false });
step(false, 'SIP/2.0 180 Ringing', '1 INVITE');
clock += 2_300_000;
step(false, 'SIP/2.0 200 OK', '1 INVITE', { body: sdp(B, 41000) });
step(true, 'ACK sip:bob@198.51.100.20:5060 SIP/2.0', '1 ACK');
clock += 9_000_000;
step(true, 'BYE sip:bob@198.51.100.20:5060 SIP/2.0', '2 BYE', { extra: ['X-RTP-Stat: PS=450,OS=72000,PR=447,OR=71520,PL=3,JI=4'] });
step(false, 'SIP/2.0 200 OK', '2 BYE');

// Registration with its challenge, in VLAN 120.
const registrar = overUdp(A, B, { vlan: 120 });
step = dialog({ id: 'r7e1', from: 'alice', to: 'alice', a: A, b: B, toTag: 'reg', send: registrar });
step(true, 'REGISTER sip:example.net SIP/2.0', '1 REGISTER', { tagged: false, extra: ['Expires: 600'] });
step(false, 'SIP/2.0 401 Unauthorized', '1 REGISTER', {
  extra: ['WWW-Authenticate: Digest realm="example.net", nonce="5f0c", algorithm=MD5'],
});
step(true, 'REGISTER sip:example.net SIP/2.0', '2 REGISTER', {
  tagged: false,
  extra: [
    'Expires: 600',
    'Authorization: Digest username="alice", realm="example.net", nonce="5f0c", uri="sip:example.net", response="00000000000000000000000000000000"',
  ],
});
step(false, 'SIP/2.0 200 OK', '2 REGISTER', { extra: ['Expires: 600'] });

// A busy callee, captured at the end of an IP-in-IP tunnel.
const tunnel = (fromCaller, data) =>
  frame(packet4('203.0.113.1', '203.0.113.2', 4, ip(fromCaller ? A : B, fromCaller ? B : A, 17, udp(5060, 5060, data))));
step = dialog({ id: 'b486', from: 'carol', to: 'dave', a: A, b: B, toTag: 'd9', send: tunnel });
step(true, 'INVITE sip:dave@example.net SIP/2.0', '1 INVITE', { tagged: false, body: sdp(A, 40002) });
step(false, 'SIP/2.0 486 Busy Here', '1 INVITE', { extra: ['Reason: Q.850;cause=17;text="User busy"'] });
step(true, 'ACK sip:dave@example.net SIP/2.0', '1 ACK');

// A call that is cancelled, over IPv6.
step = dialog({ id: 'x6c2', from: 'erin', to: 'frank', a: A6, b: B6, toTag: 'f3', send: overUdp(A6, B6) });
step(true, 'INVITE sip:frank@example.net SIP/2.0', '1 INVITE', { tagged: false, body: sdp(A6, 40004) });
step(false, 'SIP/2.0 180 Ringing', '1 INVITE');
step(true, 'CANCEL sip:frank@example.net SIP/2.0', '1 CANCEL', { tagged: false });
step(false, 'SIP/2.0 200 OK', '1 CANCEL');
step(false, 'SIP/2.0 487 Request Terminated', '1 INVITE');
step(true, 'ACK sip:frank@example.net SIP/2.0', '1 ACK');

// OPTIONS over TCP: the request in two segments, the reply in one.
const sequence = { caller: 1000, callee: 9000 };
const segment = (fromCaller, flags, data) => {
  const [own, other] = fromCaller ? ['caller', 'callee'] : ['callee', 'caller'];
  frame(
    ip(
      fromCaller ? A : B,
      fromCaller ? B : A,
      6,
      tcp(fromCaller ? 50600 : 5060, fromCaller ? 5060 : 50600, sequence[own], flags === 2 ? 0 : sequence[other], flags, data),
    ),
  );
  sequence[own] += data.length + (flags & 3 ? 1 : 0);
};
const NONE = Buffer.alloc(0);
segment(true, 2, NONE);
segment(false, 0x12, NONE);
segment(true, 0x10, NONE);
step = dialog({
  id: 't0p5',
  from: 'monitor',
  to: 'gateway',
  a: A,
  b: B,
  transport: 'TCP',
  toTag: 'g0',
  send: (fromCaller, data) => {
    if (!fromCaller) return segment(false, 0x18, data);
    segment(true, 0x18, data.subarray(0, 100));
    return segment(true, 0x18, data.subarray(100));
  },
});
step(true, 'OPTIONS sip:gateway@example.net SIP/2.0', '1 OPTIONS', { tagged: false });
step(false, 'SIP/2.0 200 OK', '1 OPTIONS', { extra: ['Allow: INVITE, ACK, BYE, CANCEL, OPTIONS'] });
segment(true, 0x11, NONE);
segment(false, 0x11, NONE);

mkdirSync('samples', { recursive: true });
writeCapture('samples/sample.pcap');

// A call of six seconds with G.729 in both directions. What bob sends loses a burst of packets and then every 25th.
const G729 = (host, port) =>
  `v=0\r\no=- 4711 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n`;
const ALICE = { address: A, port: 40010, ssrc: 0x0a11ce01, first: 1000, isLost: () => false };
const BOB = { address: B, port: 41010, ssrc: 0x00b0b001, first: 5000, isLost: (i) => (i >= 100 && i < 112) || (i > 150 && i % 25 === 0) };
const PACKETS = 300;

function at(time, packet) {
  clock = time - 20_137;
  frame(packet);
}

const media = (from, to, offset, data) => ip(from.address, to.address, 17, udp(from.port + offset, to.port + offset, data));

function rtp({ ssrc, first }, i) {
  return Buffer.concat([Buffer.from([0x80, i === 0 ? 0x92 : 18]), u16(first + i), u32(i * 160), u32(ssrc), Buffer.alloc(20, 0x55)]);
}

/** A sender report about what was sent, with a block about what was received. */
function senderReport(own, other, sent, microseconds) {
  const lost = Array.from({ length: sent }, (_, i) => i).filter((i) => other.isLost(i)).length;
  return Buffer.concat([
    Buffer.from([0x81, 200]),
    u16(12),
    u32(own.ssrc),
    u32(Math.floor(microseconds / 1e6) + 2_208_988_800),
    u32(Math.floor(((microseconds % 1e6) / 1e6) * 2 ** 32)),
    u32(sent * 160),
    u32(sent),
    u32(sent * 20),
    u32(other.ssrc),
    u32((Math.floor((lost * 256) / sent) << 24) | lost),
    u32(other.first + sent - 1),
    u32(16),
    u32(0),
    u32(0),
  ]);
}

clock = START + 60_000_000;
step = dialog({ id: 'm3d1', from: 'alice', to: 'bob', a: A, b: B, toTag: 'b2', send: overUdp(A, B) });
step(true, 'INVITE sip:bob@example.net SIP/2.0', '1 INVITE', { tagged: false, body: G729(A, ALICE.port) });
step(false, 'SIP/2.0 180 Ringing', '1 INVITE');
step(false, 'SIP/2.0 200 OK', '1 INVITE', { body: G729(B, BOB.port) });
step(true, 'ACK sip:bob@198.51.100.20:5060 SIP/2.0', '1 ACK');
const talk = clock + 20_000;
for (let i = 0; i < PACKETS; i++) {
  if (!ALICE.isLost(i)) at(talk + i * 20_000, media(ALICE, BOB, 0, rtp(ALICE, i)));
  if (!BOB.isLost(i)) at(talk + i * 20_000 + 5_000, media(BOB, ALICE, 0, rtp(BOB, i)));
  if (i % 150 !== 149) continue;
  at(talk + i * 20_000 + 7_000, media(ALICE, BOB, 1, senderReport(ALICE, BOB, i + 1, talk + i * 20_000)));
  at(talk + i * 20_000 + 9_000, media(BOB, ALICE, 1, senderReport(BOB, ALICE, i + 1, talk + i * 20_000)));
}
step(true, 'BYE sip:bob@198.51.100.20:5060 SIP/2.0', '2 BYE');
step(false, 'SIP/2.0 200 OK', '2 BYE');
writeCapture('samples/media.pcap');

/** Writes the frames so far, and forgets them. */
function writeCapture(path) {
  writeFileSync(path, pcapOf(records.splice(0)));
}
