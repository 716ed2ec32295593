/** Behaviour common to all commands besides the rows: HEP from frames, dropping before decoding, resuming as SIP. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { awkwardMessages } from '../rigs/awkward-messages.js';
import { pcap } from '../rigs/capture-files.js';
import { query } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { plain } from '../rigs/hep-packets.js';
import { options } from '../rigs/messages.js';
import * as make from '../rigs/frames.js';
import { VethPair, whyNot } from '../rigs/namespaces.js';
import { summaryOf } from '../rigs/road-runs.js';
import { killAll, sipcap, start, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const reason = whyNot();
const onInterface = reason === '' ? describe : describe.skip;

afterAll(() => {
  killAll();
  folder.remove();
});

const segments = awkwardMessages().find(({ name }) => name === 'three-segments')!.frames!;
writeFileSync(at('segments.pcap'), pcap({ records: segments.map((bytes) => ({ seconds: 1_700_000_000, fraction: 0, bytes })) }));
const MACS_AND_FLAGS = { 0x14: '020000000001', 0x15: '020000000002', 0x17: '18' };

/** The chunks that tell of the frame: TCP flags, source and destination MAC address. */
function frameChunks(packet: Buffer): Record<number, string> {
  const found: Record<number, string> = {};
  for (let from = 6; from + 6 <= packet.length; from += packet.readUInt16BE(from + 4)) {
    const [type, end] = [packet.readUInt16BE(from + 2), from + packet.readUInt16BE(from + 4)];
    if (packet.readUInt16BE(from) === 0 && FRAME_CHUNKS.has(type)) found[type] = packet.toString('hex', from + 6, end);
  }
  return found;
}
const FRAME_CHUNKS: ReadonlySet<number> = new Set([0x14, 0x15, 0x17]);

async function firstPacket(work: (port: number) => Promise<unknown>): Promise<Buffer> {
  const socket = createSocket('udp4');
  const got = new Promise<Buffer>((resolve) => socket.once('message', resolve));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  await work(socket.address().port);
  const packet = await got;
  socket.close();
  return packet;
}

test('HEP from frames: MAC addresses and TCP flags, also when sent by a script', async () => {
  const file = ['capture', 'mirror', '-r', at('segments.pcap'), '--summary', 'json'];
  const byFlag = await firstPacket((port) => sipcap([...file, '--hep', `hep_udp:127.0.0.1:${port}`]));
  const byScript = await firstPacket((port) => {
    writeFileSync(at('relay.cfg'), `route { $du = "sip:127.0.0.1:${port}"; hep_relay(); }\n`);
    return sipcap([...file, '--route', at('relay.cfg')]);
  });
  expect(frameChunks(byFlag)).toEqual(MACS_AND_FLAGS);
  expect(frameChunks(byScript)).toEqual(MACS_AND_FLAGS);
}, 60_000);

onInterface(`serve on an interface${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  async function serve(name: string, ...lines: string[]): Promise<Running> {
    writeFileSync(pair.path(name), [`live: {interfaces: [${pair.near}]}`, ...lines, ''].join('\n'));
    const running = pair.sipcap('serve', '-c', pair.path(name), '--summary', 'json');
    await until(() => running.logged().includes('serving'), `${name}: ${running.logged()}`, 30_000);
    return running;
  }

  test('its HEP carries the same', async () => {
    const collector = pair.start(pair.near, process.execPath, [
      '-e',
      `const s = require('dgram').createSocket('udp4');
       s.on('message', (bytes) => { console.log(bytes.toString('hex')); s.close(); });
       s.bind(9060, '127.0.0.1', () => console.error('ready'));`,
    ]);
    await until(() => collector.logged().includes('ready'), 'the collector');
    const running = await serve('relay.yaml', 'hep_targets: [hep_udp:127.0.0.1:9060]');
    pair.send(segments);
    const { stdout } = await collector.ended;
    running.child.kill('SIGTERM');
    await running.ended;
    expect(frameChunks(Buffer.from(stdout.trim(), 'hex'))).toEqual(MACS_AND_FLAGS);
  }, 60_000);

  test('database unavailable: packets that cannot be kept are dropped before decoding, with a warning', async () => {
    const running = await serve('shed.yaml', `db_url: mysql://nobody@127.0.0.1:${await freePort()}/away`);
    const frame = make.ethernet(make.ETHER_IPV4, make.udpPacket({ source: '192.0.2.10', destination: '192.0.2.20' }, options('shed')));
    for (let tries = 0; tries < 30 && !running.logged().includes('before decoding'); tries++)
      await pair.sendLater([frame], { count: 20_000, rate: 40_000 });
    expect(running.logged()).toMatch(/losing messages: [\d,]+ before decoding.*; set spool\.directory to keep them/);
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    const all = summaryOf(ended) as ReturnType<typeof summaryOf> & { frames: { dropped: Record<string, number> } };
    expect({ code: ended.code, errors: all.accounting_errors }).toEqual({ code: 4, errors: [] });
    expect(all.frames.dropped.overload).toBeGreaterThan(0);
  }, 90_000);
});

describe('hep_resume_sip() after hep_set("proto_type", "H321")', () => {
  const script = [
    'route[first] { hep_set("proto_type", "H321"); hep_resume_sip(); }',
    'route { sip_capture("resumed", , "$rm"); }',
    '',
  ].join('\n');
  const packet = plain({ 11: Buffer.from([1]), 15: options('resumed-call') });

  test.each(['hep listen', 'serve'])(
    '%s fills the SIP table, with custom fields',
    async (command) => {
      const port = await freePort();
      const name = command.replace(' ', '-');
      const endpoint = `hep_tcp:127.0.0.1:${port}`;
      writeFileSync(at('resume.cfg'), script);
      writeFileSync(
        at('resume.yaml'),
        [`socket: [${endpoint}]`, `db_url: sqlite:${at(`${name}.db`)}`, 'hep_route: first', `route_file: ${at('resume.cfg')}`, ''].join(
          '\n',
        ),
      );
      const running = start(
        command === 'serve'
          ? ['serve', '-c', at('resume.yaml'), '--summary', 'json']
          : [
              'hep',
              'listen',
              endpoint,
              '--db',
              `sqlite:${at(`${name}.db`)}`,
              '--route',
              at('resume.cfg'),
              '--hep-route',
              'first',
              '--summary',
              'json',
            ],
      );
      await until(() => running.logged().includes(command === 'serve' ? 'serving' : 'listening on'), running.logged(), 30_000);
      const socket = connect(port, '127.0.0.1');
      await new Promise<void>((done) => socket.end(packet).on('close', () => done()));
      running.child.kill('SIGTERM');
      expect((await running.ended).code).toBe(0);
      expect(await query(at(`${name}.db`), 'SELECT callid, method, custom_field2, type, node FROM resumed')).toEqual([
        { callid: 'resumed-call', method: 'OPTIONS', custom_field2: 'OPTIONS', type: 1, node: 'homer01:2001' },
      ]);
    },
    60_000,
  );
});
