/** `hep edit` as a shell filter: every kind of input and output, the order of operations, captures rewritten so that tshark finds nothing wrong. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { frame, hep3, pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { killAll, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const messages = sipMessages(20) as Buffer[];
const packets = messages.map((message, i) => hep3(message, i) as Buffer);
const stream = Buffer.concat(packets);
writeFileSync(at('p.hep'), stream);
writeFileSync(at('p.hex'), `# packets\n${packets.map((packet) => packet.toString('hex')).join('\n')}\n`);
// HEP over UDP in frames, and a frame that carries plain SIP.
writeFileSync(at('p.pcap'), pcapFile([...packets.slice(0, 10), messages[0], ...packets.slice(10)]) as Buffer);
const version1 = Buffer.concat([Buffer.from([1, 16, 2, 17, 0x13, 0xc4, 0x13, 0xd8, 127, 0, 0, 1, 127, 0, 0, 2]), messages[0]]);
writeFileSync(at('v1.hep'), version1);
const hasTshark = spawnSync('tshark', ['--version']).status === 0;

afterAll(() => {
  killAll();
  folder.remove();
});

const edit = (args: string[], input?: Buffer) => sipcap(['hep', 'edit', ...args], { cwd: folder.path, input });

describe('--get and --list', () => {
  test('values, one line a packet, in the order asked; absent ones are empty and counted', async () => {
    const { stdout, stderr, code } = await edit(['p.hep', '--get', 'proto_type', '--get', 'src_port', '--get', '25']);
    expect(stdout).toBe('SIP\t5060\t\n'.repeat(20));
    expect(stderr).toBe('sipcap: 20 packets (get_missing_chunk 20)\n');
    expect(code).toBe(0);
  });

  test('with --set, the value at that point; the order of the options counts', async () => {
    const { stdout } = await edit([
      'p.hex',
      '-q',
      '--get',
      'captagent_id',
      '--set',
      'captagent_id=7',
      '--get',
      'captagent_id',
      '--del',
      'captagent_id',
      '--get',
      'captagent_id',
    ]);
    expect(stdout).toBe('2001\t7\t\n'.repeat(20));
  });

  test('as JSON with vendor and type', async () => {
    const { stdout } = await edit([
      'p.hep',
      '-q',
      '--set',
      '3:31:uint32=132',
      '--get',
      '3:31:uint32',
      '--get',
      'proto_id',
      '--format',
      'json',
    ]);
    expect(JSON.parse(stdout.split('\n')[0])).toEqual({
      '3:31:uint32': { vendor: 3, id: 31, type: 'uint32', value: 132 },
      proto_id: { vendor: 0, id: 2, type: 'uint8', value: 'udp' },
    });
  });

  test('a payload with line breaks is one line', async () => {
    const { stdout } = await edit(['p.hep', '--get', 'payload']);
    expect(stdout.split('\n')).toHaveLength(21);
    expect(stdout.split('\n')[0]).toBe(messages[0].toString().replaceAll('\r', '\\r').replaceAll('\n', '\\n'));
  });

  test('--list shows every chunk of every packet', async () => {
    const { stdout } = await edit(['p.hep', '--list']);
    expect(stdout.match(/^packet \d+, version 3$/gm)).toHaveLength(20);
    expect(stdout).toContain('  0x000b    11 vendor 0     proto_type         uint8        SIP\n');
  });

  test('version 1 can be read, and edited after --upgrade', async () => {
    expect((await edit(['v1.hep', '--get', 'src_ip', '--get', 'dst_port'])).stdout).toBe('127.0.0.1\t5080\n');
    const refused = await edit(['v1.hep', '--set', 'captagent_id=7']);
    expect({
      code: refused.code,
      logged: /version 1 has no chunks to set or delete: --upgrade/.test(refused.stderr),
      same: Buffer.from(refused.stdout, 'latin1').length > 0,
    }).toEqual({ code: 3, logged: true, same: true });
    const upgraded = await edit(['v1.hep', '--upgrade', '--set', 'captagent_id=7', '--output-format', 'hex']);
    expect((await edit(['--get', 'captagent_id', '--get', 'src_ip'], Buffer.from(upgraded.stdout))).stdout).toBe('7\t127.0.0.1\n');
  });
});

describe('--set and --del', () => {
  test('only what was named: other chunks keep bytes and order, lengths are correct', async () => {
    const { stdout } = await edit(['p.hex', '--set', 'captagent_id=2002']);
    const changed = packets.map((packet) => {
      const copy = Buffer.from(packet);
      copy.writeUInt32BE(2002, copy.indexOf(Buffer.from([0, 0, 0, 12, 0, 10])) + 6);
      return copy.toString('hex');
    });
    expect(stdout.trim().split('\n')).toEqual(changed);
  });

  test('a stream remains a stream, byte for byte where nothing is changed', async () => {
    const running = start(['hep', 'edit', '-', '--del', '0x1f', '-q'], { cwd: folder.path });
    const pieces: Buffer[] = [];
    running.child.stdout!.on('data', (piece: Buffer) => pieces.push(piece));
    for (let from = 0; from < stream.length; from += 1000) running.child.stdin!.write(stream.subarray(from, from + 1000));
    running.child.stdin!.end();
    expect((await running.ended).code).toBe(0);
    expect(Buffer.concat(pieces).equals(stream)).toBe(true);
  });

  test('the family follows the address', async () => {
    const { stdout } = await edit([
      'p.hep',
      '-q',
      '--set',
      'src_ip=2001:db8::1',
      '--set',
      'dst_ip=2001:db8::2',
      '--get',
      'src_ip',
      '--get',
      'proto_family',
    ]);
    expect(stdout.split('\n')[0]).toBe('2001:db8::1\tAF_INET6');
  });

  test('payload=@file', async () => {
    writeFileSync(at('body'), 'NOTIFY sip:a SIP/2.0\r\n\r\n');
    expect((await edit(['p.hep', '--set', 'payload=@body', '--get', 'payload'])).stdout).toBe(
      'NOTIFY sip:a SIP/2.0\\r\\n\\r\\n\n'.repeat(20),
    );
  });

  test('errors are reported before the first packet', async () => {
    const rows: [string[], RegExp][] = [
      [['--set', 'proto_family=2'], /use --force to set it anyway/],
      [['--set', 'proto_id=BIN'], /BIN has no number on the wire/],
      [['--set', '0x0b=300'], /expected at most 255/],
      [['--get', 'nonsense'], /unknown chunk 'nonsense': expected/],
      [['--set', '3:0x12:uint16=5'], /belongs to vendor 0/],
      [['--set', 'payload=@nowhere'], /cannot read nowhere/],
      [[], /nothing to do/],
    ];
    for (const [args, words] of rows) {
      const { code, stdout, stderr } = await edit(['p.hep', ...args]);
      expect({ code, stdout, logged: words.test(stderr) || stderr }).toEqual({ code: 2, stdout: '', logged: true });
    }
  }, 90_000);

  test('damage is counted and reported, the rest passes, and the exit code is 3', async () => {
    const broken = Buffer.from(packets[1]);
    broken.writeUInt16BE(60_000, 10);
    const { code, stdout, stderr } = await edit(
      ['--get', 'src_port'],
      Buffer.concat([packets[0], broken, packets[2], packets[3].subarray(0, 50)]),
    );
    expect(stdout).toBe('5060\n\n5060\n');
    expect(stderr).toMatch(/packet 2: .*\n.*ends within a packet/s);
    expect(code).toBe(3);
  });

  test('a closed output pipe ends it quietly', async () => {
    const { status, stderr } = spawnSync(
      'sh',
      [
        '-c',
        `for i in 1 2 3 4 5 6 7 8 9; do cat p.hep; done | "${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}" hep edit - --list | head -1`,
      ],
      { cwd: folder.path, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('also where it is read as hexadecimal lines, and ends within one', () => {
    const hex = packets[0].toString('hex');
    writeFileSync(at('long.hex'), `${hex}\n`.repeat(2000));
    const { stdout } = spawnSync(
      'bash',
      [
        '-c',
        `"${process.execPath}" "${join(import.meta.dirname, '../../bin/run.js')}" hep edit long.hex --get src_ip | head -1; echo "$PIPESTATUS"`,
      ],
      { cwd: folder.path, encoding: 'utf8' },
    );
    expect(stdout.split('\n')[1]).toBe('0');
  });
});

describe('captures', () => {
  test('compressed datagrams are edited, and stay compressed', async () => {
    const compressed = packets.map((packet) => gzipSync(packet));
    writeFileSync(at('gz.pcap'), pcapFile([...compressed.slice(0, 10), messages[0], ...compressed.slice(10)]) as Buffer);
    expect((await edit(['gz.pcap', '-q', '--get', 'captagent_id'])).stdout).toBe('2001\n'.repeat(20));
    const running = start(['hep', 'edit', 'gz.pcap', '--set', 'captagent_id=7', '-q'], { cwd: folder.path });
    const pieces: Buffer[] = [];
    running.child.stdout!.on('data', (piece: Buffer) => pieces.push(piece));
    expect((await running.ended).code).toBe(0);
    const edited = Buffer.concat(pieces);
    writeFileSync(at('gz-edited.pcap'), edited);
    expect((await edit(['gz-edited.pcap', '-q', '--get', 'captagent_id'])).stdout).toBe('7\n'.repeat(20));
    expect(edited.includes('HEP3')).toBe(false);
    const seen = await sipcap(['capture', 'mirror', '-r', at('gz-edited.pcap'), '-E', '--format', 'json', '-q']);
    expect(seen.stdout.trim().split('\n')).toHaveLength(21);
  });

  test('HEP over UDP is rewritten in its frame; other frames pass unchanged', async () => {
    const running = start(['hep', 'edit', 'p.pcap', '--set', '3:31:uint32=132', '-q'], { cwd: folder.path });
    const pieces: Buffer[] = [];
    running.child.stdout!.on('data', (piece: Buffer) => pieces.push(piece));
    expect((await running.ended).code).toBe(0);
    writeFileSync(at('edited.pcap'), Buffer.concat(pieces));
    expect((await edit(['edited.pcap', '--get', '3:31:uint32'])).stdout).toBe('132\n'.repeat(20));
    expect(readFileSync(at('edited.pcap')).includes(frame(messages[0], 10) as Buffer)).toBe(true);
    // The messages inside are unchanged.
    const seen = await sipcap(['capture', 'mirror', '-r', at('edited.pcap'), '-E', '--format', 'json', '-q']);
    expect(seen.stdout.trim().split('\n')).toHaveLength(21);
    if (!hasTshark) return;
    const fields = spawnSync(
      'tshark',
      [
        '-r',
        at('edited.pcap'),
        '-o',
        'ip.check_checksum:TRUE',
        '-o',
        'udp.check_checksum:TRUE',
        '-T',
        'fields',
        '-e',
        'ip.checksum.status',
        '-e',
        'udp.length',
        '-e',
        'frame.len',
        '-e',
        '_ws.expert.message',
      ],
      { encoding: 'utf8' },
    )
      .stdout.trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(fields).toHaveLength(21);
    for (const [i, [status, udp, length]] of fields.entries()) {
      if (i !== 10) expect(status).toBe('1');
      expect(Number(udp) + 34).toBe(Number(length));
    }
  });

  test('packets of a stream become a capture, and HEP over TCP gives one packet per message', async () => {
    const made = start(['hep', 'edit', 'p.hep', '--output-format', 'pcap'], { cwd: folder.path });
    const pieces: Buffer[] = [];
    made.child.stdout!.on('data', (piece: Buffer) => pieces.push(piece));
    expect((await made.ended).code).toBe(0);
    writeFileSync(at('made.pcap'), Buffer.concat(pieces));
    expect((await edit(['made.pcap', '--get', 'captagent_id'])).stdout).toBe('2001\n'.repeat(20));
  });
});

test('hep chunks prints the tables', async () => {
  const { stdout, code } = await sipcap(['hep', 'chunks']);
  expect(code).toBe(0);
  expect(stdout).toContain('0x0011  17  correlation_id      utf8-string  relates packets, usually the Call-ID (vendor 0 only)');
  const tables = JSON.parse((await sipcap(['hep', 'chunks', '--format', 'json'])).stdout) as { chunks: { name: string }[] };
  expect(tables.chunks.map(({ name }) => name)).toContain('proto_type');
});

test('HEP from frames has MAC addresses, VLAN and TCP flags; the correlation id is as configured', async () => {
  const socket = createSocket('udp4');
  const got: Buffer[] = [];
  socket.on('message', (bytes) => got.push(bytes));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const target = `hep_udp:127.0.0.1:${socket.address().port}`;
  const sent = await sipcap(['capture', 'mirror', '-r', 'samples/sample.pcap', '--hep', target, '--hep-correlation', 'header:CSeq', '-q']);
  await until(() => got.length >= 22, 'the packets');
  socket.close();
  expect(sent.code).toBe(0);
  const { stdout } = await edit(
    ['-q', '--get', 'src_mac', '--get', 'tcp_flags', '--get', 'vlan_id', '--get', 'correlation_id'],
    Buffer.concat(got),
  );
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(new Set(lines.map(([mac]) => mac))).toEqual(new Set(['02:00:00:00:00:0a']));
  expect(lines.filter(([, flags]) => flags === '24').map(([, , , id]) => id)).toEqual(['1 OPTIONS', '1 OPTIONS']);
  expect(lines.filter(([, , vlan]) => vlan === '120')).toHaveLength(4);
});
