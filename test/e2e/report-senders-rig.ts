/** What the senders of reports send. */
import { createSocket } from 'node:dgram';

export interface Sent {
  type: number;
  payload: string;
  /** Seconds after the start of the call. */
  second: number;
  /** Last octets and ports: 127.0.0.x. */
  from: [number, number];
  to: [number, number];
  correlation?: string;
}

/** HEP 3, addresses in 127.0.0.0/8. */
export function hep({ type, payload, second, from, to, correlation }: Sent): Buffer {
  const chunk = (id: number, data: Buffer) =>
    Buffer.concat([Buffer.from([0, 0, id >> 8, id & 255, (6 + data.length) >> 8, (6 + data.length) & 255]), data]);
  const number = (bytes: number, value: number) => {
    const data = Buffer.alloc(bytes);
    data.writeUIntBE(value, 0, bytes);
    return data;
  };
  const body = Buffer.concat([
    chunk(1, number(1, 2)),
    chunk(2, number(1, 17)),
    chunk(3, Buffer.from([127, 0, 0, from[0]])),
    chunk(4, Buffer.from([127, 0, 0, to[0]])),
    chunk(7, number(2, from[1])),
    chunk(8, number(2, to[1])),
    chunk(9, number(4, 1_700_000_000 + Math.floor(second))),
    chunk(10, number(4, Math.round((second % 1) * 1e6))),
    chunk(11, number(1, type)),
    chunk(12, number(4, 7)),
    ...(correlation === undefined ? [] : [chunk(17, Buffer.from(correlation))]),
    chunk(15, Buffer.from(payload)),
  ]);
  const head = Buffer.from('HEP3\0\0');
  head.writeUInt16BE(body.length + 6, 4);
  return Buffer.concat([head, body]);
}

export function sip(line: string, callId: string, more: string, body: string): string {
  return `${line}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.2>\r\nCall-ID: ${callId}\r\nCSeq: 1 X\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

export const sdp = (octet: number, port: number) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.${octet}\r\ns=-\r\nc=IN IP4 127.0.0.${octet}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`;

export const WITH_SDP = 'Content-Type: application/sdp\r\n';

export const A: [number, number] = [1, 4001];

export const B: [number, number] = [2, 6001];

export const block = '"source_ssrc":7,"fraction_lost":64,"packets_lost":16777213,"highest_seq_no":9,"ia_jitter":160';

export const LSR = ((3_900_000_000 & 0xffff) * 0x10000 + 0x8000) >>> 0;

export const VQ =
  'VQSessionReport: CallTerm\r\nCallID: call-1\r\nLocalAddr: IP=127.0.0.1 PORT=4000 SSRC=1\r\nRemoteAddr: IP=127.0.0.2 PORT=6000 SSRC=2\r\nLocalMetrics:\r\nPacketLoss:NLR=5.0 JDR=2.0\r\nDelay:RTD=80 IAJ=2\r\nQualityEst:MOSLQ=4.2 MOSCQ=4.1\r\nRemoteMetrics:\r\nPacketLoss:NLR=1.0\r\nQualityEst:MOSLQ=127\r\n';

export const STAT = 'P-RTP-Stat: PS=100,PR=90,PL=10,JI=5,DL=30\r\n';

/** An SR of ssrc 7 at second 5; the receiver answered 1 s later, so that the round trip is 0.5 s of the 1.5 s. */
const senderReport =
  '"sender_information":{"ntp_timestamp_sec":3900000000,"ntp_timestamp_usec":2147483648,"octets":8000,"rtp_timestamp":160,"packets":50}';

export const SENT: Sent[] = [
  { type: 1, payload: sip('INVITE sip:b@127.0.0.2 SIP/2.0', 'call-1', WITH_SDP, sdp(1, 4000)), second: 0, from: [1, 5060], to: [2, 5060] },
  { type: 1, payload: sip('SIP/2.0 200 OK', 'call-1', WITH_SDP, sdp(2, 6000)), second: 1, from: [2, 5060], to: [1, 5060] },
  // rtpproxy: several concatenated objects; an SR of A.
  {
    type: 5,
    payload: `{ "ssrc": 7, "type": 200, ${senderReport}, "report_count": 0, "report_blocks": [] }\n{ "ssrc": 7, "type": 202 }`,
    second: 5,
    from: A,
    to: B,
    correlation: 'call-1',
  },
  // rtpengine: the loss unsigned.
  {
    type: 5,
    payload: `{"ssrc":9,"type":201,"report_count":1,"report_blocks":[{${block},"lsr":${LSR},"dlsr":65536}],"sdes_information":[{"sdes_chunk_ssrc":9,"type":1,"text":"x"}]}`,
    second: 6.5,
    from: B,
    to: A,
    correlation: 'call-1',
  },
  // Asterisk: numbers as text, null for missing values.
  {
    type: 5,
    payload: `{"sender_information":null,"ssrc":9,"type":201,"report_count":1,"report_blocks":[{${block},"lsr":"${LSR}","dlsr":98304}]}`,
    second: 7,
    from: B,
    to: A,
    correlation: 'call-1',
  },
  // captagent: duplicate members, unescaped text.
  {
    type: 5,
    payload: `{"ssrc":9,"type":201,"report_count":1,"report_blocks":[{${block},"lsr":0,"dlsr":0}],"type":202,"sdes_information":[{"type":1,"text":"a "b" \\c"}]}`,
    second: 8,
    from: B,
    to: A,
    correlation: 'call-1',
  },
  // heplify: VoIP metrics, whose delay is 0 if unknown.
  {
    type: 5,
    payload: `{"ssrc":9,"type":202,"report_count":1,"report_blocks":[{${block},"lsr":0,"dlsr":0}],"report_blocks_xr":{"type":0,"id":0,"fraction_lost":0,"round_trip_delay":0},"sdes_ssrc":9}`,
    second: 9,
    from: B,
    to: A,
    correlation: 'call-1',
  },
  { type: 5, payload: '{"report_blocks":[{', second: 10, from: B, to: A, correlation: 'call-1' },
  {
    type: 34,
    payload:
      '{"CORRELATION_ID":"call-1","EXPECTED_PK":200,"PACKET_LOSS":2,"MEAN_JITTER":1.5,"MEAN_MOS":4.1,"SRC_IP":"127.0.0.3","SRC_PORT":"1","DST_IP":"127.0.0.4","DST_PORT":2}',
    second: 11,
    from: [5, 5],
    to: [6, 6],
    correlation: 'call-1',
  },
  { type: 35, payload: VQ, second: 12, from: [5, 5], to: [6, 6], correlation: 'call-1' },
  { type: 100, payload: 'a log \u001b[31mline', second: 13, from: [5, 5], to: [6, 6], correlation: 'call-1' },
  {
    type: 1,
    payload: sip('PUBLISH sip:collector@127.0.0.9 SIP/2.0', 'of-the-publish', 'Content-Type: application/vq-rtcpxr\r\n', VQ),
    second: 14,
    from: [1, 5060],
    to: [9, 5060],
  },
  // OpenSIPS for Homer 6: SIP within JSON.
  {
    type: 1,
    payload: JSON.stringify({ payload: sip('BYE sip:b@127.0.0.2 SIP/2.0', 'call-1', STAT, '') }),
    second: 15,
    from: [1, 5060],
    to: [2, 5060],
  },
];

export async function send(port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const sent of SENT) await new Promise((done) => socket.send(hep(sent), port, '127.0.0.1', done));
  socket.close();
}
