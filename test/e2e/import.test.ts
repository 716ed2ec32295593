/** Imports of capture files: each message once, whatever happens in between. */
import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const MESSAGES = 20_000;
let whole: Buffer;

beforeAll(() => {
  whole = pcapFile(sipMessages(MESSAGES)) as Buffer;
  writeFileSync(at('big.pcap'), whole);
});
afterAll(() => {
  killAll();
  folder.remove();
});

describe('importing', () => {
  test('stores every message with the times of its packets', async () => {
    const ended = await sipcap([
      'capture',
      'mirror',
      '-r',
      join(root, 'samples/sample.pcap'),
      '--db',
      `sqlite:${at('a.db')}`,
      '--summary',
      'json',
    ]);
    expect(ended.code).toBe(0);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(summary(ended).frames).toEqual({
      offered: 28,
      undecoded: 0,
      received: 28,
      dropped: {},
      no_message: { no_sip: 5 },
      partial: 1,
      complete: 22,
    });
    const [first] = await query(at('a.db'), 'SELECT * FROM sip_capture ORDER BY id');
    expect(first).toMatchObject({
      date: '2026-01-15 09:30:00',
      micro_ts: 1768469400020137,
      method: 'INVITE',
      ruri: 'sip:bob@example.net',
      ruri_user: 'bob',
      ruri_domain: 'example.net',
      from_user: 'alice',
      from_tag: 'c1f0a',
      to_user: 'bob',
      pid_user: '+12025550100',
      callid: 'c1f0@192.0.2.10',
      cseq: '1 INVITE',
      source_ip: '192.0.2.10',
      source_port: 5060,
      destination_ip: '198.51.100.20',
      proto: 17,
      family: 2,
      type: 1,
      node: 'homer01',
      content_type: 'application/sdp',
    });
    expect(String((first as { msg: Buffer }).msg)).toContain('m=audio 40000 RTP/AVP 8 0 101');
  });

  test('repeated and grown: nothing twice, nothing missing; --again overrides', async () => {
    const half = 24 + Math.floor(whole.length / 2);
    writeFileSync(at('grow.pcap'), whole.subarray(0, half));
    const args = ['capture', 'mirror', '-r', at('grow.pcap'), '--db', `sqlite:${at('g.db')}`, '--summary', 'json'];
    const cut = await sipcap(args);
    expect(cut.code).toBe(3);
    expect(summary(cut).files![0].problem).toMatch(/^pcap record(?: header)? \d+: is cut off, needs \d+ bytes, \d+ left \(at byte \d+\)$/);
    const first = await count(at('g.db'));
    expect(first).toBeGreaterThan(MESSAGES / 3);
    writeFileSync(at('grow.pcap'), whole);
    const grown = await sipcap(args);
    expect(grown.code).toBe(0);
    expect(summary(grown).messages).toMatchObject({ found: MESSAGES, filtered: { already_stored: first }, delivered: MESSAGES - first });
    expect(await count(at('g.db'))).toBe(MESSAGES);
    copyFileSync(at('grow.pcap'), at('copy.pcap'));
    const copied = await sipcap(['capture', 'mirror', '-r', at('copy.pcap'), '--db', `sqlite:${at('g.db')}`, '--summary', 'json']);
    expect(summary(copied).messages.delivered).toBe(0);
    await sipcap([...args, '--again', '-c', '100']);
    expect(await count(at('g.db'))).toBe(MESSAGES + 100);
  });

  test('other options add only what is not stored yet', async () => {
    const half = readFileSync(at('big.pcap')).subarray(0, 400_000);
    writeFileSync(at('part.pcap'), half);
    const args = ['capture', 'mirror', '-r', at('part.pcap'), '--db', `sqlite:${at('opt.db')}`, '--summary', 'json'];
    await sipcap([...args, '-c', '100']);
    const more = summary(await sipcap([...args, '--rtcp']));
    expect(more.accounting_errors).toEqual([]);
    expect(more.messages.filtered).toEqual({ already_stored: 100 });
    expect(await count(at('opt.db'))).toBe(more.messages.found);
    expect(summary(await sipcap(args)).messages).toMatchObject({ delivered: 0 });
  });

  test('another file with the same beginning is another file', async () => {
    const other = Buffer.from(whole);
    other[other.length - 1] ^= 1;
    writeFileSync(at('other.pcap'), other);
    for (const file of ['big.pcap', 'other.pcap'])
      expect((await sipcap(['capture', 'mirror', '-r', at(file), '--db', `sqlite:${at('o.db')}`, '-q'])).code).toBe(0);
    expect(await count(at('o.db'))).toBe(MESSAGES * 2);
  });

  test('killed again and again with SIGKILL, each message is stored exactly once', async () => {
    const args = ['capture', 'mirror', '-r', at('big.pcap'), '--db', `sqlite:${at('k.db')}`, '-q'];
    let kills = 0;
    for (const milliseconds of [350, 500, 430, 650, 380, 560]) {
      const running = start(args);
      const timer = setTimeout(() => running.child.kill('SIGKILL'), milliseconds);
      const { signal } = await running.ended;
      clearTimeout(timer);
      if (signal === 'SIGKILL') kills++;
    }
    expect(kills).toBeGreaterThan(2);
    expect((await sipcap(args)).code).toBe(0);
    const [row] = await query(
      at('k.db'),
      'SELECT count(*) AS n, count(DISTINCT micro_ts) AS times, count(DISTINCT msg) AS messages FROM sip_capture',
    );
    expect(row).toEqual({ n: MESSAGES, times: MESSAGES, messages: MESSAGES });
  }, 60_000);

  test('interrupted, it exits with 130 and resumes where it stopped', async () => {
    const args = ['capture', 'mirror', '-r', at('big.pcap'), '--db', `sqlite:${at('i.db')}`, '--summary', 'json'];
    const running = start(args);
    await until(() => existsSync(at('i.db-wal')) && statSync(at('i.db-wal')).size > 2_000_000, 'the first rows');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(await count(at('i.db'))).toBe(summary(ended).messages.delivered);
    await sipcap(args);
    expect(await count(at('i.db'))).toBe(MESSAGES);
  }, 60_000);
});

