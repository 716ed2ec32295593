/**
 * Homer 7 at length: all shared captures pass the checks of the pages; calls move to another store and back; `serve` by YAML and by
 * an OpenSIPS script; kills of the server and of the program with rows that are refused, also with the daily tables of Homer 5.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { freePort } from '../rigs/free-port.js';
import { portOf } from '../rigs/hep-receivers.js';
import { HOMER7_SOUND, homer7Check } from '../rigs/homer7-check.js';
import { makeServer, serversInstalled, type PrivateServer, query } from '../rigs/private-server.js';
import { marked, sendUdp, serveIn, stop } from '../rigs/serving.js';
import { killAll, sipcap, start, summary, temporaryFolder, type Running } from '../rigs/sipcap.js';

const maker = databaseMakers().find(({ kind }) => kind === 'postgresql');
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const CAPTURES = resolve(import.meta.dirname, '../../../shared/captures');
afterEach(killAll);
afterAll(() => folder.remove());

async function withDatabase(work: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await maker!.make();
  try {
    await work(database);
  } finally {
    await database.drop();
  }
}

const TABLES = ['1_call', '1_registration', '1_default', '5_default', '35_default', '54_default', '100_default'];
const ALL_ROWS = TABLES.map((name) => `SELECT sid, raw FROM hep_proto_${name}`).join(' UNION ALL ');
const countOf = async (database: TestDatabase) => Number((await database.query(`SELECT count(*) AS n FROM (${ALL_ROWS}) x`))[0].n);

if (maker === undefined) test.skip('SIPCAP_TEST_POSTGRES names a server', () => {});
else {
  const captures = ['files', 'senders']
    .map((name) => join(CAPTURES, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .filter((path) => /\.pcap(ng)?$/.test(path));
  if (captures.length === 0) test.skip(`no captures in ${CAPTURES}`, () => {});
  else
    test(
      'all shared captures: every message is stored, and the pages could read each row',
      () =>
        withDatabase(async (database) => {
          const ended = await sipcap(['capture', 'mirror', ...captures, '--db', database.url, '--shape', 'homer7', '--summary', 'json']);
          const { messages, sinks, accounting_errors: broken } = summary(ended);
          expect(messages.delivered).toBeGreaterThan(10_000);
          expect([sinks[0].written, sinks[0].refused, broken]).toEqual([messages.delivered, 0, []]);
          expect(await countOf(database)).toBe(messages.delivered);
          expect(homer7Check(database.url)).toEqual(HOMER7_SOUND);
        }),
      300_000,
    );

  test(
    'calls move to another store as HEP, and back into Homer 7 as a capture',
    () =>
      withDatabase(async (database) => {
        const list = async (...from: string[]) => (await sipcap(['call', 'list', ...from, '--format', 'json'])).stdout;
        expect((await sipcap(['capture', 'mirror', 'samples/sample.pcap', '--db', database.url, '--shape', 'homer7'])).code).toBe(0);
        const expected = await list('samples/sample.pcap');
        expect(await list('--db', database.url)).toBe(expected);
        for (const format of ['hep', 'pcap']) {
          const path = at(`calls.${format}`);
          expect(
            (await sipcap(['call', 'export', '--db', database.url, '--since', '2026-01-01', '--format', format, '-w', path])).code,
          ).toBe(0);
        }
        const other = `sqlite:${at('other.db')}`;
        const listener = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', other, '--summary', 'json']);
        const target = `hep_tcp:127.0.0.1:${await portOf(listener, 'tcp')}`;
        expect((await sipcap(['hep', 'relay', '--from', at('calls.hep'), '--to', target])).code).toBe(0);
        listener.child.kill('SIGTERM');
        expect(summary(await listener.ended).sinks[0].written).toBe(22);
        // The node's name is what a relay adds.
        const calls = (text: string) => text.replace(/"(?:node|nodes)":(?:"[^"]*"|\[[^\]]*\])/g, '');
        expect(calls(await list('--db', other))).toBe(calls(expected));
        await database.query('TRUNCATE hep_proto_1_call, hep_proto_1_registration, hep_proto_1_default');
        expect((await sipcap(['capture', 'mirror', at('calls.pcap'), '--db', database.url])).code).toBe(0);
        expect(await list('--db', database.url)).toBe(expected);
        expect(homer7Check(database.url)).toEqual(HOMER7_SOUND);
      }),
    120_000,
  );

  const packets = (sipMessages(200) as Buffer[]).map((message, i) => hep3(marked(message, `number ${i}`), i) as Buffer);
  test.each([
    [
      'homer.yaml',
      (port: number, url: string) => `socket: [hep_udp:127.0.0.1:${port}]\ndb_url: "${url}"\ntable_shape: homer7\npartition_ahead: 1d\n`,
    ],
    [
      'homer.cfg',
      (port: number, url: string) =>
        [
          `socket=hep_udp:127.0.0.1:${port}`,
          'loadmodule "proto_hep.so"',
          'loadmodule "sipcapture.so"',
          `modparam("sipcapture", "db_url", "${url}")`,
          'modparam("sipcapture", "capture_on", 1)',
          'modparam("sipcapture", "hep_capture_on", 1)',
          'modparam("sipcap", "table_shape", "homer7")',
          'route { sip_capture(); exit; }',
          'onreply_route { sip_capture(); exit; }',
        ].join('\n'),
    ],
  ])(
    '%s: HEP is stored, and the pages could read it',
    (name, text) =>
      withDatabase(async (database) => {
        const port = await freePort();
        const running = await serveIn(folder.path, name, text(port, database.url));
        await sendUdp(port, packets);
        await within(async () => (await countOf(database).catch(() => 0)) === packets.length, 'all rows');
        expect((await stop(running)).code).toBe(0);
        expect(homer7Check(database.url)).toEqual(HOMER7_SOUND);
      }),
    180_000,
  );
}

const COUNT = 2000;
const REFUSED = COUNT / 50;
const numbered = (sipMessages(COUNT) as Buffer[]).map(
  (message, i) => hep3(marked(message, `${i}${i % 50 === 7 ? '\r\nX-Reject: yes' : ''} end`), i) as Buffer,
);
const numberOf = (text: string) => Number(/X-Mark: (\d+)/.exec(text)![1]);

describe.each([
  ['homer7', 'postgresql'],
  ['homer5-split', 'mysql'],
] as const)('%s', (shape, kind) => {
  if (!serversInstalled().includes(kind)) {
    test.skip(`${kind} is installed`, () => {});
    return;
  }
  const isHomer7 = shape === 'homer7';
  // The times of these messages are old: live, the day of arrival counts.
  const SPLIT = `sip_capture_call_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
  const stored = async ({ url }: PrivateServer) => {
    const sql = isHomer7 ? `SELECT raw AS msg FROM (${ALL_ROWS}) x` : `SELECT msg FROM ${SPLIT}`;
    return (await query(url, sql).catch(() => [])).map(({ msg }) => numberOf(String(msg)));
  };
  const refuse = (server: PrivateServer) =>
    query(
      server.url,
      isHomer7
        ? "ALTER TABLE hep_proto_1_call ADD CONSTRAINT no_reject CHECK (raw NOT LIKE '%X-Reject%')"
        : `CREATE TRIGGER no_reject BEFORE INSERT ON ${SPLIT} FOR EACH ROW IF NEW.msg LIKE '%X-Reject%' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF`,
    );
  const accept = (server: PrivateServer) =>
    query(server.url, isHomer7 ? 'ALTER TABLE hep_proto_1_call DROP CONSTRAINT no_reject' : 'DROP TRIGGER no_reject');

  function send(port: number, from: number, to: number): Promise<void> {
    return new Promise((done, fail) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', fail).on('close', () => done());
      socket.end(Buffer.concat(numbered.slice(from, to)));
    });
  }

  test('server and program killed with SIGKILL: each message is stored or in the quarantine once, and can be imported from there', async () => {
    const server = await makeServer(kind);
    const [spool, quarantine] = [at(`spool-${shape}`), at(`quarantine-${shape}`)];
    const listen = (): Running =>
      start([
        ...['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', server.url, '--shape', shape, '--spool', spool],
        ...['--quarantine', quarantine, '--batch-rows', '100', '--summary', 'json'],
      ]);
    const atLeast = (count: number) => within(async () => (await stored(server)).length >= count, `${count} rows`);
    /** What was received is on disk a second later; more on a busy machine. */
    const settled = () => new Promise((resume) => setTimeout(resume, 4000));
    try {
      let running = listen();
      await send(await portOf(running, 'tcp'), 8, 57);
      await atLeast(49);
      await refuse(server);
      const port = await portOf(running, 'tcp');
      await send(port, 57, 500);
      await atLeast(300);
      const sending = send(port, 500, 1000);
      await server.kill();
      await sending;
      await send(port, 1000, 1300);
      await within(async () => running.logged().includes('spooling rows'), 'spool');
      await settled();
      running.child.kill('SIGKILL');
      await running.ended;
      running = listen();
      await send(await portOf(running, 'tcp'), 1300, 1600);
      await server.start();
      await send(await portOf(running, 'tcp'), 1600, COUNT);
      await send(await portOf(running, 'tcp'), 0, 8);
      await settled();
      running.child.kill('SIGKILL');
      await running.ended;
      running = listen();
      // A signal during its start would end it without sums.
      await portOf(running, 'tcp');
      await atLeast(COUNT - REFUSED);
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      expect([ended.code, summary(ended).accounting_errors]).toEqual([0, []]);
      const rejected = () =>
        [quarantine, `${quarantine}.rejected`]
          .filter((path) => existsSync(path))
          .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))
          .map((line) => numberOf(JSON.stringify(JSON.parse(line)).includes('"base64"') ? decoded(line) : line));
      const inTable = await stored(server);
      const kept = rejected();
      expect([inTable.length, new Set(inTable).size]).toEqual([inTable.length, inTable.length]);
      expect([...new Set([...inTable, ...kept])].length).toBe(COUNT);
      expect(kept.filter((number) => number % 50 !== 7 || inTable.includes(number))).toEqual([]);
      // A kill between the file and the commit writes a row to the quarantine again; an import stores it once more.
      writeFileSync(
        quarantine,
        [...new Set(readFileSync(quarantine, 'utf8').split('\n').slice(0, -1))].map((line) => `${line}\n`).join(''),
      );
      await accept(server);
      const url = `${server.url}?shape=${shape}`;
      const imported = await sipcap(['db', 'import-quarantine', quarantine, '--db', url]);
      expect(imported.stdout).toBe(`${new Set(kept).size} rows stored, 0 rejected, 0 unreadable lines\n`);
      const all = await stored(server);
      expect([all.length, new Set(all).size]).toEqual([COUNT, COUNT]);
      if (isHomer7) expect(homer7Check(server.url)).toEqual(HOMER7_SOUND);
    } finally {
      killAll();
      await server.remove();
    }
  }, 240_000);
});

/** By the clock: each condition is a query. */
async function within(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 60_000; !(await condition());) {
    if (Date.now() > end) throw new Error(`no ${what} within a minute`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** The message of a quarantined row whose bytes are in base64. */
function decoded(line: string): string {
  const { row } = JSON.parse(line) as { row: Record<string, unknown> };
  return Object.values(row)
    .map((value) =>
      typeof value === 'object' && value !== null ? Buffer.from((value as { base64: string }).base64, 'base64').toString() : '',
    )
    .join('');
}
