/** ClickHouse in two shards, end to end: what is stored, read back as from other databases, exactly once, and partial where a shard is away. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { hep3, pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../rigs/clickhouse.js';
import { freePort } from '../rigs/free-port.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const MESSAGES = 30_000;

afterAll(() => {
  killAll();
  folder.remove();
});

(clickhouseInstalled() ? describe : describe.skip)('two shards', () => {
  let servers: ClickhouseServer[];
  let db: string;

  beforeAll(async () => {
    servers = await Promise.all([makeClickhouse(), makeClickhouse()]);
    db = `clickhouse://sipcap:capture@${servers.map(({ place }) => place).join(';')}/sipcap`;
    writeFileSync(at('big.pcap'), pcapFile(sipMessages(MESSAGES)) as Buffer);
  });

  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  afterEach(async () => {
    for (const server of servers)
      for (const { name } of await server.query("SELECT name FROM system.tables WHERE database = 'sipcap'"))
        await server.query(`DROP TABLE sipcap.${String(name)}`);
  });

  const rowsOf = async (server: ClickhouseServer, final = '') => {
    const isThere = await server.query("SELECT 1 AS one FROM system.tables WHERE database = 'sipcap' AND name = 'sip_capture'");
    return isThere.length === 0 ? 0 : Number((await server.query(`SELECT count() AS n FROM sip_capture${final}`))[0].n);
  };
  const rows = (final = '') => Promise.all(servers.map((server) => rowsOf(server, final)));
  const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);

  test('a file is in both shards, each call in one of them; read back as from SQLite', async () => {
    for (const url of [db, `sqlite:${at('same.db')}`]) {
      const ended = await sipcap([
        'capture',
        'mirror',
        '--rtcp',
        '-r',
        join(root, 'samples/sample.pcap'),
        '--db',
        url,
        '--summary',
        'json',
      ]);
      expect([ended.code, summary(ended).accounting_errors]).toEqual([0, []]);
    }
    const [first, second] = await Promise.all(servers.map((server) => server.query('SELECT DISTINCT callid FROM sip_capture')));
    expect(first.filter(({ callid }) => second.some((other) => other.callid === callid))).toEqual([]);
    const callIds = [...first, ...second].map(({ callid }) => String(callid)).sort();
    for (const command of [
      ['call', 'list', '--format', 'json'],
      ['call', 'list', '--where', "$fU =~ '^[0-9a-z]'", '--format', 'csv'],
      ['call', 'list', '--last', '100w', '--status', '4xx', '--format', 'json'],
      ['call', 'stats', '--format', 'json'],
      ['call', 'show', '--latest', '--format', 'json'],
      ['call', 'show', ...callIds, '--format', 'text'],
      ['report', 'list', '--format', 'json'],
    ]) {
      const [one, other] = await Promise.all([sipcap([...command, '--db', db]), sipcap([...command, '--db', `sqlite:${at('same.db')}`])]);
      expect([command, one.code, one.stdout]).toEqual([command, other.code, other.stdout]);
    }
  });

  test('the same file twice, then by two processes at once: rows = messages', async () => {
    const capture = (...more: string[]) => sipcap(['capture', 'mirror', '-r', at('big.pcap'), '--db', db, '--summary', 'json', ...more]);
    const once = await capture();
    expect([once.code, summary(once).accounting_errors, sum(await rows())]).toEqual([0, [], MESSAGES]);
    const shards = (summary(once).sinks as unknown as { shards: Record<string, { written: number }> }[])[0].shards;
    expect(Object.values(shards).map(({ written }) => written)).toEqual(await rows());
    for (const n of await rows()) expect(n).toBeGreaterThan(MESSAGES / 3);
    const again = await capture();
    expect([again.code, sum(await rows())]).toEqual([0, MESSAGES]);
    // Stored completely once more, by two at once.
    const both = await Promise.all([capture('--again'), capture('--again')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(sum(await rows(' FINAL'))).toBe(MESSAGES);
  }, 120_000);

  test('a shard that is away: the answer is partial, on standard error, in JSON and by its exit code', async () => {
    await sipcap(['capture', 'mirror', '-r', at('big.pcap'), '--db', db, '--summary', 'none', '--count', '2000']);
    const whole = (await sipcap(['call', 'list', '--db', db, '--format', 'json'])).stdout.trim().split('\n');
    await servers[1].kill();
    try {
      const ended = await sipcap(['call', 'list', '--db', db, '--format', 'json']);
      expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining(`partial result, shard ${servers[1].place} is missing:`)]);
      const lines = ended.stdout.trim().split('\n');
      expect(JSON.parse(lines.pop()!)).toEqual({ missing_shards: [servers[1].place] });
      expect(lines.length).toBeGreaterThan(whole.length / 3);
      expect(lines.length).toBeLessThan(whole.length);
      for (const line of lines) expect(whole).toContain(line);
      const status = await sipcap(['db', 'status', '--db', db, '--format', 'json']);
      expect([status.code, JSON.parse(status.stdout)]).toMatchObject([4, { missing_shards: [servers[1].place], shards: { length: 1 } }]);
    } finally {
      await servers[1].start();
    }
    expect((await sipcap(['call', 'list', '--db', db, '--format', 'json'])).stdout.trim().split('\n')).toEqual(whole);
  }, 60_000);

  test('a shard away while listening delays only its messages, which its spool keeps', async () => {
    const port = await freePort();
    const running = start(['hep', 'listen', `hep_tcp:127.0.0.1:${port}`, '--db', db, '--spool', at('spool'), '--summary', 'json']);
    const shards = `storing in 2 shards: ${servers[0].place}; ${servers[1].place}`;
    await until(() => running.logged().includes('listening') && running.logged().includes(shards), 'the listener');
    await servers[1].kill();
    const packets = (sipMessages(600) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
    const socket = connect(port, '127.0.0.1');
    socket.end(Buffer.concat(packets));
    await once(socket, 'close');
    await until(
      async () => (await rowsOf(servers[0])) > 0 && running.logged().includes(`shard ${servers[1].place}: database unavailable`),
      'the live shard',
    );
    await servers[1].start();
    await until(async () => sum(await rows(' FINAL')) === packets.length, 'all rows', 30_000);
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([ended.code, summary(ended).accounting_errors, sum(await rows(' FINAL'))]).toEqual([0, [], packets.length]);
  }, 60_000);

  test('more tables of the same time than connections are read to the end', async () => {
    await sipcap(['capture', 'mirror', '-r', at('big.pcap'), '--db', db, '--summary', 'none', '--count', '2000']);
    const list = ['call', 'list', '--db', db, '--since', '2000-01-01 00:00:00', '--format', 'json', '--tz', 'UTC'];
    const whole = (await sipcap(list)).stdout;
    expect(whole.split('\n').length).toBeGreaterThan(200);
    for (let i = 0; i < 12; i++)
      await Promise.all(
        servers.map(async (server) => {
          await server.query(`CREATE TABLE sip_capture_${i} AS sip_capture`);
          await server.query(`INSERT INTO sip_capture_${i} SELECT * FROM sip_capture`);
        }),
      );
    const ended = await sipcap(list);
    expect([ended.code, ended.stdout]).toEqual([0, whole]);
  }, 60_000);

  test('init, status, prune and --explain work on every shard', async () => {
    const init = await sipcap(['db', 'init', '--db', db]);
    expect(init.stdout).toBe(
      `${servers.map(({ place }) => `${place}:\nsip_capture: created\nrtcp_capture: created\n`).join('')}${db.replace(':capture', ':***')} is ready\n`,
    );
    await sipcap(['capture', 'mirror', '-r', at('big.pcap'), '--db', db, '--summary', 'none']);
    const explained = await sipcap(['call', 'list', '--db', db, '--from-user', 'x', '--explain']);
    for (const { place } of servers) expect(explained.stdout).toContain(`shard ${place}:\nSELECT `);
    expect(explained.stdout).toContain('no EXPLAIN on this server (18.16)');
    const pruned = await sipcap(['db', 'prune', '--db', db, '--keep-size', '1']);
    const gone = [...pruned.stdout.matchAll(/: dropped partition p\d{8} of sip_capture, ([\d,]+) rows/g)].map(([, n]) =>
      Number(n.replace(/,/g, '')),
    );
    expect([pruned.code, sum(gone), sum(await rows())]).toEqual([0, MESSAGES, 0]);
    expect((await sipcap(['db', 'init', '--db', db, '--partition', 'hour'])).stderr).toContain(
      'ClickHouse tables are always partitioned by day',
    );
  }, 60_000);
});
