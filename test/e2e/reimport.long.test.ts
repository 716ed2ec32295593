/** A file imported again with other options, in part, grown, or as one of a rotated set: each message is stored once per table. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { pcap } from '../rigs/capture-files.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { ethernet, tcpPacket, udpPacket } from '../rigs/frames.js';
import { count, query } from '../rigs/database.js';
import { killAll, sipcap, start, summary, temporaryFolder } from '../rigs/sipcap.js';
import { plainRequest } from '../rigs/sip.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const MESSAGES = 1400;
const ETHER_IPV4 = 0x0800;
let messages: Buffer[];

beforeAll(() => {
  messages = sipMessages(MESSAGES) as Buffer[];
  writeFileSync(at('all.pcap'), records(messages));
  writeFileSync(at('note.route'), 'route { sip_capture(); }\n');
  writeFileSync(at('note2.route'), '# A comment.\nroute { sip_capture(); }\n');
});
afterAll(() => {
  killAll();
  folder.remove();
});

/** Messages over UDP, every fourth to port 5080, some of them inside HEP, one a millisecond. */
function records(list: readonly Buffer[], copies = 1): Buffer {
  return pcap({
    records: list.flatMap((message, i) => {
      const ends = { source: '127.0.0.1', destination: '127.0.0.2', sourcePort: 5060 };
      const packet =
        i % 10 === 9
          ? udpPacket({ ...ends, destinationPort: 9060 }, hep3(message, i) as Buffer)
          : udpPacket({ ...ends, sourcePort: i % 4 === 3 ? 5080 : 5060, destinationPort: i % 4 === 3 ? 5080 : 5060 }, message);
      const record = { seconds: 1_700_000_000 + Math.floor(i / 1000), fraction: (i % 1000) * 1000, bytes: ethernet(ETHER_IPV4, packet) };
      return new Array<typeof record>(copies).fill(record);
    }),
  });
}

const IN_HEP = MESSAGES / 10;
const PLAIN = MESSAGES - IN_HEP;

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  const run = async (file: string | string[], ...more: string[]) => {
    const ended = await sipcap(['capture', 'mirror', '-r', ...[file].flat().map(at), '--db', database.url, '--summary', 'json', ...more]);
    const sums = summary(ended);
    expect(sums.accounting_errors).toEqual([]);
    return sums;
  };
  const rows = async (table = 'sip_capture') => Number((await database.query(`SELECT count(*) AS n FROM ${table}`))[0].n);

  test('another filter, -E, --rtcp or script adds only what is missing; --again stores everything', async () => {
    database = await make();
    await run('all.pcap', '--port', '5080');
    const few = await rows();
    expect(few).toBeGreaterThan(100);
    expect((await run('all.pcap')).messages).toMatchObject({ filtered: { already_stored: few }, delivered: PLAIN - few });
    expect(await rows()).toBe(PLAIN);
    expect((await run('all.pcap', '-E')).messages).toMatchObject({ filtered: { already_stored: PLAIN }, delivered: IN_HEP });
    for (const options of kind === 'sqlite' ? [['--rtcp'], ['-E', '--port', '5080'], [], ['-E', '--rtcp']] : [['-E', '--rtcp']])
      expect((await run('all.pcap', ...options)).messages.delivered).toBe(0);
    for (const script of kind === 'sqlite' ? ['note.route', 'note2.route', 'note.route'] : ['note.route']) {
      const { messages: counted, sinks } = await run('all.pcap', '-E', '--route', at(script));
      expect([counted.delivered, sinks[0].written]).toEqual([expect.any(Number), 0]);
    }
    expect(await rows()).toBe(MESSAGES);
    // Another table has none of it.
    await run('all.pcap', '-E', '--table', 'other');
    expect(await rows('other')).toBe(MESSAGES);
    await run('all.pcap', '--again', '-c', '100');
    expect(await rows()).toBe(MESSAGES + 100);
    await run('all.pcap', '-E');
    expect(await rows()).toBe(MESSAGES + 100);
    await database.drop();
  }, 120_000);

  test('a position of an earlier version is treated as one of other options', async () => {
    database = await make();
    await run('all.pcap', '-c', '600');
    const [{ stream, position }] = await database.query('SELECT stream, position FROM sipcap_position');
    const head = String(stream).split(':')[1];
    const old = { ...(JSON.parse(String(position)) as object), marks: undefined };
    await database.query(`UPDATE sipcap_position SET stream = 'file:0123456789abcdef:${head}:1', position = '${JSON.stringify(old)}'`);
    expect((await run('all.pcap')).messages).toMatchObject({ filtered: { already_stored: 600 }, delivered: PLAIN - 600 });
    expect(await rows()).toBe(PLAIN);
    await database.drop();
  }, 60_000);

  test('messages twice in the file are stored twice, wherever batches end', async () => {
    database = await make();
    writeFileSync(at('twice.pcap'), records(messages.slice(0, 140), 2));
    await run('twice.pcap', '--port', '5080', '--batch-rows', '3');
    for (const rowsOfBatch of ['7', '1']) {
      await run('twice.pcap', '--batch-rows', rowsOfBatch);
      expect(await rows()).toBe(2 * 126);
    }
    await run('twice.pcap', '-E', '--batch-rows', '1');
    expect(await rows()).toBe(2 * 140);
    await database.drop();
  }, 60_000);
});

