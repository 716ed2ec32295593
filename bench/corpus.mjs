/** Dialogs of realistic SIP (INVITE, 100, 180, 200, ACK, BYE, 200), mean about 610 bytes, and the same as HEPv3 and as a capture file. */

const METHODS = ['INVITE', '100', '180', '200', 'ACK', 'BYE', '200'];
const REASONS = { 100: 'Trying', 180: 'Ringing', 200: 'OK' };

/** @returns {Buffer[]} `count` distinct SIP messages */
export function sipMessages(count) {
  const messages = [];
  for (let i = 0; i < count; i++) messages.push(Buffer.from(sipMessage(i), 'latin1'));
  return messages;
}

function sipMessage(i) {
  const call = Math.floor(i / METHODS.length);
  const what = METHODS[i % METHODS.length];
  const inCall = i % METHODS.length >= 5;
  const a = `127.0.${call % 200}.${1 + (call % 250)}`;
  const b = `127.1.${call % 100}.${1 + (call % 240)}`;
  const user = `49301${String(call).padStart(7, '0')}`;
  const peer = `49302${String(call * 7).padStart(7, '0')}`;
  const branch = `z9hG4bK-${((call * 2654435761) % 4294967296).toString(16)}-${inCall ? 2 : 1}`;
  const cseq = inCall ? '2 BYE' : what === 'ACK' ? '1 ACK' : '1 INVITE';
  const sdp =
    what === 'INVITE' || (what === '200' && !inCall)
      ? `v=0\r\no=- ${call} 1 IN IP4 ${a}\r\ns=-\r\nc=IN IP4 ${a}\r\nt=0 0\r\nm=audio ${10000 + (call % 20000) * 2} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n`
      : '';
  const start = /^\d/.test(what) ? `SIP/2.0 ${what} ${REASONS[what]}` : `${what} sip:${peer}@${b}:5060;user=phone SIP/2.0`;
  const toTag = what === 'INVITE' || what === '100' ? '' : `;tag=as${((call * 40503) % 65536).toString(16)}b${call}`;
  return [
    start,
    `Via: SIP/2.0/UDP ${a}:5060;rport;branch=${branch}`,
    `Record-Route: <sip:127.2.0.1;lr;ftag=gK${call}>`,
    'Max-Forwards: 69',
    `From: "Caller ${call}" <sip:${user}@carrier.example>;tag=gK${(call * 31).toString(16)}x${call}`,
    `To: <sip:${peer}@carrier.example>${toTag}`,
    `Call-ID: ${((call * 2246822519) % 4294967296).toString(16)}-${call}@${a}`,
    `CSeq: ${cseq}`,
    `Contact: <sip:${user}@${a}:5060;transport=udp>`,
    'User-Agent: Bench Phone 2.4.1',
    'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY',
    'Supported: replaces, timer',
    ...(what === 'INVITE' ? [`P-Asserted-Identity: <sip:+${user}@carrier.example>`] : []),
    ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${sdp.length}`,
    '',
    sdp,
  ].join('\r\n');
}

/** HEPv3 around a message: the chunk order of OpenSIPS. */
export function hep3(payload, i) {
  const chunks = [];
  const chunk = (id, data) => {
    const header = Buffer.alloc(6);
    header.writeUInt16BE(id, 2);
    header.writeUInt16BE(6 + data.length, 4);
    chunks.push(header, data);
  };
  const u8 = (n) => Buffer.from([n]);
  const u16 = (n) => Buffer.from([n >> 8, n & 255]);
  const u32 = (n) => {
    const b = Buffer.alloc(4);
    b.writeUInt32BE(n);
    return b;
  };
  chunk(1, u8(2));
  chunk(2, u8(17));
  chunk(7, u16(5060));
  chunk(8, u16(5060));
  chunk(9, u32(1_700_000_000 + Math.floor(i / 1000)));
  chunk(10, u32((i % 1000) * 1000));
  chunk(11, u8(1));
  chunk(12, u32(2001));
  chunk(3, Buffer.from([127, 0, i % 200, 1 + (i % 250)]));
  chunk(4, Buffer.from([127, 1, i % 100, 1 + (i % 240)]));
  chunk(15, payload);
  const body = Buffer.concat(chunks);
  const head = Buffer.from('HEP3\0\0', 'latin1');
  head.writeUInt16BE(body.length + 6, 4);
  return Buffer.concat([head, body]);
}

/** An Ethernet/IPv4/UDP frame around a message. */
export function frame(payload, i) {
  const bytes = Buffer.alloc(42 + payload.length);
  bytes.writeUInt16BE(0x0800, 12);
  bytes[14] = 0x45;
  bytes.writeUInt16BE(28 + payload.length, 16);
  bytes.writeUInt16BE(i & 0xffff, 18);
  bytes[22] = 64;
  bytes[23] = 17;
  bytes.set([127, 0, i % 200, 1 + (i % 250)], 26);
  bytes.set([127, 1, i % 100, 1 + (i % 240)], 30);
  bytes.writeUInt16BE(5060, 34);
  bytes.writeUInt16BE(5060, 36);
  bytes.writeUInt16BE(8 + payload.length, 38);
  payload.copy(bytes, 42);
  return bytes;
}

/** A little-endian, microsecond pcap of the messages. */
export function pcapFile(messages) {
  return pcapOf(messages.map((message, i) => ({ at: 1_700_000_000e6 + i * 100, bytes: frame(message, i) })));
}

/** A little-endian, microsecond pcap of Ethernet frames (`bytes`) with their times (`at`, microseconds since 1970). */
export function pcapOf(frames) {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262144, 16);
  head.writeUInt32LE(1, 20);
  const parts = [head];
  for (const { at, bytes } of frames) {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(at / 1e6), 0);
    record.writeUInt32LE(at % 1e6, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    parts.push(record, bytes);
  }
  return Buffer.concat(parts);
}
