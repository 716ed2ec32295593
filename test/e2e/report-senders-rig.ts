/** What the senders of reports send. */
import { until, type Running } from '../rigs/sipcap.js';

export interface Sent {
  type: number;
  payload: string;
  /** Seconds behind the begin of the call. */
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

/** The port of a listener on 0, as the program says. */
export async function portOf(running: Running): Promise<number> {
  const words = /listening on hep_udp:127\.0\.0\.1:(\d+)/;
  await until(() => words.test(running.logged()), `the listener: ${running.logged()}`);
  return Number(words.exec(running.logged())![1]);
}