describe('in SQLite', () => {
  const args = (file: string | string[], db: string, ...more: string[]) => [
    'capture',
    'mirror',
    '-r',
    ...[file].flat().map(at),
    '--db',
    `sqlite:${at(db)}`,
    '--summary',
    'json',
    ...more,
  ];
  const run = async (...of: Parameters<typeof args>) => {
    const sums = summary(await sipcap(args(...of)));
    expect(sums.accounting_errors).toEqual([]);
    return sums.messages;
  };

  test('killed repeatedly while comparing, each message is stored exactly once', async () => {
    const many = 14_000;
    writeFileSync(at('many.pcap'), records(sipMessages(many) as Buffer[]));
    await sipcap(args('many.pcap', 'k.db', '--port', '5080'));
    let kills = 0;
    for (let i = 0; i < 4; i++) {
      const running = start(args('many.pcap', 'k.db', '--batch-rows', '50'));
      const before = await count(at('k.db'));
      let isOver = false;
      void running.ended.then(() => (isOver = true));
      while (!isOver && (await count(at('k.db'))) <= before + 200 * i) await sleep(10);
      running.child.kill('SIGKILL');
      if ((await running.ended).signal === 'SIGKILL') kills++;
    }
    expect(kills).toBeGreaterThan(2);
    expect((await sipcap(args('many.pcap', 'k.db'))).code).toBe(0);
    const [sums] = await query(
      at('k.db'),
      'SELECT count(*) AS n, count(DISTINCT micro_ts) AS times, count(DISTINCT msg) AS messages FROM sip_capture',
    );
    expect(sums).toEqual({ n: many * 0.9, times: many * 0.9, messages: many * 0.9 });
  }, 120_000);

  test('the beginning of a stored file adds nothing, also with other options; different content is another file', async () => {
    const all = readFileSync(at('all.pcap'));
    await run('all.pcap', 'b.db');
    const other = Buffer.from(all.subarray(0, all.length / 2));
    other[other.length / 2] ^= 1;
    writeFileSync(at('differs.pcap'), other);
    expect((await run('differs.pcap', 'b.db')).delivered).toBeGreaterThan(PLAIN / 3);
    const stored = await count(at('b.db'));
    for (const [name, length] of [
      ['half', all.length / 2],
      ['most', all.length - 1],
      ['little', 3000],
    ] as const) {
      writeFileSync(at(`${name}.pcap`), all.subarray(0, length));
      for (const options of [[], ['--rtcp'], []]) expect((await run(`${name}.pcap`, 'b.db', ...options)).delivered).toBe(0);
    }
    expect(await count(at('b.db'))).toBe(stored);
  }, 60_000);

  test('a file that grew between runs with different options', async () => {
    const all = readFileSync(at('all.pcap'));
    const grown = (part: number) => writeFileSync(at('grows.pcap'), all.subarray(0, Math.floor(all.length * part)));
    for (const [part, options] of [
      [0.3, ['--port', '5080']],
      [0.5, []],
      [0.8, ['--port', '5080']],
      [0.9, []],
      [1, ['--port', '5080']],
      [1, []],
    ] as const) {
      grown(part);
      await run('grows.pcap', 'g.db', ...options);
    }
    const [sums] = await query(at('g.db'), 'SELECT count(*) AS n, count(DISTINCT micro_ts) AS times FROM sip_capture');
    expect(sums).toEqual({ n: PLAIN, times: PLAIN });
  }, 60_000);

  test('a rotated set after its files one by one: adds the message that spans them, and nothing else', async () => {
    const sip = (text: string) => plainRequest('MESSAGE', [`Call-ID: ${text}`, 'Content-Length: 300'], text.padEnd(300, '.'));
    const calls = ['one', 'crosses-a-b', 'two', 'crosses-b-c', 'three'].map(sip);
    const whole = Buffer.concat(calls);
    const cutAt = (index: number) => Buffer.concat(calls.slice(0, index)).length + calls[index].length - 100;
    const segments = [0, cutAt(1), cutAt(3), whole.length];
    for (const [i, name] of ['rot-a', 'rot-b', 'rot-c'].entries()) {
      const payload = whole.subarray(segments[i], segments[i + 1]);
      const packet = tcpPacket({ sequence: 1000 + segments[i], flags: 'PA' }, payload);
      writeFileSync(
        at(`${name}.pcap`),
        pcap({ records: [{ seconds: 1_700_000_000 + i, fraction: 0, bytes: ethernet(ETHER_IPV4, packet) }] }),
      );
    }
    const wholeRows = async () => {
      const found = await query<{ msg: Buffer }>(at('r.db'), 'SELECT msg FROM sip_capture');
      return calls.map((call) => found.filter(({ msg }) => Buffer.from(msg).equals(call)).length);
    };
    await run('rot-a.pcap', 'r.db');
    await run('rot-b.pcap', 'r.db');
    expect(await wholeRows()).toEqual([1, 0, 1, 0, 0]);
    const both = await run(['rot-a.pcap', 'rot-b.pcap'], 'r.db');
    expect([both.delivered, await wholeRows()]).toEqual([1, [1, 1, 1, 0, 0]]);
    await run(['rot-b.pcap', 'rot-c.pcap'], 'r.db');
    expect(await wholeRows()).toEqual([1, 1, 1, 1, 1]);
    const rowsThen = await count(at('r.db'));
    for (const files of [['rot-a'], ['rot-c'], ['rot-a', 'rot-b'], ['rot-a', 'rot-b', 'rot-c'], ['rot-b', 'rot-c'], ['rot-b']])
      await run(
        files.map((file) => `${file}.pcap`),
        'r.db',
      );
    expect([await wholeRows(), await count(at('r.db'))]).toEqual([[1, 1, 1, 1, 1], rowsThen]);
  }, 60_000);
});
