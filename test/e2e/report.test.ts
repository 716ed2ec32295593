/** `report`, `report list`, `report show` and `capture mirror --rtcp` on all databases: packets, lines, captured RTCP. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3 } from '../../bench/corpus.mjs';
import { EditablePacket, parseSet, type ChunkAssignment } from '../../src/lib/hep/index.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { killAll, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';
import { capture, sip } from './report-rig.js';

const folder = temporaryFolder();

const at = (name: string) => join(folder.path, name);

/** A HEP3 packet of that type, with a correlation id unless ''. */
function packet(type: number, payload: string, correlation: string): Buffer {
  const editable = EditablePacket.read(hep3(Buffer.from(payload), 1) as Buffer, 0) as EditablePacket;
  editable.set(parseSet(`proto_type=${type}`) as ChunkAssignment);
  if (correlation !== '') editable.set(parseSet(`correlation_id=${correlation}`) as ChunkAssignment);
  return editable.packet() as Buffer;
}

/** An RTCP receiver report with that fraction lost (of 256), jitter 160. */
function receiverReport(fractionLost: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes[0] = 0x81;
  bytes[1] = 201;
  bytes.writeUInt16BE(7, 2);
  bytes.writeUInt32BE(0x11111111, 4);
  bytes.writeUInt32BE(0x22222222, 8);
  bytes[12] = fractionLost;
  bytes.writeUInt32BE(160, 20);
  return bytes;
}

/** An Ethernet frame around a datagram between those ports on 127.0.0.1 and 127.0.0.2. */
function frameOf(payload: Buffer, from: [number, number], to: [number, number]): Buffer {
  const bytes = Buffer.alloc(42 + payload.length);
  bytes.writeUInt16BE(0x0800, 12);
  bytes[14] = 0x45;
  bytes.writeUInt16BE(28 + payload.length, 16);
  bytes[22] = 64;
  bytes[23] = 17;
  bytes.set([127, 0, 0, from[0]], 26);
  bytes.set([127, 0, 0, to[0]], 30);
  bytes.writeUInt16BE(from[1], 34);
  bytes.writeUInt16BE(to[1], 36);
  bytes.writeUInt16BE(8 + payload.length, 38);
  payload.copy(bytes, 42);
  return bytes;
}

function invite(callId: string, port: number, status = ''): Buffer {
  const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.${status === '' ? 1 : 2}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n`;
  const line = status === '' ? 'INVITE sip:b@127.0.0.2 SIP/2.0' : `SIP/2.0 ${status}`;
  return Buffer.from(
    `${line}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.2>\r\nCall-ID: ${callId}\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
  );
}

afterAll(() => {
  killAll();
  folder.remove();
});

