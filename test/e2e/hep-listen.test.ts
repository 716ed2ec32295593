/** `hep listen` on real sockets: UDP and TCP, all versions, noise, and the summary. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const messages = sipMessages(200) as Buffer[];
const packets = messages.map((message, i) => hep3(message, i) as Buffer);

afterAll(() => {
  killAll();
  folder.remove();
});

/** The port of the nth listener, from the program's log. */

async function sendUdp(port: number, datagrams: Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done));
  socket.close();
}

function sendTcp(port: number, pieces: Buffer[]): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', fail).on('close', () => done());
    socket.setNoDelay(true);
    for (const piece of pieces) socket.write(piece);
    socket.end();
  });
}

describe('hep listen', () => {
  test('UDP and TCP into the database, drained at SIGTERM', async () => {
    const running = start([
      'hep',
      'listen',
      'hep_udp:127.0.0.1:0',
      'hep_tcp:127.0.0.1:0',
      '--db',
      `sqlite:${at('l.db')}`,
      '--summary',
      'json',
    ]);
    const udp = await portOf(running, 'udp');
    const tcp = await portOf(running, 'tcp');
    await sendUdp(udp, packets.slice(0, 100));
    const stream = Buffer.concat(packets.slice(100));
    const pieces: Buffer[] = [];
    for (let i = 0; i < stream.length; i += 777) pieces.push(stream.subarray(i, i + 777));
    await sendTcp(tcp, pieces);
    await new Promise((resume) => setTimeout(resume, 500));
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(summary(ended).messages).toEqual({ found: 200, filtered: {}, rejected: {}, lost: {}, delivered: 200 });
    const rows = await query<{ msg: Buffer; node: string; micro_ts: number }>(at('l.db'), 'SELECT msg, node, micro_ts FROM sip_capture');
    expect(new Set(rows.map(({ msg }) => msg.toString('latin1')))).toEqual(new Set(messages.map((message) => message.toString('latin1'))));
    expect(new Set(rows.map(({ node }) => node))).toEqual(new Set(['homer01:2001']));
    expect(Math.min(...rows.map(({ micro_ts: time }) => time))).toBe(1_700_000_000_000_000);
  });

  test('noise is counted by reason and never decoded', async () => {
    const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--summary', 'json', '--format', 'json']);
    const port = await portOf(running, 'udp');
    const cut = packets[0].subarray(0, packets[0].length - 5);
    await sendUdp(port, [
      messages[0],
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([9, 9, 9, 9, 9]),
      Buffer.from('x'),
      cut,
      packets[1],
      Buffer.from('0110020000', 'hex'),
    ]);
    await until(() => running.shown().includes('"method":"100"'), 'the whole message');
    await new Promise((resume) => setTimeout(resume, 200));
    running.child.kill('SIGINT');
    const ended = await running.ended;
    // What a packet shorter than its length holds of a message is shown as cut.
    const shown = ended.stdout.trim().split('\n');
    expect(shown.map((line) => (JSON.parse(line) as { cut?: boolean }).cut)).toEqual([true, undefined]);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(summary(ended).frames.no_message).toMatchObject({ plain_sip: 1, http: 1, not_hep: 1 });
    expect(summary(ended).messages).toMatchObject({ found: 4, delivered: 2 });
  });

  test('other payload types go to the report table with their type', async () => {
    const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', `sqlite:${at('r.db')}`, '--summary', 'json']);
    const report = Buffer.from(packets[0]);
    report[report.indexOf(Buffer.from('0000000b0007', 'hex')) + 6] = 100;
    await sendUdp(await portOf(running, 'udp'), [report, packets[1]]);
    await new Promise((resume) => setTimeout(resume, 600));
    running.child.kill('SIGTERM');
    await running.ended;
    expect([await count(at('r.db')), await count(at('r.db'), 'rtcp_capture')]).toEqual([1, 1]);
    expect(await query(at('r.db'), 'SELECT type, proto, family FROM rtcp_capture')).toEqual([{ type: 100, proto: 17, family: 2 }]);
  });

  const withTshark = spawnSync('tshark', ['--version']).status === 0 ? test : test.skip;
  withTshark('-w writes frames that tshark reads, for IPv4, IPv6, UDP and TCP', async () => {
    const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '-w', at('w.pcap'), '--format', 'json', '-q']);
    const large = Buffer.from(
      `MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: large\r\nCSeq: 1 MESSAGE\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(60_000)}`,
    );
    await sendUdp(await portOf(running, 'udp'), [
      packets[0],
      withProtocol(packets[1], 6),
      ipv6(messages[2], 17),
      ipv6(messages[3], 6),
      withProtocol(hep3(large, 5) as Buffer, 6),
    ]);
    await until(() => running.shown().trim().split('\n').length === 5, 'five messages');
    running.child.kill('SIGTERM');
    await running.ended;
    const read = spawnSync(
      'tshark',
      [
        '-r',
        at('w.pcap'),
        '-o',
        'ip.check_checksum:TRUE',
        '-o',
        'udp.check_checksum:TRUE',
        '-o',
        'tcp.check_checksum:TRUE',
        '-Y',
        'sip',
        '-T',
        'fields',
        '-e',
        'sip.Call-ID',
        '-e',
        'ip.src',
        '-e',
        'ipv6.src',
        '-e',
        'udp.checksum.status',
        '-e',
        'tcp.checksum.status',
      ],
      { encoding: 'utf8' },
    );
    const rows = read.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map((row) => row.slice(1))).toEqual([
      ['127.0.0.1', '', '1', ''],
      ['127.0.1.2', '', '', '1'],
      ['', '::1', '1', ''],
      ['', '::1', '', '1'],
      ['127.0.5.6', '', '', '1'],
    ]);
    expect(rows[4][0]).toBe('large');
  });
});

function withProtocol(packet: Buffer, protocol: number): Buffer {
  const changed = Buffer.from(packet);
  changed[changed.indexOf(Buffer.from('000000020007', 'hex')) + 6] = protocol;
  return changed;
}

function ipv6(message: Buffer, protocol: number): Buffer {
  const loopback = '00000000000000000000000000000001';
  const chunks = Buffer.concat([
    Buffer.from(
      `00000001 0007 0a 00000002 0007 ${protocol.toString(16).padStart(2, '0')} 00000005 0016 ${loopback} 00000006 0016 ${loopback} 00000007 0008 13c4 00000008 0008 13c4 0000000f`.replaceAll(
        ' ',
        '',
      ),
      'hex',
    ),
    Buffer.from([(message.length + 6) >> 8, (message.length + 6) & 255]),
    message,
  ]);
  return Buffer.concat([Buffer.from('HEP3'), Buffer.from([(chunks.length + 6) >> 8, (chunks.length + 6) & 255]), chunks]);
}