describe('inputs', () => {
  test('gzip and zstd of the same file: one content, stored once', async () => {
    writeFileSync(at('small.pcap'), pcapFile(sipMessages(700)) as Buffer);
    writeFileSync(at('small.pcap.gz'), gzipSync(readFileSync(at('small.pcap'))));
    writeFileSync(at('small.pcap.zst'), rawZstd(readFileSync(at('small.pcap'))));
    for (const file of ['small.pcap.gz', 'small.pcap.zst', 'small.pcap']) {
      const ended = await sipcap(['capture', 'mirror', '-r', at(file), '--db', `sqlite:${at('z.db')}`, '--summary', 'json']);
      expect([file, ended.code, summary(ended).messages.found]).toEqual([file, 0, 700]);
    }
    expect(await count(at('z.db'))).toBe(700);
  });

  test('a truncated compressed file: what is readable is stored, exit code 3', async () => {
    const compressed = readFileSync(at('small.pcap.gz'));
    writeFileSync(at('cut.pcap.gz'), compressed.subarray(0, compressed.length / 2));
    const ended = await sipcap(['capture', 'mirror', '-r', at('cut.pcap.gz'), '--format', 'json', '--summary', 'json']);
    expect(ended.code).toBe(3);
    expect(ended.stdout.split('\n').length).toBeGreaterThan(100);
    expect(summary(ended).files![0].problem).toMatch(/gzip data: is cut off/);
  });

  test('standard input, while it is still being written', async () => {
    const running = start(['capture', 'mirror', '-r', '-', '--format', 'json', '-q']);
    running.child.stdin!.write(whole.subarray(0, 1500));
    await until(() => running.shown().includes('\n'), 'the first message', 60_000);
    expect(JSON.parse(running.shown().split('\n')[0])).toMatchObject({ method: 'INVITE', frame: 1 });
    running.child.stdin!.end(whole.subarray(1500, 100_000));
    const ended = await running.ended;
    expect(ended.stdout.split('\n').length).toBeGreaterThan(100);
    expect(ended.code).toBe(3);
  });

  test('a rotated set is one stream in time order, however it is named; globs work', async () => {
    const records = recordOffsets(whole, 3000);
    for (const [i, from, to] of [
      [0, 0, 1000],
      [1, 1000, 2000],
      [2, 2000, 3000],
    ] as const) {
      writeFileSync(at(`part-${i}.pcap`), Buffer.concat([whole.subarray(0, 24), whole.subarray(records[from], records[to])]));
    }
    const ended = await sipcap([
      'capture',
      'mirror',
      '-r',
      at('part-2.pcap'),
      at('part-0.pcap'),
      at('part-1.pcap'),
      '--format',
      'json',
      '--summary',
      'json',
    ]);
    const times = ended.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { micro_ts: number }).micro_ts);
    expect(times).toHaveLength(3000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const globbed = await sipcap(['capture', 'mirror', '-r', at('part-?.pcap'), '--db', `sqlite:${at('p.db')}`, '--summary', 'json']);
    expect(summary(globbed).files).toHaveLength(3);
    appendFileSync(at('part-2.pcap'), whole.subarray(records[3000], records[3001]));
    await sipcap(['capture', 'mirror', '-r', at('part-?.pcap'), '--db', `sqlite:${at('p.db')}`, '-q']);
    expect(await count(at('p.db'))).toBe(3001);
  });

  test('unreadable files are reported, the rest is stored, exit code 3', async () => {
    writeFileSync(at('text.txt'), 'no capture at all\n');
    writeFileSync(at('empty.pcap'), '');
    const ended = await sipcap([
      'capture',
      'mirror',
      '-r',
      at('text.txt'),
      at('absent.pcap'),
      at('empty.pcap'),
      join(root, 'samples/sample.pcap'),
      '--format',
      'json',
      '--summary',
      'json',
    ]);
    expect(ended.code).toBe(3);
    expect(ended.stdout.trim().split('\n')).toHaveLength(22);
    const problems = Object.fromEntries(summary(ended).files!.map(({ name, problem }) => [name.split('/').pop(), problem]));
    expect(problems).toEqual({
      'text.txt': 'capture file: does not start with a known magic number (at byte 0)',
      'absent.pcap': 'no such file',
      'empty.pcap': 'capture file: is shorter than its fixed part, needs 24 bytes, 0 left (at byte 0)',
      'sample.pcap': '',
    });
  });
});

/** Offsets of the records of a pcap file. */
function recordOffsets(file: Buffer, most: number): number[] {
  const offsets = [24];
  while (offsets.length <= most + 1) offsets.push(offsets[offsets.length - 1] + 16 + file.readUInt32LE(offsets[offsets.length - 1] + 8));
  return offsets;
}

/** A zstd frame (RFC 8878) of raw blocks: no compression, but every reader takes it. */
function rawZstd(bytes: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[4] = 0xc0;
  head[5] = 0x58;
  head.writeBigUInt64LE(BigInt(bytes.length), 6);
  const parts: Buffer[] = [head];
  for (let at = 0; at < bytes.length; at += 100_000) {
    const piece = bytes.subarray(at, at + 100_000);
    const last = at + piece.length === bytes.length ? 1 : 0;
    const header = Buffer.alloc(3);
    header.writeUIntLE((piece.length << 3) | last, 0, 3);
    parts.push(header, piece);
  }
  return Buffer.concat(parts);
}