describe.each(databaseMakers())('$kind', ({ make }) => {
  const withDatabase = async (
    work: (database: TestDatabase, run: (args: string[], input?: Buffer) => ReturnType<typeof sipcap>) => Promise<void>,
  ) => {
    const database = await make();
    try {
      await work(database, (args, input) => sipcap([...args, '--db', database.url], { cwd: folder.path, input }));
    } finally {
      await database.drop();
    }
  };

  test('packets into both table formats; the id from the option, the packet, or the rule; without one they are reported', async () => {
    await withDatabase(async (database, run) => {
      const packets = Buffer.concat([packet(5, '{"call_id":"in-json"}', ''), packet(100, 'a log line', 'own'), packet(5, '{"x":1}', '')]);
      const first = await run(['report', '-', '--correlation', 'json:call_id', '--summary', 'json'], packets);
      expect(first.code).toBe(3);
      expect(first.stderr).toContain('packet 3 of -: no correlation id; use --correlation-id, or a rule with --correlation');
      expect(summary(first)).toMatchObject({
        messages: { found: 3, rejected: { no_correlation_id: 1 }, delivered: 2 },
        accounting_errors: [],
      });
      const rows = await database.query('SELECT correlation_id, type, proto, family, source_ip FROM rtcp_capture ORDER BY type');
      expect(
        rows.map((row) => [String(row.correlation_id), Number(row.type), Number(row.proto), Number(row.family), String(row.source_ip)]),
      ).toEqual([
        ['in-json', 5, 17, 2, '127.0.1.2'],
        ['own', 100, 17, 2, '127.0.1.2'],
      ]);
      const second = await run(
        ['report', '-', '--correlation-id', 'given', '--proto-type', 'LOG', '--shape', 'homer6', '--table', 'ops_%Y', '-q'],
        packets,
      );
      expect(second.code).toBe(0);
      const wide = await database.query('SELECT transaction_id, type, payload_len FROM ops_2023');
      expect(wide.map((row) => [String(row.transaction_id), Number(row.type)])).toEqual([
        ['given', 100],
        ['given', 100],
        ['given', 100],
      ]);
    });
  }, 90_000);

  test('lines of a compressed file that is cut off: the whole ones, and exit code 3', async () => {
    await withDatabase(async (database) => {
      const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} id=c${i} ${Math.sin(i)}\n`);
      const packed = gzipSync(lines.join(''));
      const file = join(folder.path, 'cut.log.gz');
      writeFileSync(file, packed.subarray(0, packed.length >> 1));
      const args = ['report', file, '--lines', '--proto-type', 'LOG', '--correlation', 'regex:id=(\\S+)', '--db', database.url];
      const { code, stderr } = await sipcap(args);
      expect([code, stderr]).toEqual([3, expect.stringMatching(/gzip data: is cut off/)]);
      const rows = await database.query('SELECT msg FROM rtcp_capture');
      expect(rows.length).toBeGreaterThan(1000);
      const known = new Set(lines.map((line) => line.trimEnd()));
      expect(rows.filter(({ msg }) => !known.has(String(msg)))).toEqual([]);
    });
  }, 60_000);

  test('lines from a pipe, stored while it is open', async () => {
    await withDatabase(async (database) => {
      const running = start(
        [
          'report',
          '--lines',
          '--proto-type',
          'LOG',
          '--correlation',
          'regex:id=(\\S+)',
          '--source',
          '127.0.0.5:99',
          '--db',
          database.url,
          '-q',
        ],
        { cwd: folder.path },
      );
      running.child.stdin!.write('one id=c1 ok\ntwo without\nthree id=c2');
      for (let tries = 0; ; tries++) {
        const rows = await database.query('SELECT correlation_id FROM rtcp_capture').catch(() => []);
        if (rows.length === 1) break;
        if (tries > 600) throw new Error(`the first line was not stored: ${running.logged()}`);
        await new Promise((resume) => setTimeout(resume, 50));
      }
      running.child.stdin!.end(' ok\r\n');
      const ended = await running.ended;
      expect(ended.code).toBe(3);
      expect(ended.stderr).toContain('line 2 of -: no correlation id');
      const rows = await database.query('SELECT correlation_id, source_ip, source_port, msg FROM rtcp_capture ORDER BY correlation_id');
      expect(
        rows.map((row) => [
          String(row.correlation_id),
          String(row.source_ip),
          Number(row.source_port),
          Buffer.from(row.msg as Buffer).toString(),
        ]),
      ).toEqual([
        ['c1', '127.0.0.5', 99, 'one id=c1 ok'],
        ['c2', '127.0.0.5', 99, 'three id=c2 ok'],
      ]);
    });
  }, 90_000);

  test('captured RTCP finds its call, also behind NAT; show plots it, list lists it', async () => {
    await withDatabase(async (database, run) => {
      writeFileSync(
        at('call.pcap'),
        capture([
          frameOf(invite('call-1', 4000), [1, 5060], [2, 5060]),
          frameOf(invite('call-1', 6000, '200 OK'), [2, 5060], [1, 5060]),
          ...[0, 26, 128, 0].map((lost) => frameOf(receiverReport(lost), [1, 4001], [2, 6001])),
          // The other side sends from an address that it never announced.
          frameOf(receiverReport(0), [9, 7777], [1, 4001]),
          frameOf(receiverReport(0), [7, 1111], [8, 2222]),
          frameOf(
            sip(
              'PUBLISH sip:collector@127.0.0.2 SIP/2.0',
              'other-call',
              'application/vq-rtcpxr',
              'VQSessionReport: CallTerm\r\nCallID: call-1\r\nLocalMetrics:\r\nPacketLoss:NLR=5.0 JDR=2.0\r\nQualityEst:MOSCQ=4.1\r\n',
            ),
            [1, 5060],
            [2, 5060],
          ),
          frameOf(sip('BYE sip:b@127.0.0.2 SIP/2.0', 'call-1', '', '', 'X-RTP-Stat: CS=10;PR=90;PL=10;JI=5\r\n'), [1, 5060], [2, 5060]),
        ]),
      );
      const ended = await run(['capture', 'mirror', '-r', 'call.pcap', '--rtcp', '--port', '5060', '--summary', 'json']);
      expect(ended.code).toBe(0);
      expect(summary(ended)).toMatchObject({ messages: { found: 10, delivered: 10 }, accounting_errors: [] });
      const rows = await database.query('SELECT correlation_id, msg FROM rtcp_capture ORDER BY micro_ts');
      expect(rows.map((row) => String(row.correlation_id))).toEqual(['call-1', 'call-1', 'call-1', 'call-1', 'call-1', '', 'call-1']);
      const [block] = (JSON.parse(Buffer.from(rows[1].msg as Buffer).toString()) as { report_blocks: Record<string, number>[] })
        .report_blocks;
      expect(block).toMatchObject({ fraction_lost: 26, ia_jitter: 160, jitter_ms: 20, loss_percent: 10.16 });
      const shown = await run(['report', 'show', 'call-1']);
      expect(shown.stdout).toMatch(/^call-1 {2}a@127\.0\.0\.1 > b@127\.0\.0\.2: ended, 200 OK, talking 40\.0 s, no-ack\n/);
      expect(shown.stdout).toMatch(/22:14:05 reported by 127\.0\.0\.1 in its BYE: loss 10\.0 %, jitter 5\.0 ms, MOS \d\.\d\d\n6 reports\n/);
      // One piece of code: what call show prints of this Call-ID.
      expect((await run(['call', 'show', 'call-1', '--single'])).stdout).toBe(shown.stdout);
      expect((await run(['call', 'show', 'call-1', '--single', '--format', 'json'])).stdout).toBe(
        (await run(['report', 'show', 'call-1', '--format', 'json'])).stdout,
      );
      const inTokyo = (await run(['report', 'show', 'call-1', '--tz', 'Asia/Tokyo'])).stdout;
      expect(inTokyo).toContain('4 points, 07:13:30 to 07:13:45 Asia/Tokyo');
      expect(inTokyo).toContain('worst 50.0 at 07:13:40');
      expect(inTokyo).not.toContain('22:1');
      expect(shown.stdout).toMatch(
        /media 127\.0\.0\.2:6001 -> 127\.0\.0\.1:4001, as received: 4 points, 22:13:30 to 22:13:45 UTC\nloss % .*worst 50\.0 at 22:13:40\n/,
      );
      const listed = await run([
        'report',
        'list',
        '--correlation-id',
        'call-1',
        '--proto-type',
        'RTCP',
        '--since',
        '2023-11-14 22:13:40Z',
        '--format',
        'json',
      ]);
      expect(
        listed.stdout
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { micro_ts: number }).micro_ts),
      ).toEqual([1_700_000_020e6, 1_700_000_025e6, 1_700_000_030e6]);
      expect((await run(['report', 'list', '--proto-type', '5', '--limit', '1', '--format', 'csv'])).stdout).toMatch(
        /^time,micro_ts,type,correlation_id,.*\r\n2023-11-14T22:13:55\.000Z,1700000035000000,5,,127\.0\.0\.7,1111,/,
      );
      const listedAll = await run(['report', 'list']);
      expect(listedAll.stdout).toMatch(/call-1 .*loss 50\.0 %, jitter 20\.0 ms, MOS/);
      // A file gives the same results as the database that it was imported into.
      const file = ['-r', at('call.pcap'), '--port', '5060'];
      expect(await sipcap(['report', 'show', 'call-1', ...file])).toMatchObject({ code: 0, stdout: shown.stdout, stderr: '' });
      expect(await sipcap(['report', 'list', ...file])).toMatchObject({ code: 0, stdout: listedAll.stdout, stderr: '' });
      expect((await sipcap(['report', 'show', 'nobody', ...file])).code).toBe(5);
    });
  }, 90_000);
});

test('a file as one report is sent as HEP', async () => {
  const socket = createSocket('udp4');
  const got: Buffer[] = [];
  socket.on('message', (bytes) => got.push(bytes));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  writeFileSync(at('record.json'), '{"mos":4.1}\n');
  const ended = await sipcap(
    [
      'report',
      'record.json',
      '--payload',
      '--proto-type',
      'RTCP',
      '--correlation-id',
      'c9',
      '--hep',
      `hep_udp:127.0.0.1:${socket.address().port}`,
      '-q',
    ],
    { cwd: folder.path },
  );
  expect(ended.code).toBe(0);
  await until(() => got.length === 1, 'the packet');
  socket.close();
  const read = await sipcap(['hep', 'edit', '--get', 'proto_type', '--get', 'correlation_id', '--get', 'payload'], { input: got[0] });
  expect(read.stdout).toBe('RTCP\tc9\t{"mos":4.1}\\n\n');
});

test('invalid options are reported', async () => {
  for (const [args, words] of [
    [['--lines', '--correlation-id', 'x'], /need --proto-type/],
    [['--lines', '--proto-type', 'LOG'], /need --correlation-id/],
    [['--proto-type', 'NOPE', '--correlation-id', 'x'], /no such payload type/],
    [['--correlation', 'callid'], /expected call-id, json:PATH or regex:PATTERN/],
  ] as const) {
    const { code, stderr } = await sipcap(['report', '-', ...args, '--format', 'none']);
    expect({ code, logged: words.test(stderr) || stderr }).toEqual({ code: 2, logged: true });
  }
}, 90_000);
