/** What concerns several shards of ClickHouse besides storing and reading: adding one, reloads, processes, quarantine; and TLS. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { hep3, pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { IdentityWriter } from '../../src/lib/hep/index.js';
import { makeCertificates } from '../rigs/authority.js';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../rigs/clickhouse.js';
import { freePort } from '../rigs/free-port.js';
import { portOf } from '../rigs/hep-receivers.js';
import { serveIn, stop } from '../rigs/serving.js';
import { killAll, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const MESSAGES = 700;
const messages = sipMessages(MESSAGES) as Buffer[];
const packets = messages.map((message, i) => new IdentityWriter().appended(hep3(message, i) as Buffer, 77n, i + 1)!);

afterAll(() => {
  killAll();
  folder.remove();
});

async function send(port: number, sent: readonly Buffer[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.end(Buffer.concat(sent));
  await once(socket, 'close');
}

(clickhouseInstalled() ? describe : describe.skip)('shards', () => {
  let servers: ClickhouseServer[];
  const urlOf = (some: readonly ClickhouseServer[]) => `clickhouse://sipcap:capture@${some.map(({ place }) => place).join(';')}/sipcap`;

  beforeAll(async () => {
    makeCertificates(folder.path, 'IP:127.0.0.1');
    const tls = { cert: at('server.crt'), key: at('server.key') };
    servers = await Promise.all([makeClickhouse({ tls }), makeClickhouse()]);
    writeFileSync(at('calls.pcap'), pcapFile(messages) as Buffer);
  }, 60_000);

  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  afterEach(async () => {
    for (const server of servers)
      for (const { name } of await server.query("SELECT name FROM system.tables WHERE database = 'sipcap'"))
        await server.query(`DROP TABLE sipcap.${String(name)}`);
  });

  const rows = (table = 'sip_capture') =>
    Promise.all(
      servers.map(async (server) => {
        const found = await server.query(`SELECT 1 AS one FROM system.tables WHERE database = 'sipcap' AND name = '${table}'`);
        return found.length === 0 ? 0 : Number((await server.query(`SELECT count() AS n FROM ${table} FINAL`))[0].n);
      }),
    );
  const total = async () => (await rows()).reduce((sum, n) => sum + n, 0);
  const listed = async (db: string) => {
    const ended = await sipcap(['call', 'list', '--db', db, '--format', 'json']);
    expect(ended.code).toBe(0);
    return ended.stdout.trim().split('\n').sort();
  };

  test('after a shard was added, messages that are stored again elsewhere are in answers once', async () => {
    const mirror = (db: string, more: string[] = []) =>
      sipcap(['capture', 'mirror', '-r', at('calls.pcap'), '--db', db, '--summary', 'none', ...more]);
    const [one, both] = [urlOf(servers.slice(0, 1)), urlOf(servers)];
    await mirror(one);
    const before = await listed(one);
    expect((await mirror(both)).code).toBe(0);
    const counts = await rows();
    expect(counts[0]).toBe(MESSAGES);
    // Those of calls that belong to the new shard now are in both.
    expect(counts[1]).toBeGreaterThan(MESSAGES / 4);
    expect(await listed(both)).toEqual(before);
    const callId = (JSON.parse(before[0]) as { callid: string }).callid;
    const shown = await Promise.all([one, both].map((db) => sipcap(['call', 'show', callId, '--db', db, '--format', 'json'])));
    expect(shown[1].stdout).toBe(shown[0].stdout);
  }, 60_000);

  test('a reload of serve with another shard: what comes afterwards is in both, nothing is lost', async () => {
    const port = await freePort();
    const config = (some: readonly ClickhouseServer[]) =>
      `socket: [hep_tcp:127.0.0.1:${port}]\ndb_url: clickhouse://sipcap:capture@/sipcap\nshards: [${some.map(({ place }) => `[${place}]`).join(', ')}]\nspool: {directory: ${at('spool')}}\n`;
    const running = await serveIn(folder.path, 'serve.yaml', config(servers.slice(0, 1)));
    await send(port, packets.slice(0, 350));
    await until(async () => (await total()) === 350, 'the first half', 30_000);
    writeFileSync(at('serve.yaml'), config(servers));
    running.child.kill('SIGHUP');
    await until(() => running.logged().includes('configuration reloaded'), `a reload: ${running.logged()}`, 30_000);
    await send(port, packets.slice(350));
    await until(async () => (await total()) === MESSAGES, 'the second half', 30_000);
    expect((await rows())[1]).toBeGreaterThan(50);
    const { code, all } = await stop(running);
    expect([code, all.accounting_errors]).toEqual([0, []]);
  }, 60_000);

  describe('closed while a shard hangs with a batch in flight', () => {
    const FIRST = 100;
    const config = (name: string, port: number, spool = `spool: {directory: ${at(`spool-${name}`)}}\n`) =>
      `socket: [hep_tcp:127.0.0.1:${port}]\ndb_url: ${urlOf(servers)}\ndrain_deadline: 3s\n${spool}`;
    const sums = ({ all, code }: Awaited<ReturnType<typeof stop>>) => {
      const sum = (what: 'written' | 'waiting' | 'lost') => all.sinks.reduce((total, sink) => total + sink[what], 0);
      const reasons = all.sinks.map((sink) => (sink as { reasons?: Record<string, number> }).reasons ?? {});
      return { code, errors: all.accounting_errors, written: sum('written'), waiting: sum('waiting'), lost: sum('lost'), reasons };
    };
    /** Everything is received, the first messages are stored, and what comes after them is in flight. */
    const hanging = async (name: string, text: string, port: number) => {
      const running = await serveIn(folder.path, `${name}.yaml`, text);
      await send(port, packets.slice(0, FIRST));
      await until(async () => (await total()) === FIRST, 'the first messages', 30_000);
      for (const server of servers) server.freeze();
      await send(port, packets.slice(FIRST));
      return running;
    };
    const left = MESSAGES - FIRST;

    afterEach(() => {
      for (const server of servers) server.thaw();
    });

    test('with a spool: nothing is lost, and the next start stores it once', async () => {
      const port = await freePort();
      const ended = await stop(await hanging('stopped', config('stopped', port), port));
      expect(sums(ended)).toEqual({ code: 4, errors: [], written: FIRST, waiting: left, lost: 0, reasons: [{}] });
      for (const server of servers) server.thaw();
      const next = await serveIn(folder.path, 'stopped.yaml', config('stopped', port));
      await until(async () => (await total()) === MESSAGES, 'the rest', 30_000);
      await until(() => next.logged().includes('the spool is empty'), `the end of the backlog: ${next.logged()}`, 30_000);
      expect(sums(await stop(next))).toMatchObject({ code: 0, errors: [], written: left, waiting: 0, lost: 0 });
      expect(await total()).toBe(MESSAGES);
    }, 60_000);

    test('with a spool, at a reload: the output that takes its place stores it once', async () => {
      const port = await freePort();
      const running = await hanging('changed', config('changed', port), port);
      writeFileSync(at('changed.yaml'), `${config('changed', port)}max_async_queries: 50\n`);
      running.child.kill('SIGHUP');
      await until(() => running.logged().includes('configuration reloaded'), `the reload: ${running.logged()}`, 30_000);
      for (const server of servers) server.thaw();
      await until(async () => (await total()) === MESSAGES, 'the rest', 30_000);
      expect(sums(await stop(running))).toMatchObject({ code: 0, errors: [], written: MESSAGES, waiting: 0, lost: 0 });
      expect(await total()).toBe(MESSAGES);
    }, 60_000);

    test('without one it is counted as lost, once, with the reason', async () => {
      const port = await freePort();
      const ended = await stop(await hanging('unspooled', config('unspooled', port, ''), port));
      const reasons = [{ drain_deadline: left }];
      expect(sums(ended)).toEqual({ code: 4, errors: [], written: FIRST, waiting: 0, lost: left, reasons });
    }, 60_000);
  });

  test('two processes into two shards: each message once, its call in one shard', async () => {
    const running = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', urlOf(servers), '--processes', '2', '--summary', 'json']);
    const port = await portOf(running, 'tcp', 30_000);
    await Promise.all([send(port, packets.slice(0, 400)), send(port, packets.slice(400))]);
    await until(async () => (await total()) === MESSAGES, 'all rows', 30_000);
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([ended.code, summary(ended).accounting_errors, summary(ended).sinks[0].written]).toEqual([0, [], MESSAGES]);
    const [first, second] = await Promise.all(servers.map((server) => server.query('SELECT DISTINCT callid FROM sip_capture')));
    const known = new Set(first.map(({ callid }) => callid));
    expect([known.size > 10, second.length > 10, second.filter(({ callid }) => known.has(callid))]).toEqual([true, true, []]);
  }, 60_000);

  test('db import-quarantine stores each row in the shard of its call, what is rejected stays importable', async () => {
    const record = (i: number, date = '2023-11-14 22:13:20') =>
      `${JSON.stringify({ table: 'sip_capture', error: 'refused', row: { date, micro_ts: 1_700_000_000_000_000 + i, callid: `call-${i}`, method: 'INVITE', msg: { base64: 'gP8=' }, stream: '9', sequence: i + 1 } })}\n`;
    const db = urlOf(servers);
    await sipcap(['db', 'init', '--db', db]);
    writeFileSync(
      at('q'),
      `${Array.from({ length: 60 }, (_, i) => record(i, i % 20 === 3 ? '2023-13-40 00:00:00' : undefined)).join('')}no JSON\n`,
    );
    const imported = await sipcap(['db', 'import-quarantine', at('q'), '--db', db]);
    expect([imported.code, imported.stdout]).toEqual([3, `57 rows stored, 3 rejected, 1 unreadable lines (${at('q.rejected')})\n`]);
    const rejected = execFileSync('cat', [at('q.rejected')], { encoding: 'utf8' });
    expect([...rejected.matchAll(/call-\d+/g)].map(([name]) => name).sort()).toEqual(['call-23', 'call-3', 'call-43']);
    const counts = await rows();
    expect([counts[0] + counts[1], counts[0] > 10, counts[1] > 10]).toEqual([57, true, true]);
    // Where the messages of these calls would be stored.
    const shard = (callid: string) => execFileSync('md5sum', { input: callid, encoding: 'utf8' }).slice(0, 8);
    for (const [i, server] of servers.entries())
      for (const { callid } of await server.query('SELECT callid FROM sip_capture LIMIT 5'))
        expect([callid, parseInt(shard(String(callid)), 16) % 2]).toEqual([callid, i]);
    expect((await sipcap(['db', 'import-quarantine', at('q'), '--db', db])).stdout).toMatch(
      /^0 rows stored, 0 rejected, 0 unreadable lines, [\d,]+ bytes imported before; rows rejected then are in /,
    );
    expect(await total()).toBe(57);
  }, 60_000);

  test('plain views are read like tables', async () => {
    await sipcap(['capture', 'mirror', '-r', at('calls.pcap'), '--db', servers[0].url, '--summary', 'none']);
    await servers[0].query('CREATE VIEW calls_view AS SELECT * FROM sip_capture');
    for (const more of [[], ['--method', 'INVITE'], ['--since', '2000-01-01 00:00:00']]) {
      const list = (table: string) => sipcap(['call', 'list', '--db', servers[0].url, '--table', table, '--format', 'json', ...more]);
      const [table, view] = await Promise.all([list('sip_capture'), list('calls_view')]);
      expect([view.code, view.stderr, view.stdout]).toEqual([0, '', table.stdout]);
      expect(view.stdout.split('\n').length).toBeGreaterThan(50);
    }
  }, 60_000);

  test('clickhouses:// verifies the certificate; another authority and another name are refused, and named', async () => {
    const [, port] = servers[0].tlsPlace.split(':');
    const store = (place: string, ca?: string) =>
      sipcap([
        'capture',
        'mirror',
        '-r',
        at('calls.pcap'),
        '--db',
        `clickhouses://sipcap:capture@${place}/sipcap${ca === undefined ? '' : `?sslrootcert=${at(ca)}`}`,
        '--summary',
        'json',
      ]);
    const stored = await store(`127.0.0.1:${port}`, 'ca.crt');
    expect([stored.code, summary(stored).sinks[0].written, (await rows())[0]]).toEqual([0, MESSAGES, MESSAGES]);
    const read = await sipcap([
      'call',
      'list',
      '--db',
      `clickhouses://sipcap:capture@127.0.0.1:${port}/sipcap?sslrootcert=${at('ca.crt')}`,
    ]);
    expect(read.code).toBe(0);
    for (const [place, ca, reason] of [
      [`127.0.0.1:${port}`, 'other.crt', 'its certificate is not signed by a trusted authority'],
      [`127.0.0.1:${port}`, undefined, 'its certificate is not signed by a trusted authority'],
      [`localhost:${port}`, 'ca.crt', 'its certificate is for other names'],
      [servers[0].place, 'ca.crt', /it is not using TLS|no answer in time; is it using TLS\?/],
    ] as const) {
      const ended = await store(place, ca);
      expect([ended.code, ended.stderr]).toEqual([4, expect.stringMatching(reason)]);
    }
  }, 120_000);
});
