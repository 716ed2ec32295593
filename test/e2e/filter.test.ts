/** `--where` and the short flags on the commands that capture, listen and relay. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pcap } from '../rigs/capture-files.js';
import { ETHER_IPV4, ethernet, udpPacket } from '../rigs/frames.js';
import { freePort } from '../rigs/free-port.js';
import { SIP, chunk, hep3, plainChunks } from '../rigs/hep-packets.js';
import { killAll, sipcap, start, summary, until } from '../rigs/sipcap.js';
import { FIRST_AT, callMessages } from '../rigs/stored-calls.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipcap-filter-'));
  const messages = [
    ...callMessages({ callId: 'a', at: FIRST_AT }),
    ...callMessages({ callId: 'b', at: FIRST_AT + 3600e6, from: 'carol', status: 486, agent: 'friendly-scanner' }),
  ];
  const records = messages.map(({ capturedAt, sourceAddress: source, destinationAddress: destination, payload }) => ({
    seconds: Math.floor(capturedAt / 1e6),
    fraction: capturedAt % 1e6,
    bytes: ethernet(ETHER_IPV4, udpPacket({ source, destination }, payload)),
  }));
  writeFileSync(at('calls.pcap'), pcap({ records }));
});

afterAll(() => {
  killAll();
  rmSync(folder, { recursive: true });
});

const mirror = (...flags: string[]) => sipcap(['capture', 'mirror', '-r', at('calls.pcap'), ...flags], { cwd: folder, env: { TZ: 'UTC' } });
const found = (stdout: string) => stdout.split('\n').filter((line) => line !== '').length;

test('messages are selected, the others counted as filtered, and errors in a condition have a position', async () => {
  const some = await mirror('--where', '$fU == "carol" && $rs >= 400', '--summary', 'json');
  expect([some.code, found(some.stdout)]).toEqual([0, 1]);
  expect(summary(some)).toMatchObject({ messages: { found: 10, filtered: { where: 9 }, delivered: 1 }, accounting_errors: [] });
  const flags = await mirror('--method', 'INVITE', '--ua', '^FRIENDLY', '--since', '2023-11-14 23:00', '--tz', 'UTC', '-q');
  expect([flags.code, found(flags.stdout)]).toEqual([0, 3]);
  const wrong = await mirror('--where', '$fU = "carol" && $fX == 1');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/^sipcap: --where:1:5: expected an operator.*\n {4}\$fU = "carol" && \$fX == 1\n {8}\^\n {4}note: /);
  expect(await mirror('--tz', 'Mars')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining("unknown time zone 'Mars'") as unknown,
  });
  const relative = await mirror('--last', '1h', '-q');
  expect([relative.code, found(relative.stdout)]).toEqual([0, 0]);
});

test('a file with another filter adds only what is not stored yet', async () => {
  const db = ['--db', `sqlite:${at('calls.db')}`, '--summary', 'json'];
  const count = async (...flags: string[]) => (summary(await mirror(...db, ...flags)).sinks as { written: number }[])[0].written;
  expect(await count('--from-user', 'alice')).toBe(6);
  expect(await count('--method', 'INVITE')).toBe(3);
  expect(await count('--method', 'INVITE')).toBe(0);
  expect(await count()).toBe(1);
});

test('a relay with a filter decodes packets and sends them unchanged; a listener stores what passes', async () => {
  const wanted = hep3(...plainChunks({ 12: Buffer.from([0, 0, 0, 9]) }), chunk(3, 77, 'kept'));
  const other = hep3(...plainChunks({ 15: SIP.replace('sip:a', 'sip:b') }));
  const socket = createSocket('udp4');
  const received: Buffer[] = [];
  socket.on('message', (bytes) => received.push(bytes));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const target = `hep_udp:127.0.0.1:${socket.address().port}`;
  writeFileSync(at('packets.hep'), Buffer.concat([other, wanted, other]));
  const relayed = await sipcap(['hep', 'relay', '--from', at('packets.hep'), '--to', target, '--where', '$rd == "a"', '--summary', 'json']);
  expect([relayed.code, relayed.stderr.includes('"where":2')]).toEqual([0, true]);
  await until(() => received.length === 1, 'the packet');
  socket.close();
  expect(received).toEqual([wanted]);
  const port = await freePort();
  const listening = start([
    'hep',
    'listen',
    `hep_udp:127.0.0.1:${port}`,
    '--match',
    'sip:a SIP',
    '--format',
    'json',
    '--summary',
    'json',
    '-c',
    '1',
  ]);
  const sender = createSocket('udp4');
  await until(() => {
    for (const bytes of [other, wanted]) sender.send(bytes, port, '127.0.0.1');
    return listening.shown() !== '';
  }, 'a message that passes');
  sender.close();
  const { stdout, code } = await listening.ended;
  expect([code, (JSON.parse(stdout.split('\n')[0]) as { ruri: string }).ruri]).toEqual([0, 'sip:a']);
});
