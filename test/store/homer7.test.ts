/** Tables of Homer 7: created, filled, shared with another writer, pruned and read, in a real PostgreSQL. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { processEnvironment, silentLog, systemClock, type Message, type SipFields } from '../../src/lib/base/index.js';
import { Maintenance } from '../../src/lib/node/maintenance.js';
import { MessageReader, findReports } from '../../src/lib/store/read/index.js';
import { inventory, loadStore, partitionsAhead, retain } from '../../src/lib/store/index.js';
import { missingRange, type Range } from '../../src/lib/store/sql/partition-steps.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { BatchRows } from '../../src/lib/sink/batch/batch-rows.js';
import { MessageRows } from '../../src/lib/pipeline/output/message-rows.js';
import { SipParser } from '../../src/lib/sip/index.js';
import { settingsIn } from '../config/load.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { hepMessage } from '../rigs/messages.js';
import { stream } from '../rigs/rows.js';
import { FOREIGN_HOMER7, foreignPartitions, foreignRow } from './homer7-foreign.js';

const maker = databaseMakers().find(({ kind }) => kind === 'postgresql');
/** 2023-11-14 22:13:20 UTC, in the partition from 22:00 on. */
const AT = 1_700_000_000_000_000;
const HOUR = 3_600_000_000;

