/** Text from packets in output for terminals, text logs and spreadsheets: no escape sequence, no forged line, no formula. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../rigs/free-port.js';
import { chunk, plain } from '../rigs/hep-packets.js';
import { killAll, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const NASTY = '\x1b]0;owned\x07\x9b2J\u202e';
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;
// eslint-disable-next-line no-control-regex
const UNSAFE_IN_CSV = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/;

afterAll(() => {
  killAll();
  folder.remove();
});

const SIP = Buffer.from(
  `OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a${NASTY}@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: id${NASTY}\r\nCSeq: 1 OPTIONS\r\nUser-Agent: agent${NASTY}\r\n\r\n`,
);
const sipPacket = () => plain({ 0x0f: SIP });
const report = (correlation: string, text: string) =>
  plain({ 0x0b: Buffer.from([35]), 0x0f: Buffer.from(text) }, chunk(0, 0x11, correlation));

async function send(port: number, packets: Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of packets) await new Promise((done) => socket.send(packet, port, '127.0.0.1', done));
  socket.close();
}

test.each([[['--verbose']], [['--format', 'json']]])('messages on standard output: %j', async (flags) => {
  const port = await freePort();
  const listening = start(['hep', 'listen', `hep_udp:127.0.0.1:${port}`, '-c', '2', ...flags], { cwd: folder.path });
  await until(() => listening.logged().includes('listening') || listening.logged() !== '', 'the listener');
  await send(port, [sipPacket(), report(`corr${NASTY}\nforged`, 'a report')]);
  const { stdout, stderr } = await listening.ended;
  expect(stdout).toContain('corr');
  expect(stdout).not.toMatch(UNSAFE);
  expect(stdout.split('\n').filter((line) => line.startsWith('forged'))).toEqual([]);
  expect(stderr).not.toMatch(UNSAFE);
});

test('xlog() in a text log: one line per invocation', async () => {
  const port = await freePort();
  writeFileSync(at('log.route'), 'route { xlog("agent $ua\\nsipcap: forged\\n"); }\n');
  const listening = start(['hep', 'listen', `hep_udp:127.0.0.1:${port}`, '--route', 'log.route', '-c', '1'], { cwd: folder.path });
  await until(() => listening.logged() !== '', 'the listener');
  await send(port, [sipPacket()]);
  await until(() => listening.logged().includes('agent'), 'the log entry');
  listening.child.kill('SIGTERM');
  const { stderr } = await listening.ended;
  expect(stderr).not.toMatch(UNSAFE);
  expect(stderr).toContain('agent agent\\x1b]0;owned\\x07\\x9b2J\\u202e\\nsipcap: forged\n');
});

test('call list and call stats: CSV without terminal control characters', async () => {
  const port = await freePort();
  const listening = start(['hep', 'listen', `hep_udp:127.0.0.1:${port}`, '--db', 'sqlite:calls.db', '-c', '1', '-q'], {
    cwd: folder.path,
  });
  await until(() => listening.logged() !== '', 'the listener');
  await send(port, [sipPacket()]);
  await listening.ended;
  const calls = (...args: string[]) => sipcap(['call', ...args, '--db', 'sqlite:calls.db', '--format', 'csv'], { cwd: folder.path });
  const list = await calls('list');
  expect(list.stdout).toContain('id\\x1b]0;owned\\x07');
  expect(list.stdout).not.toMatch(UNSAFE_IN_CSV);
  expect((await calls('list', '--csv-raw')).stdout).toBe(list.stdout);
  const stats = await calls('stats', '--by', 'ua');
  expect(stats.stdout).toContain('agent\\x1b]0;owned\\x07');
  expect(stats.stdout).not.toMatch(UNSAFE_IN_CSV);
}, 90_000);

test('report list: a table without control characters, CSV without formulas, exit code 5 if nothing is found', async () => {
  const port = await freePort();
  const listening = start(['hep', 'listen', `hep_udp:127.0.0.1:${port}`, '--db', 'sqlite:reports.db', '-c', '2', '-q'], {
    cwd: folder.path,
  });
  await until(() => listening.logged() !== '', 'the listener');
  await send(port, [report(`corr${NASTY}`, `=cmd|' /C calc'!A0`), report('+49 (30) 12-3.4', `text${NASTY}`)]);
  await listening.ended;
  const list = (...flags: string[]) => sipcap(['report', 'list', '--db', 'sqlite:reports.db', ...flags], { cwd: folder.path });
  const table = await list();
  expect(table.stdout).toContain('corr.');
  expect(table.stdout).not.toMatch(UNSAFE);
  const csv = await list('--format', 'csv');
  expect(csv.stdout).toContain(",'=cmd|' /C calc'!A0\r\n");
  expect(csv.stdout).toContain(',+49 (30) 12-3.4,');
  expect(csv.stdout).toContain(',corr\\x1b]0;owned\\x07\\x9b2J\\u202e,');
  expect(csv.stdout).not.toMatch(UNSAFE_IN_CSV);
  const raw = await list('--format', 'csv', '--csv-raw');
  expect(raw.stdout).toContain(",=cmd|' /C calc'!A0\r\n");
  expect(raw.stdout).toContain(',corr\\x1b]0;owned\\x07\\x9b2J\\u202e,');
  expect(raw.stdout).not.toMatch(UNSAFE_IN_CSV);
  expect((await list('--format', 'json')).stdout).not.toMatch(UNSAFE);
  expect((await list('--correlation-id', 'nowhere')).code).toBe(5);
}, 90_000);
