/** Quality reports in PUBLISH, stored by serve. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { killAll, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';
import { A, B, LSR, STAT, type Sent, VQ, WITH_SDP, block, hep, portOf, sdp, sip } from './report-senders-rig.js';

const folder = temporaryFolder();

const at = (name: string) => join(folder.path, name);

/** An SR of ssrc 7 at second 5; the receiver answered 1 s later, so that 0.5 s of the 1.5 s are the way. */
const senderReport =
  '"sender_information":{"ntp_timestamp_sec":3900000000,"ntp_timestamp_usec":2147483648,"octets":8000,"rtp_timestamp":160,"packets":50}';

const SENT: Sent[] = [
  { type: 1, payload: sip('INVITE sip:b@127.0.0.2 SIP/2.0', 'call-1', WITH_SDP, sdp(1, 4000)), second: 0, from: [1, 5060], to: [2, 5060] },
  { type: 1, payload: sip('SIP/2.0 200 OK', 'call-1', WITH_SDP, sdp(2, 6000)), second: 1, from: [2, 5060], to: [1, 5060] },
  // rtpproxy: several objects one behind the other; an SR of A.
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
  // Asterisk: numbers as text, null for what is not there.
  {
    type: 5,
    payload: `{"sender_information":null,"ssrc":9,"type":201,"report_count":1,"report_blocks":[{${block},"lsr":"${LSR}","dlsr":98304}]}`,
    second: 7,
    from: B,
    to: A,
    correlation: 'call-1',
  },
  // captagent: members twice, text that nobody escaped.
  {
    type: 5,
    payload: `{"ssrc":9,"type":201,"report_count":1,"report_blocks":[{${block},"lsr":0,"dlsr":0}],"type":202,"sdes_information":[{"type":1,"text":"a "b" \\c"}]}`,
    second: 8,
    from: B,
    to: A,
    correlation: 'call-1',
  },
  // heplify: VoIP metrics, whose delay is 0 where it is not known.
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

async function send(port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const sent of SENT) await new Promise((done) => socket.send(hep(sent), port, '127.0.0.1', done));
  socket.close();
}

afterAll(() => {
  killAll();
  folder.remove();
});

test('serve stores the quality report of a PUBLISH as well, also while the storing of SIP is off; targets get the PUBLISH alone', async () => {
  const target = createSocket('udp4');
  const got: Buffer[] = [];
  target.on('message', (bytes) => got.push(bytes));
  await new Promise<void>((done) => target.bind(0, '127.0.0.1', done));
  writeFileSync(
    at('serve.yaml'),
    `socket: hep_udp:127.0.0.1:0\ndb_url: sqlite:${at('serve.db')}\ncapture_on: false\nhep_targets: [hep_udp:127.0.0.1:${target.address().port}]\n`,
  );
  const running = start(['serve', '-c', at('serve.yaml')]);
  await send(await portOf(running));
  await until(() => got.length === SENT.length, 'the packets at the target');
  await new Promise((resume) => setTimeout(resume, 500));
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  target.close();
  expect(ended.code).toBe(0);
  expect(got.map((bytes) => bytes.toString('latin1'))).toEqual(SENT.map((sent) => hep(sent).toString('latin1')));
  const listed = await sipcap(['report', 'list', '--db', `sqlite:${at('serve.db')}`, '--proto-type', '35', '--format', 'json']);
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { correlation_id: string }).correlation_id),
  ).toEqual(['call-1', 'call-1']);
}, 90_000);
