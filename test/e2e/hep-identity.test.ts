/** The identity of messages on the way: in packets that sipcap makes, relays and edits, and at its receivers. */
import { createSocket, type Socket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { AddressTextCache, isFault } from '../../src/lib/base/index.js';
import { HepDecoder, IdentityWriter } from '../../src/lib/hep/index.js';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { query } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { portOf } from '../rigs/hep-receivers.js';
import { plain } from '../rigs/hep-packets.js';
import { sendUdp, serveIn, stop } from '../rigs/serving.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sample = join(root, 'samples/sample.pcap');
const PEER = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'udp' } as const;
const packets = (sipMessages(4) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const STREAM = 0xabcdefn;
const identified = (packet: Buffer, sequence: number) => new IdentityWriter().appended(packet, STREAM, sequence)!;

afterAll(() => {
  killAll();
  folder.remove();
});

function identityOf(packet: Buffer): string {
  const message = new HepDecoder({ addressTexts: new AddressTextCache() }).decode(packet, 0, packet.length, 0, PEER);
  if (isFault(message)) throw new Error(message.fault);
  return message.stream === 0n ? 'none' : `${message.stream} ${message.sequence}`;
}

/** The packets that a command sends to a socket. */
async function sentBy(args: (target: string) => string[], count: number): Promise<Buffer[]> {
  const socket = createSocket('udp4');
  const taken: Buffer[] = [];
  socket.on('message', (packet) => taken.push(packet));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const ended = await sipcap(args(`hep_udp:127.0.0.1:${socket.address().port}`));
  expect(ended.code).toBe(0);
  await until(() => taken.length >= count, 'the packets');
  socket.close();
  return taken;
}

describe('packets made of a capture file', () => {
  const mirror = (more: string[] = [], file = sample) => sentBy((to) => ['capture', 'mirror', '-r', file, '--hep', to, '-q', ...more], 22);

  test('carry the same identities each time, each message its own', async () => {
    const first = (await mirror()).map(identityOf);
    expect(first).not.toContain('none');
    expect(new Set(first).size).toBe(22);
    expect((await mirror(['--rtcp', '-E'])).map(identityOf).filter((identity) => first.includes(identity))).toEqual(first);
  }, 60_000);

  test('carry none with --no-hep-identity', async () => {
    expect(new Set((await mirror(['--no-hep-identity'])).map(identityOf))).toEqual(new Set(['none']));
  }, 60_000);
});

describe('relayed packets', () => {
  const relay = (input: readonly Buffer[], more: string[] = []) => {
    writeFileSync(at('packets.hep'), Buffer.concat(input));
    return sentBy((to) => ['hep', 'relay', '--from', at('packets.hep'), '--to', to, '-q', ...more], input.length);
  };

  test('stay byte for byte', async () => {
    const input = [packets[0], identified(packets[1], 7)];
    expect(await relay(input)).toEqual(input);
  }, 60_000);

  test('get an identity with --hep-identity always, unless they have one; of a file the same each time', async () => {
    const input = [packets[0], identified(packets[1], 7), packets[2]];
    const [first, second, third] = await relay(input, ['--hep-identity', 'always']);
    expect(second).toEqual(input[1]);
    expect(first.subarray(6, packets[0].length)).toEqual(packets[0].subarray(6));
    expect(first.length).toBe(packets[0].length + 22);
    expect([identityOf(first), identityOf(third)]).not.toContain('none');
    expect((await relay(input, ['--hep-identity', 'always'])).map(identityOf)).toEqual([first, second, third].map(identityOf));
  }, 60_000);

  test('lose their identity when a chunk is set', async () => {
    expect((await relay([identified(packets[0], 7)], ['--set', 'captagent_id=9'])).map(identityOf)).toEqual(['none']);
    const edited = await sipcap(['hep', 'edit', '-', '--set', 'captagent_id=9', '-q'], { input: identified(packets[0], 7) });
    expect(edited.code).toBe(0);
    const listed = await sipcap(['hep', 'edit', '-', '--list', '--set', 'captagent_id=9', '-q'], { input: identified(packets[0], 7) });
    expect(listed.stdout).not.toContain('sipcap');
  }, 60_000);
});

describe('a listener', () => {
  const listening = async (more: string[] = [], name = 'calls.db') => {
    const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', `sqlite:${at(name)}`, '--summary', 'json', ...more]);
    const words = /listening on hep_udp:\S*?:(\d+),/;
    await until(() => words.test(running.logged()), 'the listener');
    return { running, port: Number(words.exec(running.logged())![1]) };
  };
  const rows = async (name = 'calls.db') => {
    const [{ n }] = await query<{ n: number }>(at(name), 'SELECT count(*) AS n FROM sip_capture').catch(() => [{ n: 0 }]);
    return n;
  };
  const send = async (port: number, sending: readonly Buffer[]) => {
    const socket: Socket = createSocket('udp4');
    for (const packet of sending) await new Promise((done) => socket.send(packet, port, '127.0.0.1', done));
    socket.close();
  };
  const end = async (running: Running) => {
    running.child.kill('SIGTERM');
    return summary(await running.ended);
  };

  test('drops repeats, counts them, and still knows them after a restart', async () => {
    const one = await listening();
    const sending = [identified(packets[0], 1), identified(packets[1], 2), packets[2]];
    await send(one.port, [...sending, ...sending]);
    await until(async () => (await rows()) >= 4, 'the rows');
    const first = await end(one.running);
    expect(first.messages).toMatchObject({ found: 6, filtered: { repeated: 2 }, delivered: 4 });
    expect(first.accounting_errors).toEqual([]);

    const two = await listening();
    await send(two.port, [...sending, identified(packets[3], 3)]);
    await until(async () => (await rows()) >= 6, 'the rows');
    expect((await end(two.running)).messages).toMatchObject({ found: 4, filtered: { repeated: 2 }, delivered: 2 });
    expect(await rows()).toBe(6);
  }, 60_000);

  test('stores other content under the same identity, with a warning', async () => {
    const { running, port } = await listening([], 'other.db');
    await send(port, [identified(packets[0], 1), identified(packets[1], 1)]);
    await until(async () => (await rows('other.db')) >= 2, 'the rows');
    const ended = await end(running);
    expect(ended.notes).toMatchObject({ identity_reused: 1 });
    expect(running.logged()).toMatch(/127\.0\.0\.1 sent different messages with the same identity \(stream abcdef, sequence 1\)/);
  }, 60_000);

  test('relays what it gets with an identity added, if told always', async () => {
    const target = createSocket('udp4');
    const taken: Buffer[] = [];
    target.on('message', (packet) => taken.push(packet));
    await new Promise<void>((done) => target.bind(0, '127.0.0.1', done));
    const to = `hep_udp:127.0.0.1:${target.address().port}`;
    const { running, port } = await listening(['--hep', to, '--hep-identity', 'always'], 'relay.db');
    await send(port, [packets[0], identified(packets[1], 5)]);
    await until(() => taken.length === 2, 'the packets');
    target.close();
    await end(running);
    expect(taken[0].subarray(6, packets[0].length)).toEqual(packets[0].subarray(6));
    expect([identityOf(taken[0]) === 'none', taken[0].length, taken[1]]).toEqual([
      false,
      packets[0].length + 22,
      identified(packets[1], 5),
    ]);
  }, 60_000);

  test('serve counts repeats in its metrics, and accepts them after a reload', async () => {
    const [port, metrics] = [await freePort(), await freePort()];
    const text = `socket: hep_udp:127.0.0.1:${port}\ndb_url: sqlite:${at('serve.db')}\nmetrics: {listen: '127.0.0.1:${metrics}'}\n`;
    const running = await serveIn(folder.path, 'serve.yaml', text);
    const packet = identified(packets[0], 1);
    await send(port, [packet, packet]);
    const counted = async () => (await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()).split('\n');
    await until(async () => (await counted()).includes('sipcap_messages_filtered_total{reason="repeated"} 1'), 'the counter');
    writeFileSync(at('serve.yaml'), `${text}accept_repeats: on\n`);
    running.child.kill('SIGHUP');
    await until(() => running.logged().includes('configuration reloaded'), 'the reload');
    await send(port, [packet]);
    await until(async () => (await rows('serve.db')) === 2, 'the second row');
    await stop(running);
  }, 60_000);

  test('stores repeats with --accept-repeats', async () => {
    const { running, port } = await listening(['--accept-repeats'], 'accept.db');
    await send(port, [identified(packets[0], 1), identified(packets[0], 1)]);
    await until(async () => (await rows('accept.db')) >= 2, 'the rows');
    expect((await end(running)).messages).toMatchObject({ delivered: 2, filtered: {} });
  }, 60_000);
});

test('queries of arriving HEP count what a sender repeats once', async () => {
  const vendorless = (changes: Parameters<typeof plain>[0], sequence: number) => identified(plain(changes), sequence);
  const reports = [1, 2].map((n) => vendorless({ 11: Buffer.from([5]), 15: `{"n":${n}}`, 17: 'reported' }, 10 + n));
  const sent = [...packets.map((packet, i) => identified(packet, i + 1)), ...reports];
  const live = ['--hep-listen', 'hep_udp:127.0.0.1:0', '--duration', '5s', '--format', 'json'];
  const [list, show] = [start(['call', 'list', ...live, '--summary', 'json']), start(['report', 'show', 'reported', ...live])];
  await Promise.all([list, show].map(async (running) => sendUdp(await portOf(running, 'udp', 60_000), [...sent, ...sent])));
  const [listed, shown] = await Promise.all([list.ended, show.ended]);
  expect(summary(listed).messages).toMatchObject({ found: 12, filtered: { repeated: 6 } });
  expect(JSON.parse(shown.stdout)).toMatchObject({ reports: 2 });
}, 60_000);