function sip(method: string, callId: string, more: Partial<Message> = {}, headers: readonly string[] = []): Message {
  const [cseq, start] = /^\d/.test(method) ? ['INVITE', `SIP/2.0 ${method} OK`] : [method, `${method} sip:b@example.net SIP/2.0`];
  const head = [
    start,
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:bob@example.net>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${cseq}`,
    ...headers,
    'Content-Length: 0',
  ];
  const message = hepMessage({ capturedAt: AT, payload: Buffer.from(`${head.join('\r\n')}\r\n\r\n`), captureId: 7, ...more });
  if (message.payloadType === 1) message.sip = new SipParser().parse(message.payload) as SipFields;
  return message;
}

describe('the range of a new partition', () => {
  test('holds the time, overlaps nothing, and has the length in force', () => {
    const HOURS = 3600;
    expect(missingRange(HOURS * 5 + 1, [], 2 * HOURS)).toEqual({ from: 4 * HOURS, until: 6 * HOURS });
    const hourly: Range[] = [0, 1, 2].map((hour) => ({ from: hour * HOURS, until: (hour + 1) * HOURS }));
    expect(missingRange(HOURS * 5 + 1, hourly, 2 * HOURS)).toEqual({ from: 5 * HOURS, until: 6 * HOURS });
    expect(missingRange(HOURS * 3 + 1, [{ from: 2 * HOURS, until: 3 * HOURS + 300 }], 6 * HOURS)).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 287 }), { maxLength: 12 }), fc.integer({ min: 0, max: 86_399 }), (cuts, second) => {
        const points = [...new Set(cuts)].sort((a, b) => a - b).map((five) => five * 300);
        const existing = points.slice(1).flatMap((until, i) => (i % 3 === 2 ? [] : [{ from: points[i], until }]));
        const range = missingRange(second, existing, 7200);
        const holder = existing.find(({ from, until }) => from <= second && second < until);
        if (holder !== undefined) return range === null;
        return (
          range !== null &&
          range.from <= second &&
          second < range.until &&
          existing.every(({ from, until }) => until <= range.from || range.until <= from)
        );
      }),
    );
  });
});

if (maker === undefined) test.skip('SIPCAP_TEST_POSTGRES names a server', () => {});
else
  describe('in PostgreSQL', () => {
    let database: TestDatabase;
    let store: SqlStore;
    let sequence: number;

    beforeEach(async () => {
      database = await maker.make();
      sequence = 0;
      store = await loadStore(database.url);
    });

    afterEach(async () => {
      await store.close();
      await database.drop();
    });

    const rowsOf = (messages: readonly Message[], options: Partial<ConstructorParameters<typeof MessageRows>[0]> = {}) => {
      const rows = new MessageRows(
        {
          shape: 'homer7',
          table: 'sip_capture',
          reportTable: 'rtcp_capture',
          reportShape: 'homer5',
          captureNode: 'homer01',
          customFields: ['', '', ''],
          tableTime: 'packet',
          localDate: false,
          dataHeaders: [],
          alegHeaders: [],
          ...options,
        },
        systemClock,
        false,
      );
      const batch = new BatchRows();
      for (const message of messages) batch.add(message, rows);
      return batch;
    };
    const write = (messages: readonly Message[], options = {}) =>
      store.write(rowsOf(messages, options).closed([stream(++sequence, '')]).batch);
    const names = async (sql: string) => (await database.query(sql)).map((row) => Object.values(row).join(' '));
    const partitions = () =>
      names("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r' ORDER BY 1");

    test('each message in the table of its class, with members of the right types, ids that never meet, and all indexes', async () => {
      const reports = [5, 34, 35, 99, 54, 100].map((payloadType) =>
        hepMessage({
          capturedAt: AT,
          payloadType,
          correlationId: `r${payloadType}`,
          payload: Buffer.from('{"a":1}'),
          captureName: 'probe',
        }),
      );
      const messages = [
        ...['INVITE', 'NOTIFY', '200'].map((method) => sip(method, 'a')),
        sip('REGISTER', 'b'),
        ...['OPTIONS', 'SUBSCRIBE'].map((method) => sip(method, 'c')),
        sip('INVITE', ''),
      ];
      expect(await write([...messages, ...reports])).toEqual({ outcome: 'stored', refused: [] });
      expect(await names('SELECT id, sid FROM hep_proto_1_call ORDER BY id')).toEqual(['1 a', '4 a', '7 a']);
      expect(await names('SELECT id, sid FROM hep_proto_1_registration')).toEqual(['2 b']);
      expect(await names('SELECT id, sid FROM hep_proto_1_default ORDER BY id')).toEqual(['3 c', '6 c', '9 ']);
      expect(await names('SELECT sid FROM hep_proto_35_default ORDER BY sid')).toEqual(['r34', 'r35', 'r99']);
      for (const type of [5, 54, 100]) expect(await names(`SELECT sid FROM hep_proto_${type}_default`)).toEqual([`r${type}`]);
      const [row] = await database.query(
        'SELECT create_date::text AS at, protocol_header AS p, data_header AS d, raw FROM hep_proto_1_call ORDER BY id LIMIT 1',
      );
      expect(row.at).toBe('2023-11-14 22:13:20+00');
      expect(row.p).toEqual({
        srcIp: '127.0.0.1',
        dstIp: '127.0.0.2',
        srcPort: 5060,
        dstPort: 5080,
        protocol: 17,
        protocolFamily: 2,
        timeSeconds: 1_700_000_000,
        timeUseconds: 0,
        payloadType: 1,
        captureId: '7',
        correlation_id: 'a',
      });
      expect(row.d).toMatchObject({ method: 'INVITE', callid: 'a', cseq: '1 INVITE', from_user: 'alice', ruri_user: 'b', to_tag: '' });
      expect(Object.values(row.d as object).every((value) => typeof value === 'string')).toBe(true);
      expect(row.raw).toBe(messages[0].payload.toString());
      const [report] = await database.query('SELECT data_header AS d FROM hep_proto_5_default');
      expect(report.d).toEqual({ node: 'probe', proto: 'RTCP' });
      expect(await partitions()).toContain('hep_proto_1_call_20231114_2200');
      expect(await partitions()).toContain('hep_proto_5_default_20231114_1800');
      const counts = await names(
        "SELECT count(*) FROM pg_indexes WHERE tablename LIKE '%_20231114_%' GROUP BY tablename ORDER BY tablename",
      );
      expect(counts).toEqual(['5', '13', '13', '13', '5', '10', '5']);
    });

    test('NUL and invalid UTF-8 are replaced and counted; values that no index would take are cut', async () => {
      const odd = sip('INVITE', 'n\u0000ul', {}, ['User-Agent: "quoted\\" \u0001']);
      const bytes = Buffer.concat([sip('INVITE', 'bad').payload, Buffer.from([0xff, 0xfe])]);
      const long = sip('INVITE', 'x'.repeat(9000), {}, [`X-CID: ${'\u{1f600}'.repeat(4000)}`]);
      expect(await write([odd, sip('INVITE', 'bad', { payload: bytes }), long, sip('INVITE', 'fine')])).toEqual({
        outcome: 'stored',
        refused: [],
      });
      expect(Object.fromEntries(store.adjusted.entries())).toEqual({ replaced_raw: 2 });
      const rows = await database.query(
        "SELECT sid, raw, data_header->>'user_agent' AS agent, char_length(sid) AS width FROM hep_proto_1_call ORDER BY id",
      );
      expect(rows[1].raw).toContain('\ufffd\ufffd');
      expect(rows[0].agent).toBe('"quoted\\" \u0001');
      expect(rows[2].width).toBe(255);
    });

    test('correlation_id: the A leg that a header names, else the own Call-ID', async () => {
      await write(
        [
          sip('INVITE', 'a'),
          sip('INVITE', 'b1', {}, ['X-CID: a']),
          sip('INVITE', 'b2', {}, ['X-Leg: a']),
          sip('INVITE', 'b3', { correlationId: 'a' }),
        ],
        { alegHeaders: ['X-Leg'], dataHeaders: ['X-Leg'] },
      );
      expect(await names("SELECT sid, protocol_header->>'correlation_id' FROM hep_proto_1_call ORDER BY id")).toEqual([
        'a a',
        'b1 a',
        'b2 a',
        'b3 a',
      ]);
      expect(await names("SELECT data_header->>'X-Leg' FROM hep_proto_1_call WHERE sid = 'b2'")).toEqual(['a']);
      expect(() => rowsOf([], { dataHeaders: ['srcIp'] })).toThrow("header name 'srcIp' is a member of every Homer 7 row");
    });

    test('beside another writer: its partitions are used as they are, gaps between them are filled, dropped ones made again', async () => {
      await database.query(FOREIGN_HOMER7);
      await database.query(foreignPartitions('hep_proto_1_call', '2023-11-14', 1, 18, 20));
      await database.query(foreignPartitions('hep_proto_1_call', '2023-11-14', 1, 23, 24));
      // 18:13, 22:13, 23:13 and, where nobody has any, the next day.
      const at = (hours: number) => sip('INVITE', `at ${hours}`, { capturedAt: AT + hours * HOUR });
      expect(await write([at(-4), at(0), at(1), at(12)])).toEqual({ outcome: 'stored', refused: [] });
      const hourly = ['20231114_1800', '20231114_1900', '20231114_2200', '20231114_2300', '20231115_1000'];
      expect(await partitions()).toEqual(hourly.map((time) => `hep_proto_1_call_${time}`));
      // The other program says IF NOT EXISTS for all of them.
      await database.query(foreignPartitions('hep_proto_1_call', '2023-11-14', 1, 22, 24));
      await database.query(foreignRow('theirs', '2023-11-14 22:20:00.5', 'INVITE'));
      // It drops old ones while this program still knows them.
      await database.query('DROP TABLE hep_proto_1_call_20231114_2200');
      expect(await write([at(0), at(0.1)])).toEqual({ outcome: 'stored', refused: [] });
      expect(await names('SELECT sid FROM hep_proto_1_call_20231114_2200 ORDER BY id')).toEqual(['at 0', 'at 0.1']);
      // What the other made is left alone by retention unless named.
      const how = { keepSeconds: 3600, keepRows: Infinity, keepBytes: Infinity, dryRun: false, nowSeconds: AT / 1e6 + 13 * 3600 };
      expect(await retain(await store.connected(), { ...how, additional: [] })).toEqual([]);
      const steps = await retain(await store.connected(), { ...how, additional: ['hep_proto_1_call'] });
      expect(steps.map(({ what, partition }) => `${what} ${partition.slice(-13)}`)).toEqual(
        hourly.slice(0, 4).map((time) => `drop partition ${time}`),
      );
      expect(await partitions()).toEqual(['hep_proto_1_call_20231115_1000']);
    });

    test('bounds within a second, a default partition, far clocks: every row finds its place', async () => {
      await database.query(FOREIGN_HOMER7);
      await database.query(
        "CREATE TABLE odd PARTITION OF hep_proto_1_call FOR VALUES FROM ('2023-11-14 22:13:10.5+00') TO ('2023-11-14 22:13:20.25+00')",
      );
      await database.query('CREATE TABLE rest PARTITION OF hep_proto_1_registration DEFAULT');
      const at = (seconds: number) => sip('INVITE', `at ${seconds}`, { capturedAt: AT + seconds * 1e6 });
      const far = [1, 4_102_444_800, 4_294_967_295].map((second) => sip('INVITE', `far ${second}`, { capturedAt: second * 1e6 }));
      const messages = [...[-9.75, -9.25, 0, 0.125, 0.25, 0.5].map(at), ...far, sip('REGISTER', 'default')];
      expect(await write(messages)).toEqual({ outcome: 'stored', refused: [] });
      expect(await names('SELECT sid FROM odd ORDER BY create_date')).toEqual(['at -9.25', 'at 0', 'at 0.125']);
      expect(await names('SELECT sid FROM rest')).toEqual(['default']);
      const steps = ['19700101_0000', '20231114_2200', '20231114_2213', '21000101_0000', '21060207_0600'];
      expect(await partitions()).toEqual([...steps.map((step) => `hep_proto_1_call_${step}`), 'odd', 'rest']);
    });

    test('without the right to create partitions: reported once, and rows that have one are stored', async () => {
      await write([sip('INVITE', 'a')]);
      const role = `insert_${database.url.slice(-6)}`;
      await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
      await database.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
      await database.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
      const url = new URL(database.url);
      [url.username, url.password] = [role, 'x'];
      const warnings: string[] = [];
      const limited = await loadStore(url.href, { log: { ...silentLog, warn: (text) => void warnings.push(text) }, passesTables: true });
      try {
        const messages = [sip('INVITE', 'b'), sip('INVITE', 'none', { capturedAt: AT + 24 * HOUR }), sip('INVITE', 'c')];
        const { batch } = rowsOf(messages).closed([stream(1, '', 'limited')]);
        let outcome = await limited.write(batch);
        // Rows are tried one by one once a batch has failed for a while.
        for (let tries = 0; outcome.outcome !== 'stored' && tries < 60; tries++) {
          await sleep(100);
          outcome = await limited.write(batch);
        }
        expect(outcome).toMatchObject({ outcome: 'stored', refused: [{ row: 1 }] });
        expect(await names('SELECT sid FROM hep_proto_1_call ORDER BY id')).toEqual(expect.arrayContaining(['a', 'b', 'c']));
        expect(warnings.filter((text) => text.startsWith('cannot create a partition of hep_proto_1_call for 2023-11-15'))).toHaveLength(1);
      } finally {
        await limited.close();
        await database.query(`DROP OWNED BY ${role}`);
        await database.query(`DROP ROLE ${role}`);
      }
    });

    test('two writers of ours and one of another kind at once: each row once, no partition overlaps', async () => {
      await database.query(FOREIGN_HOMER7);
      const second = await loadStore(database.url);
      const work = [store, second].map(async (writer, w) => {
        for (let i = 0; i < 6; i++) {
          const messages = [0, 1, 2, 3].map((k) => sip('INVITE', `${w} ${i} ${k}`, { capturedAt: AT + (i * 2 + k) * HOUR }));
          const { batch } = rowsOf(messages).closed([stream(i + 1, '', `writer ${w}`)]);
          expect(await writer.write(batch)).toEqual({ outcome: 'stored', refused: [] });
        }
      });
      const others = (async () => {
        for (let hour = 0; hour < 12; hour += 2) {
          const made = database.query(foreignPartitions('hep_proto_1_call', '2023-11-15', 2, hour, hour + 2));
          // It logs errors of statements that lost a race, and goes on.
          await made.catch((error: Error) => expect(error.message).toMatch(/already exists|duplicate key|would overlap|deadlock/));
          await database.query(foreignRow(`theirs ${hour}`, `2023-11-15 ${String(hour).padStart(2, '0')}:30:00`, 'INVITE'));
        }
      })();
      await Promise.all([...work, others]);
      await second.close();
      const stored = await names('SELECT sid FROM hep_proto_1_call');
      expect(stored).toHaveLength(48 + 6);
      expect(new Set(stored).size).toBe(54);
    }, 60_000);

    test('serve creates the partitions of the next days, also in a database that is only recognised, as long as those there', async () => {
      await store.makeTable('homer7', 'hep_proto_5_default');
      await store.makeTable('homer7', 'hep_proto_1_call');
      const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
      await database.query(foreignPartitions('hep_proto_1_call', day(-2), 24));
      const maintenance = new Maintenance({ ...processEnvironment(), log: silentLog });
      maintenance.start(settingsIn('sipcap.yaml', `socket: hep_udp:127.0.0.1:9060\ndb_url: "${database.url}"\npartition_ahead: 1d\n`));
      maintenance.stop();
      await maintenance.settled();
      const made = (await partitions()).filter((name) => !name.includes(day(-2).replaceAll('-', '')));
      // Yesterday, today and tomorrow: of a day each, and where there was none as long as Homer's own.
      const calls = [-1, 0, 1].map((offset) => `hep_proto_1_call_${day(offset).replaceAll('-', '')}_0000`);
      expect(made.filter((name) => name.startsWith('hep_proto_1_call_'))).toEqual(calls);
      expect(made.filter((name) => name.startsWith('hep_proto_5_default_'))).toHaveLength(12);
    });

    test('retention by bounds and size takes the oldest partitions of all tables; status knows them', async () => {
      const hours = (method: string, ...list: number[]) => list.map((hour) => sip(method, 'x', { capturedAt: AT + hour * HOUR }));
      await write([...hours('INVITE', 0, 2, 4, 6), ...hours('REGISTER', 0, 2, 4, 6)]);
      const session = await store.connected();
      const nowSeconds = AT / 1e6 + 8 * 3600;
      const how = { keepSeconds: Infinity, keepRows: Infinity, keepBytes: Infinity, additional: [], dryRun: false, nowSeconds };
      const dropped = (steps: Awaited<ReturnType<typeof retain>>) => steps.map(({ partition }) => partition.replace('hep_proto_1_', ''));
      expect(dropped(await retain(session, { ...how, keepSeconds: 5 * 3600 }))).toEqual([
        'call_20231114_2200',
        'registration_20231114_2200',
      ]);
      // Partitions that were created in advance and stayed empty go with their time.
      await database.query(foreignPartitions('hep_proto_1_call', '2023-11-13', 2, 22));
      await database.query('TRUNCATE hep_proto_1_registration_20231115_0000');
      expect(dropped(await retain(session, { ...how, keepSeconds: 5 * 3600 }))).toEqual(['call_20231113_2200']);
      await write(hours('REGISTER', 2));
      expect(dropped(await retain(session, { ...how, keepRows: 4 }))).toEqual(['call_20231115_0000', 'registration_20231115_0000']);
      const tables = await inventory(session, { additional: [], count: true });
      expect(tables.map(({ table, shape, rows, partitions: { length } }) => [table, shape, rows, length])).toEqual([
        ['hep_proto_1_call', 'homer7', 2, 2],
        ['hep_proto_1_registration', 'homer7', 2, 2],
      ]);
      expect(tables[0].oldest).toBe('2023-11-15 02:13:20');
      await store.makeTable('homer7', 'hep_proto_5_default');
      await database.query("DELETE FROM sipcap_table WHERE name LIKE 'hep_proto_1_%'");
      await partitionsAhead(session, nowSeconds, 3600);
      const ahead = (await partitions()).filter((name) => name.startsWith('hep_proto_5_'));
      expect([ahead.length, ahead[0], ahead[7]]).toEqual([8, 'hep_proto_5_default_20231114_0000', 'hep_proto_5_default_20231115_1800']);
    });

    test('read again: messages of all tables in order, also those of another writer, and reports', async () => {
      const messages = [
        sip('INVITE', 'a', { captureName: 'edge' }),
        sip('REGISTER', 'b', { capturedAt: AT + 1 }),
        sip('OPTIONS', 'c', { capturedAt: AT + 2, correlationId: 'z' }),
      ];
      const report = hepMessage({ capturedAt: AT + 3, payloadType: 5, correlationId: 'a', payload: Buffer.from('{"x":1}') });
      await write([...messages, report]);
      await database.query(foreignPartitions('hep_proto_1_call', '2023-11-15', 2, 0, 2));
      await database.query(foreignRow('theirs', '2023-11-15 00:30:00.25', 'INVITE'));
      const reader = await MessageReader.open(database.url, { table: '', reportTable: '', log: silentLog, clock: systemClock });
      try {
        const found = async (condition: Parameters<typeof reader.messages>[0]['condition'], since: number | null = null) => {
          const all: Message[] = [];
          for await (const batch of reader.messages({ since, until: null, condition })) all.push(...batch);
          return all;
        };
        const [first, second, third, rtcp, theirs] = await found(null);
        expect([first, second, third].map(({ payload, capturedAt, correlationId }) => [payload, capturedAt, correlationId])).toEqual(
          messages.map(({ payload, capturedAt, correlationId }) => [payload, capturedAt, correlationId]),
        );
        expect([first.captureName, first.captureId, second.captureName, second.captureId]).toEqual(['edge', -1, '', 7]);
        expect(rtcp).toMatchObject({ payloadType: 5, correlationId: 'a', capturedAt: AT + 3 });
        expect(theirs).toMatchObject({ capturedAt: Date.parse('2023-11-15T00:30:00.25Z') * 1000, captureId: 2001, correlationId: '' });
        const ids = async (...asked: Parameters<typeof found>) =>
          (await found(...asked)).map(({ payload }) => /Call-ID: (.*)/.exec(String(payload))?.[1]);
        expect(await ids({ kind: 'is', field: 'fromUser', values: ['alice'] })).toEqual(['a', 'b', 'c']);
        // Members that the other does not write cannot exclude its rows.
        expect(await ids({ kind: 'is', field: 'fromDomain', values: ['example.com'] })).toEqual(['a', 'b', 'c', 'theirs']);
        expect(await ids({ kind: 'is', field: 'fromUser', values: ['foreign'] }, AT + HOUR)).toEqual(['theirs']);
        const [sql] = await reader.explain({ since: null, until: null, condition: { kind: 'is', field: 'fromUser', values: ['foreign'] } });
        expect(sql).toMatch(
          /WHERE \(create_date >= '2023-11-14 22:13:20' AND create_date <= '2023-11-15 00:30:01' AND \(data_header->>'from_user'\) = 'foreign'\)$/,
        );
        expect(await planOf(sql)).toMatch(/Index Scan .*_from_user/);
        expect((await reader.callIds({ since: null, until: null, condition: null }, 10))!.sort()).toEqual(['a', 'b', 'c', 'theirs']);
      } finally {
        await reader.close();
      }
      const filter = { correlationIds: ['a'], payloadType: -1, since: AT, until: null, limit: 10 };
      expect(await findReports(await store.connected(), '', filter)).toMatchObject([{ correlationId: 'a', payloadType: 5, node: '1' }]);
    });

    const planOf = async (sql: string) => {
      await database.query('SET enable_seqscan = off');
      return (await names(`EXPLAIN ${sql}`)).join('\n');
    };

    test("Homer's own queries: the planner takes the indexes by itself, and only partitions within the bounds", async () => {
      // 1,500 calls in the partition from 22:00 on, some more in the one before.
      const call = (i: number, hours: number) => {
        const more = { capturedAt: AT + hours * HOUR + i * 1_000_000, sourceAddress: `192.0.2.${i % 250}`, correlationId: `c${i}` };
        const from = `From: <sip:user${i}@example.com>;tag=1`;
        const messages = [sip('INVITE', `q${i}`, more), sip(i % 500 === 0 ? '486' : '200', `q${i}`, more)];
        for (const message of messages) {
          message.payload = Buffer.from(message.payload.toString().replace(/From: .*/, from));
          message.sip = new SipParser().parse(message.payload) as SipFields;
        }
        return messages;
      };
      const calls = (count: number, hours: number) => Array.from({ length: count }, (_, i) => call(i, hours)).flat();
      await write(calls(1500, 0));
      await write(calls(50, -2));
      for (const payloadType of [5, 100])
        await write(
          Array.from({ length: 1000 }, (_, i) =>
            hepMessage({ capturedAt: AT + i * 1000, payloadType, correlationId: `q${i}`, payload: Buffer.from('{}') }),
          ),
        );
      await database.query('ANALYZE');
      const within = "create_date BETWEEN '2023-11-14T22:00:00Z' AND '2023-11-14T23:00:00Z'";
      const all = `SELECT * FROM hep_proto_1_call WHERE ${within}`;
      const [{ id }] = await database.query("SELECT id FROM hep_proto_1_call WHERE sid = 'q7' ORDER BY create_date DESC LIMIT 1");
      const NONE = '';
      const cases: [string, number, string][] = [
        // Search: equal, several values, a part at the beginning.
        [`${all} AND (data_header->>'callid' = 'q7') LIMIT 200`, 2, 'callid'],
        [`${all} AND (data_header->>'callid' IN ('q7','q8')) LIMIT 200`, 4, 'callid'],
        [`${all} AND (data_header->>'from_user' = 'user7') LIMIT 200`, 2, 'from_user'],
        [`${all} AND (data_header->>'method' IN ('486','487')) LIMIT 200`, 3, 'method'],
        [`${all} AND (protocol_header->>'srcIp' = '192.0.2.9') LIMIT 200`, 12, 'srcip'],
        // The transaction, the legs of a call, a message, quality and logs.
        [`${all} AND sid = ANY(ARRAY['q7','q8'])`, 4, 'sid'],
        [`${all} AND protocol_header->>'correlation_id' = ANY(ARRAY['c7'])`, 2, 'correlation_id'],
        [
          `SELECT * FROM hep_proto_1_call WHERE id = ${String(id)} AND create_date BETWEEN '2023-11-14T22:13:26Z' AND '2023-11-14T22:13:28Z'`,
          1,
          'create_date',
        ],
        [`SELECT * FROM hep_proto_5_default WHERE sid IN ('q7') AND ${within}`, 1, 'sid'],
        [`SELECT * FROM hep_proto_100_default WHERE sid IN ('q7') AND ${within}`, 1, 'sid'],
        // No index helps these: they read the partitions within the bounds.
        [`${all} AND (data_header->>'from_user' LIKE '%ser7') LIMIT 200`, 2, NONE],
        [`${all} AND ((protocol_header->>'srcPort')::int = 5060) LIMIT 200`, 200, NONE],
        [`${all} AND (raw ILIKE '%call-id: q11__%') LIMIT 200`, 200, NONE],
        [`${all} AND (data_header->>'to_tag' = '') LIMIT 200`, 200, NONE],
      ];
      for (const [sql, rows, index] of cases) {
        expect([sql, (await database.query(sql)).length]).toEqual([sql, rows]);
        const plan = (await names(`EXPLAIN ${sql}`)).join('\n');
        expect(plan).not.toContain('_2000');
        const table = /hep_proto_\d+_\w+/.exec(sql)![0];
        const partition = `${table}_20231114_${table.includes('_5_') ? '1800' : '2200'}`;
        if (index === NONE) expect(plan).toContain(partition);
        else expect(plan).toMatch(new RegExp(`Index Scan (using|on) ${partition}_${index}\\b`));
      }
      // The same conditions from our own commands.
      const reader = await MessageReader.open(database.url, { table: '', reportTable: '', log: silentLog, clock: systemClock });
      try {
        const planned = async (condition: Parameters<typeof reader.explain>[0]['condition'], since: number | null = AT) => {
          const [sql] = await reader.explain({ since, until: since === null ? null : AT + HOUR, condition });
          return (await names(`EXPLAIN ${sql}`)).join('\n');
        };
        const is = (field: 'fromUser' | 'callId' | 'method', value: string) => ({ kind: 'is' as const, field, values: [value] });
        expect(await planned(is('fromUser', 'user7'))).toMatch(/Index Scan \w+ hep_proto_1_call_20231114_2200_from_user/);
        expect(await planned(is('callId', 'q7'))).toMatch(/Index Scan \w+ hep_proto_1_call_20231114_2200_sid/);
        expect(await planned(is('callId', 'q7'))).not.toContain('_2000');
        // Without a time: within the times that the table has.
        expect(await planned(is('callId', 'q7'), null)).toMatch(/_2000_sid[^]*_2200_sid/);
      } finally {
        await reader.close();
      }
    });

    test('stored again from the same file: only what is missing', async () => {
      const messages = [
        sip('INVITE', 'a'),
        sip('200', 'a', { capturedAt: AT + 5 }),
        sip('200', 'a', { capturedAt: AT + 5 }),
        sip('BYE', 'n\u0000'),
      ];
      await write(messages);
      const more = rowsOf([...messages, sip('200', 'a', { capturedAt: AT + 5, sourcePort: 5061 })]).closed([stream(++sequence, '')]).batch;
      for (const table of more.rows) table.compared = Array.from({ length: table.count }, (_, row) => ({ row, isMessage: true }));
      expect(await store.write(more)).toMatchObject({ outcome: 'stored', refused: [], present: { rows: 4, messages: 4 } });
      expect(await names('SELECT count(*) FROM hep_proto_1_call')).toEqual(['5']);
    });

    test('a row that a constraint of the table refuses is refused alone', async () => {
      await store.makeTable('homer7', 'hep_proto_1_call');
      await database.query("ALTER TABLE hep_proto_1_call ADD CONSTRAINT no_bad CHECK (sid <> 'bad')");
      expect(await write([sip('INVITE', 'a'), sip('INVITE', 'bad'), sip('INVITE', 'b')])).toMatchObject({
        outcome: 'stored',
        refused: [{ row: 1, table: 'hep_proto_1_call' }],
      });
      expect(await names('SELECT sid FROM hep_proto_1_call ORDER BY id')).toEqual(['a', 'b']);
    });
  });
