/** Relaying with the real program and real sockets: byte for byte, store-and-forward, kills, TLS, keys and allow lists. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { certificate } from '../capture/hep/rig.js';
import { freePort } from '../rigs/free-port.js';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { closeReceivers, portOf, sendUdp, tcpReceiver, udpReceiver } from '../rigs/hep-receivers.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(3000) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);

afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

describe('hep relay', () => {
  test('a file of packets is relayed byte for byte, in order', async () => {
    writeFileSync(at('all.hep'), Buffer.concat(packets));
    const port = await freePort();
    const receiver = await tcpReceiver(port);
    const ended = await sipcap(['hep', 'relay', '--from', at('all.hep'), '--to', `hep_tcp:127.0.0.1:${port}`, '--summary', 'json']);
    expect(ended.code).toBe(0);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(Buffer.concat(receiver.got).equals(Buffer.concat(packets))).toBe(true);
  });

  test('a compressed file, a named pipe and standard input, each whole; of a file that was cut off what is left', async () => {
    const whole = Buffer.concat(packets);
    const packed = gzipSync(whole);
    writeFileSync(at('all.hep.gz'), packed);
    writeFileSync(at('cut.hep.gz'), packed.subarray(0, packed.length >> 1));
    expect(spawnSync('mkfifo', [at('packets.fifo')]).status).toBe(0);
    const port = await freePort();
    const receiver = await tcpReceiver(port);
    const relayed = async (from: string, input?: Buffer) => {
      receiver.got.length = 0;
      const ended = await sipcap(['hep', 'relay', '--from', from, '--to', `hep_tcp:127.0.0.1:${port}`, '--summary', 'json'], { input });
      return { code: ended.code, bytes: Buffer.concat(receiver.got), problem: summary(ended).files![0].problem };
    };
    expect(await relayed(at('all.hep.gz'))).toEqual({ code: 0, bytes: whole, problem: '' });
    const writer = spawn('sh', ['-c', `cat '${at('all.hep.gz')}' > '${at('packets.fifo')}'`]);
    expect(await relayed(at('packets.fifo'))).toEqual({ code: 0, bytes: whole, problem: '' });
    expect(writer.exitCode).toBe(0);
    expect(await relayed('-', packed)).toEqual({ code: 0, bytes: whole, problem: '' });
    const cut = await relayed(at('cut.hep.gz'));
    expect([cut.code, cut.problem]).toEqual([3, expect.stringMatching(/gzip.*is cut off/)]);
    expect(cut.bytes.length).toBeGreaterThan(whole.length / 4);
    expect(whole.subarray(0, cut.bytes.length).equals(cut.bytes)).toBe(true);
  }, 60_000);

  test('plain TCP to a listener of TLS: nothing counts as written, and the spool keeps it', async () => {
    const { key, cert } = certificate('relay')!;
    writeFileSync(at('key.pem'), key);
    writeFileSync(at('cert.pem'), cert);
    writeFileSync(at('some.hep'), Buffer.concat(packets.slice(0, 22)));
    const port = await freePort();
    const tls = ['--tls-cert', at('cert.pem'), '--tls-key', at('key.pem')];
    const listener = start(['hep', 'listen', `hep_tls:127.0.0.1:${port}`, ...tls, '--format', 'none']);
    await until(() => listener.logged().includes('listening on'), 'the listener');
    const relay = (...more: string[]) =>
      sipcap(['hep', 'relay', '--from', at('some.hep'), '--to', `hep_tcp:127.0.0.1:${port}`, '--summary', 'json', ...more]);
    const bare = await relay();
    expect([bare.code, summary(bare).sinks.map(({ written, lost }) => [written, lost])]).toEqual([4, [[0, 22]]]);
    const spooled = await relay('--spool', at('reset-spool'));
    expect(summary(spooled).sinks.map(({ written, waiting, lost }) => [written, waiting, lost])).toEqual([[0, 22, 0]]);
    listener.child.kill('SIGTERM');
    expect((await listener.ended).code).toBe(0);
  }, 60_000);

  test('a file that waits for a dead target: SIGTERM ends it, and what was not sent is counted', async () => {
    writeFileSync(at('many.hep'), Buffer.concat([...packets, ...packets, ...packets]));
    const port = await freePort();
    const relay = start(['hep', 'relay', '--from', at('many.hep'), '--to', `hep_udp:127.0.0.1:${port}`, '--summary', 'json']);
    await until(() => relay.logged().includes('ECONNREFUSED'), 'the dead target');
    await sleep(1500);
    relay.child.kill('SIGTERM');
    const ended = await Promise.race([relay.ended, sleep(20_000).then(() => null)]);
    expect(ended).not.toBeNull();
    const { accounting_errors: errors, files, sinks } = summary(ended!);
    expect([ended!.code, errors, files!.map(({ problem }) => problem)]).toEqual([130, [], ['']]);
    expect(sinks[0].lost).toBeGreaterThan(0);
  }, 40_000);

  test('--set and --del edit packets in the order given; the rest of the packet is unchanged', async () => {
    const receiver = await udpReceiver();
    const ended = await sipcap(
      [
        'hep',
        'relay',
        '--from',
        '-',
        '--to',
        `hep_udp:127.0.0.1:${receiver.port}`,
        '--set',
        'captagent_id=77',
        '--del',
        '0:9',
        '--set',
        '3:31:uint32=132',
        '-q',
      ],
      { input: packets[0] },
    );
    expect(ended.code).toBe(0);
    await until(() => receiver.got.length === 1, 'the packet');
    const hex = receiver.got[0].toString('hex');
    expect(hex).toContain('0000000c000a0000004d');
    expect(hex).toContain('0003001f000a00000084');
    expect(hex).not.toContain('00000009000a');
    expect(receiver.got[0].readUInt16BE(4)).toBe(receiver.got[0].length);
    expect(
      (await sipcap(['hep', 'relay', '--from', '-', '--to', 'hep_udp:127.0.0.1:9', '--set', 'src_port=70000'], { input: packets[0] })).code,
    ).toBe(2);
  });

  test('a spool is an input: its packets are deleted once all are delivered, not before; database rows stay', async () => {
    const [away, port] = [await freePort(), await freePort()];
    const spool = at('spool-source');
    writeFileSync(at('source.hep'), Buffer.concat(packets));
    expect(
      (
        await sipcap([
          'hep',
          'relay',
          '--from',
          at('source.hep'),
          '--to',
          `hep_tcp:127.0.0.1:${away}`,
          '--spool',
          spool,
          '--patience',
          '1s',
          '-q',
        ])
      ).code,
    ).toBe(4);
    const waiting = () => spawnSync(process.execPath, ['bin/run.js', 'hep', 'spool', spool], { cwd: root, encoding: 'utf8' }).stdout;
    expect(waiting()).toContain('3000 records');
    // Target unreachable and without its own spool: the input stays.
    const failed = await sipcap([
      'hep',
      'relay',
      '--from',
      spool,
      '--to',
      `hep_tcp:127.0.0.1:${port}`,
      '--patience',
      '1s',
      '--summary',
      'json',
    ]);
    expect([failed.code, summary(failed).accounting_errors]).toEqual([4, []]);
    expect(waiting()).toContain('3000 records');
    const receiver = await tcpReceiver(port);
    const ended = await sipcap([
      'hep',
      'relay',
      '--from',
      spool,
      '--to',
      `hep_tcp:127.0.0.1:${port}`,
      '--set',
      'captagent_id=7',
      '--summary',
      'json',
    ]);
    expect([ended.code, summary(ended).messages.found]).toEqual([0, 3000]);
    expect(receiver.got).toHaveLength(3000);
    expect(receiver.got[2999].toString('hex')).toContain('0000000c000a00000007');
    expect(waiting()).toMatch(/: 0 records|empty/);
    const rows = at('spool-rows');
    expect((await sipcap(['hep', 'relay', '--from', rows, '--to', `hep_tcp:127.0.0.1:${port}`])).code).toBe(3);
    const listener = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', 'mysql://nobody@127.0.0.1:1/none', '--spool', rows]);
    await sendUdp(await portOf(listener), packets.slice(0, 50));
    await until(
      () =>
        spawnSync(process.execPath, ['bin/run.js', 'hep', 'spool', rows], { cwd: root, encoding: 'utf8' }).stdout.includes(': 1 record'),
      'the rows',
    );
    const busy = await sipcap(['hep', 'relay', '--from', rows, '--to', `hep_tcp:127.0.0.1:${port}`]);
    expect([busy.code, busy.stderr]).toEqual([2, expect.stringMatching(/process \d+/)]);
    listener.child.kill('SIGTERM');
    await listener.ended;
    const wrong = await sipcap(['hep', 'relay', '--from', rows, '--to', `hep_tcp:127.0.0.1:${port}`]);
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('sipcap db drain stores them')]);
    expect(receiver.got).toHaveLength(3000);
  }, 120_000);

  test('a listener that cannot be opened: exit code 2, whatever else is open', async () => {
    const port = await freePort();
    await tcpReceiver(port);
    const target = `hep_tcp:127.0.0.1:${port}`;
    const elsewhere = 'hep_udp:192.0.2.1:9060';
    for (const args of [
      ['relay', '--from', elsewhere, '--to', target],
      ['listen', elsewhere, '--hep', target],
      ['listen', elsewhere, '--db', `sqlite:${at('never.db')}`],
    ]) {
      const ended = await sipcap(['hep', ...args]);
      expect([ended.code, ended.stderr]).toEqual([
        2,
        expect.stringContaining('cannot listen on hep_udp:192.0.2.1:9060: this host has no address 192.0.2.1'),
      ]);
    }
  });

  test('captures that contain HEP are an input; versions 1 and 2 are upgraded on request', async () => {
    const v2 = Buffer.from(
      '0210021113c413d80a0101010a01010200f1536540e20100d20700004f5054494f4e53207369703a61205349502f322e300d0a0d0a',
      'hex',
    );
    const receiver = await udpReceiver();
    const relay = start([
      'hep',
      'relay',
      '--from',
      'hep_udp:127.0.0.1:0',
      '--to',
      `hep_udp:127.0.0.1:${receiver.port}`,
      '--hep-version',
      '3',
      '--summary',
      'json',
    ]);
    await sendUdp(await portOf(relay), [v2, packets[0]]);
    await until(() => receiver.got.length === 2, 'both packets');
    expect(receiver.got[0].toString('latin1', 0, 4)).toBe('HEP3');
    expect(receiver.got[1].equals(packets[0])).toBe(true);
    relay.child.kill('SIGTERM');
    const ended = await relay.ended;
    expect(ended.code).toBe(0);
    expect(summary(ended).notes.upgraded).toBe(1);
  });

  test('an unreachable target: packets wait on disk and are sent in order, before newer ones', async () => {
    const port = await freePort();
    const relay = start([
      'hep',
      'relay',
      '--from',
      'hep_udp:127.0.0.1:0',
      '--to',
      `hep_tcp:127.0.0.1:${port}`,
      '--spool',
      at('spool-a'),
      '--summary',
      'json',
    ]);
    const from = await portOf(relay);
    await sendUdp(from, packets.slice(0, 1000));
    await until(
      () =>
        spawnSync(process.execPath, ['bin/run.js', 'hep', 'spool', at('spool-a')], { cwd: root, encoding: 'utf8' }).stdout.includes(
          '1000 records',
        ),
      'the backlog',
      20_000,
    );
    const receiver = await tcpReceiver(port);
    await until(() => receiver.got.length >= 1000, 'the backlog at the target', 40_000);
    await sendUdp(from, packets.slice(1000, 1500));
    await until(() => receiver.got.length >= 1500, 'newer traffic', 20_000);
    relay.child.kill('SIGTERM');
    const ended = await relay.ended;
    expect(ended.code).toBe(0);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(Buffer.concat(receiver.got).equals(Buffer.concat(packets.slice(0, 1500)))).toBe(true);
  }, 90_000);

  test('SIGKILL while spooling loses nothing that was spooled; --drain sends it', async () => {
    const port = await freePort();
    const args = ['--to', `hep_tcp:127.0.0.1:${port}`, '--spool', at('spool-k'), '--spool-sync', 'always'];
    let sent = 0;
    for (const size of [400, 300]) {
      const relay = start(['hep', 'relay', '--from', 'hep_udp:127.0.0.1:0', ...args, '-q']);
      await sendUdp(await portOf(relay), packets.slice(sent, sent + size));
      sent += size;
      const waits = new RegExp(`${sent} records`);
      await until(
        () =>
          waits.test(spawnSync(process.execPath, ['bin/run.js', 'hep', 'spool', at('spool-k')], { cwd: root, encoding: 'utf8' }).stdout),
        `${sent} in the spool`,
        20_000,
      );
      relay.child.kill('SIGKILL');
      await relay.ended;
    }
    const mistyped = await sipcap(['hep', 'relay', '--to', 'hep_tcp:127.0.0.1:1', '--spool', at('spool-k'), '--drain']);
    const name = `hep_tcp_127.0.0.1_${port}`;
    expect([mistyped.code, mistyped.stderr]).toEqual([
      2,
      expect.stringContaining(`no spool of hep_tcp:127.0.0.1:1 in ${at('spool-k')}; it holds ${name}`),
    ]);
    const away = await sipcap(['hep', 'relay', ...args, '--drain', '--patience', '1s']);
    expect(away.code).toBe(4);
    expect(away.stderr).toContain('700 wait');
    const receiver = await tcpReceiver(port);
    const drained = await sipcap(['hep', 'relay', ...args, '--drain']);
    expect([drained.code, drained.stderr]).toEqual([0, expect.stringContaining('700 sent, 0 wait')]);
    expect(Buffer.concat(receiver.got).equals(Buffer.concat(packets.slice(0, 700)))).toBe(true);
    const verified = await sipcap(['hep', 'spool', at('spool-k'), '--verify']);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('0 damaged places')]);
  }, 90_000);

  test('two processes never share a spool', async () => {
    const args = ['hep', 'relay', '--from', 'hep_udp:127.0.0.1:0', '--to', 'hep_tcp:127.0.0.1:9', '--spool', at('spool-2')];
    const first = start(args);
    await portOf(first);
    const second = await sipcap(args);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(String(first.child.pid));
    first.child.kill('SIGTERM');
    await first.ended;
  }, 90_000);

  test('--balance keeps a call together, --failover uses the first target that works', async () => {
    const one = await udpReceiver();
    const two = await udpReceiver();
    const to = [one, two].flatMap(({ port }) => ['--to', `hep_udp:127.0.0.1:${port}`]);
    writeFileSync(at('some.hep'), Buffer.concat(packets.slice(0, 700)));
    expect((await sipcap(['hep', 'relay', '--from', at('some.hep'), ...to, '--balance', '-q'])).code).toBe(0);
    await until(() => one.got.length + two.got.length === 700, 'all packets');
    const calls = (got: Buffer[]) => new Set(got.map((packet) => /Call-ID: (\S+)/.exec(packet.toString('latin1'))![1]));
    expect([...calls(one.got)].filter((call) => calls(two.got).has(call))).toEqual([]);
    expect(Math.min(one.got.length, two.got.length)).toBeGreaterThan(150);
    const dead = await freePort();
    const failover = await sipcap([
      'hep',
      'relay',
      '--from',
      at('some.hep'),
      '--to',
      `hep_tcp:127.0.0.1:${dead}`,
      ...to.slice(0, 2),
      '--failover',
      '--summary',
      'json',
    ]);
    expect(failover.code).toBe(0);
    expect(summary(failover).accounting_errors).toEqual([]);
  }, 120_000);
});
