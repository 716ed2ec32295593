/** Messages read back from every database, whoever stored them: all of them, in order, in pages, by index if there is one. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Ledger, UsageError, silentLog, systemClock, type Message } from '../../src/lib/base/index.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { NO_FILTER, readFilter, type FilterOptions } from '../../src/lib/script/filter/index.js';
import { MessageReader, type MessageQuery } from '../../src/lib/store/read/index.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { FIRST_AT, callMessages, storeMessages } from '../rigs/stored-calls.js';

const ALL: MessageQuery = { since: null, until: null, condition: null };

/** Of one message: what a reader must give back as it was. */
function essence({
  capturedAt,
  sourceAddress,
  sourcePort,
  destinationAddress,
  destinationPort,
  payload,
  captureId,
  protocol,
  family,
}: Message) {
  return [
    capturedAt,
    sourceAddress,
    sourcePort,
    destinationAddress,
    destinationPort,
    payload.toString('latin1'),
    captureId,
    protocol,
    family,
  ];
}

async function gathered(batches: AsyncGenerator<Message[]>): Promise<Message[]> {
  const all: Message[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

function shuffled<T>(list: readonly T[]): T[] {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

for (const { kind, make } of databaseMakers())
  describe(`reading from ${kind}`, () => {
    let database: TestDatabase;
    let reader: MessageReader | null;

    beforeEach(async () => {
      database = await make();
      reader = null;
    });

    afterEach(async () => {
      await reader?.close();
      await database.drop();
    });

    const open = async (table = '') => (reader = await MessageReader.open(database.url, { table, log: silentLog, clock: systemClock }));

    test('all messages in time order, across pages, busy seconds and rows stored in any order', async () => {
      const calls = Array.from({ length: 1800 }, (_, i) =>
        callMessages({ callId: `call-${i}`, at: FIRST_AT + (i < 1000 ? i * 1000 : i * 1e6) }),
      );
      const messages = calls.flat();
      await storeMessages(database.url, shuffled(messages));
      const found = await gathered((await open()).messages(ALL));
      const wanted = [...messages].sort((a, b) => a.capturedAt - b.capturedAt);
      expect(found.map(({ capturedAt }) => capturedAt)).toEqual(wanted.map(({ capturedAt }) => capturedAt));
      expect(found.map(essence).map(String).sort()).toEqual(wanted.map(essence).map(String).sort());
      expect(found[0]).toMatchObject({ payloadType: 1, captureName: '', correlationId: '', sip: null, envelope: null });
    });

    test('by Call-ID, by user through many pages, and by time', async () => {
      const messages = Array.from({ length: 1200 }, (_, i) =>
        callMessages({ callId: `call-${i}`, at: FIRST_AT + i * 100_000, from: i % 2 === 0 ? 'even' : `odd${i}` }),
      ).flat();
      await storeMessages(database.url, messages);
      await open();
      const byCall = await gathered(
        reader!.messages({ ...ALL, condition: { kind: 'is', field: 'callId', values: ['call-7', 'call-1199'] } }),
      );
      expect(byCall.map(essence)).toEqual(
        messages.filter(({ payload }) => /Call-ID: call-(?:7|1199)\r/.test(payload.toString())).map(essence),
      );
      const byUser = await gathered(reader!.messages({ ...ALL, condition: { kind: 'is', field: 'fromUser', values: ['even'] } }));
      const even = messages.filter(({ payload }) => payload.includes('sip:even@')).sort((a, b) => a.capturedAt - b.capturedAt);
      expect(byUser.map(({ capturedAt }) => capturedAt)).toEqual(even.map(({ capturedAt }) => capturedAt));
      expect(new Set(byUser.map(essence).map(String)).size).toBe(even.length);
      const [since, until] = [FIRST_AT + 1_234_567, FIRST_AT + 60_000_000];
      const inTime = await gathered(reader!.messages({ since, until, condition: null }));
      expect(inTime.map(({ capturedAt }) => capturedAt)).toEqual(
        messages
          .map(({ capturedAt }) => capturedAt)
          .filter((at) => at >= since && at < until)
          .sort((a, b) => a - b),
      );
    });

    test('a filter in SQL finds the same as on the stream', async () => {
      const agents = ['Phone', 'friendly-scanner', 'x'.repeat(300)];
      const messages = Array.from({ length: 150 }, (_, i) =>
        callMessages({
          callId: i % 10 === 0 ? `Long-${'c'.repeat(280)}-${i}` : `Call-${i}@A`,
          at: FIRST_AT + i * 1e6,
          from: ['alice', 'Alice', '+49301234567', '030-1234567', 'ü'][i % 5],
          to: `${1000 + (i % 7)}`,
          status: [200, 486, 404][i % 3],
          agent: agents[i % agents.length],
        }),
      ).flat();
      await storeMessages(database.url, messages);
      await open();
      const asked: Partial<FilterOptions>[] = [
        { fromUser: ['alice'] },
        { fromUser: ['ü'] },
        { sipUser: ['1001', 'alice'], status: ['4xx'] },
        { number: ['+49 30 1234567'] },
        { callId: ['Call-3@A', `Long-${'c'.repeat(280)}-10`] },
        { method: ['invite'] },
        { reply: ['>=400'] },
        { ip: ['127.0.0.2'], method: ['ACK'] },
        { where: '$fU == "ALICE"' },
        { where: '$ci == "call-3@a"' },
        { where: '$rs >= 400 && $tU == "1003"' },
        { where: '$rm == "bye" || $rs == 404' },
        { where: `$ua == "${'x'.repeat(300)}"` },
        { where: '$ua =~ "^FRIENDLY" && $si == 127.0.0.1' },
        { where: '$tU == 1002' },
        { since: '@1700000010', until: '@1700000050' },
      ];
      const context = { clock: systemClock, log: silentLog, stderr: { write: () => true } };
      for (const options of asked) {
        const filter = readFilter({ ...NO_FILTER, ...options }, context)!;
        const passing = (list: Message[]) =>
          list.filter((message) => filter.passes(message, new MessagePreparer(new Ledger()))).map(essence);
        const bySql = await gathered(reader!.messages(filter.query));
        const wanted = passing(await gathered(reader!.messages(ALL)));
        expect({ options, count: wanted.length }).not.toEqual({ options, count: 0 });
        const digest = (list: unknown[][]) => createHash('sha256').update(list.map(String).sort().join('\n')).digest('hex');
        expect({ options, found: digest(passing(bySql)) }).toEqual({ options, found: digest(wanted) });
        // Whatever a database can evaluate is in its query.
        if (filter.rest.length === 0 && !/ü|c{200}/.test(JSON.stringify(options)))
          expect({ options, count: bySql.length }).toEqual({ options, count: wanted.length });
      }
    });

    test('dated tables are found automatically, and those of other times are skipped', async () => {
      const days = Array.from({ length: 4 }, (_, i) => callMessages({ callId: `day-${i}`, at: FIRST_AT + i * 86_400e6 })).flat();
      await storeMessages(database.url, shuffled(days), { table: 'sip_capture_%Y%m%d' });
      await storeMessages(database.url, callMessages({ callId: 'own', at: FIRST_AT + 3600e6 }), { table: 'calls' });
      await database.query('CREATE TABLE sip_capture_config (id INTEGER, name VARCHAR(10))');
      await open();
      expect([...reader!.tableNames].sort()).toEqual(['calls', ...['14', '15', '16', '17'].map((day) => `sip_capture_202311${day}`)]);
      const found = await gathered(reader!.messages(ALL));
      expect(found.map(({ capturedAt }) => capturedAt)).toEqual([...found.map(({ capturedAt }) => capturedAt)].sort((a, b) => a - b));
      expect(found).toHaveLength(30);
      const late = { since: FIRST_AT + 3 * 86_400e6 - 1, until: null, condition: null };
      expect((await reader!.explain(late)).filter((sql) => sql.includes('sip_capture_20231114'))).toEqual([]);
      expect(await gathered(reader!.messages(late))).toHaveLength(6);
      await reader!.close();
      await open('sip_capture_%Y%m%d');
      expect(await gathered(reader!.messages(ALL))).toHaveLength(24);
      await expect(MessageReader.open(database.url, { table: 'nothing', log: silentLog, clock: systemClock })).rejects.toThrow(UsageError);
    });

    test('all messages of calls, in time order across calls', async () => {
      const messages = Array.from({ length: 1300 }, (_, i) =>
        callMessages({ callId: `call-${i}`, at: FIRST_AT + i * 50_000, step: 30e6 }),
      ).flat();
      await storeMessages(database.url, messages);
      await open();
      const wanted = Array.from({ length: 1100 }, (_, i) => `call-${i + 100}`);
      const range = { since: FIRST_AT + 40e6, until: FIRST_AT + 50e6 };
      const found = await gathered(reader!.messagesOfCalls(wanted, range));
      expect(found).toHaveLength(1100 * 6);
      expect(found.map(({ capturedAt }) => capturedAt)).toEqual([...found.map(({ capturedAt }) => capturedAt)].sort((a, b) => a - b));
      const ids = await reader!.callIds({ ...ALL, condition: { kind: 'between', field: 'method', from: '400', to: '499' } }, 10);
      expect(ids).toEqual([]);
      expect(await reader!.callIds(ALL, 1299)).toBeNull();
      expect((await reader!.callIds(ALL, 1300))!.length).toBe(1300);
    });

    test('dates in local time, rows without exact times, without a text, with NULL', async () => {
      const text = kind === 'postgresql' ? 'TEXT' : kind === 'mysql' ? 'DATETIME' : 'TEXT';
      await database.query(
        `CREATE TABLE sip_capture (id INTEGER ${kind === 'mysql' ? 'AUTO_INCREMENT ' : ''}PRIMARY KEY, date ${text}, micro_ts BIGINT, method VARCHAR(50), callid VARCHAR(100), from_user VARCHAR(100), source_ip VARCHAR(50), source_port INTEGER, destination_ip VARCHAR(50), node VARCHAR(50), proto INTEGER, msg TEXT)`,
      );
      const message = (id: string) => `OPTIONS sip:x@127.0.0.1 SIP/2.0 Call-ID: ${id}`;
      // Five hours ahead of UTC; the last two have no exact time.
      const rows = [
        `1, '2023-11-15 03:13:20', 1700000000500000, 'OPTIONS', 'a', NULL, '2001:DB8:0:0:0:0:0:1', 5060, '10.0.0.1', 'n:12', 1, '${message('a')}'`,
        `2, '2023-11-15 03:13:21', 1700000001000000, NULL, 'b', 'bob', NULL, NULL, NULL, NULL, NULL, '${message('b')}'`,
        `3, '2023-11-15 03:13:22', 1700000002000000, 'OPTIONS', 'c', 'bob', '', 0, '', 'n', 2, NULL`,
        `4, '2023-11-15 03:13:23', 1700000003000000, 'OPTIONS', 'd', 'bob', '', 0, '', 'n', 2, '${message('d')}'`,
      ];
      for (const row of rows) await database.query(`INSERT INTO sip_capture VALUES (${row})`);
      await open();
      const found = await gathered(reader!.messages({ since: FIRST_AT, until: FIRST_AT + 3e6, condition: null }));
      expect(found.map(({ payload }) => payload.toString())).toEqual([message('a'), message('b')]);
      expect(found[0]).toMatchObject({
        sourceAddress: '2001:db8::1',
        captureId: 12,
        captureName: 'n',
        protocol: 17,
        family: 10,
        destinationPort: 0,
      });
      expect(found[1]).toMatchObject({ sourceAddress: '', captureId: -1, captureName: '', protocol: 0, capturedAt: FIRST_AT + 1e6 });
      expect(reader!.emptyRows).toBe(1);
      const bob = await gathered(reader!.messages({ ...ALL, condition: { kind: 'is', field: 'fromUser', values: ['bob'] } }));
      expect(bob).toHaveLength(2);
      await reader!.close();
      await database.query('UPDATE sip_capture SET micro_ts = NULL');
      await open();
      expect((await gathered(reader!.messages(ALL))).map(({ capturedAt }) => capturedAt)).toEqual(
        [0, 1, 3].map((second) => (1_700_018_000 + second) * 1e6),
      );
    });

    test('reports of the same calls are interleaved, from tables of both formats', async () => {
      const calls = ['a', 'b'].flatMap((callId, i) => callMessages({ callId, at: FIRST_AT + i * 1000 }));
      await storeMessages(database.url, calls);
      const reports = Array.from({ length: 40 }, (_, i) => ({
        ...calls[0],
        sip: null,
        payloadType: 5,
        correlationId: i % 2 === 0 ? 'a' : 'b',
        capturedAt: FIRST_AT + i * 1500,
        payload: Buffer.from(`{"n":${i}}`),
      }));
      await storeMessages(database.url, reports.slice(0, 20), { table: 'unused' });
      await storeMessages(database.url, reports.slice(20), {
        table: 'unused_too',
        reportTable: 'ops_report_capture',
        reportShape: 'homer6',
      });
      reader = await MessageReader.open(database.url, { table: '', reportTable: '', log: silentLog, clock: systemClock });
      const all = await gathered(reader.messages(ALL));
      expect(all).toHaveLength(52);
      expect(all.map(({ capturedAt }) => capturedAt)).toEqual([...all.map(({ capturedAt }) => capturedAt)].sort((x, y) => x - y));
      const ofA = await gathered(reader.messagesOfCalls(['a'], { since: FIRST_AT, until: null }));
      expect(ofA.filter(({ payloadType }) => payloadType === 5).map(({ payload }) => payload.toString())).toEqual(
        Array.from({ length: 20 }, (_, i) => `{"n":${2 * i}}`),
      );
      expect(ofA.filter(({ payloadType }) => payloadType === 1)).toHaveLength(6);
      // However deep the Call-IDs stand in a condition of alternatives.
      const callIds = { kind: 'is', field: 'callId', values: ['a'] } as const;
      const method = { kind: 'is', field: 'method', values: ['INVITE'] } as const;
      const nested = { kind: 'any', of: [{ kind: 'any', of: [callIds, { ...callIds, field: 'callIdAleg' }] }, method] } as const;
      const ofLegs = await gathered(reader.messages({ ...ALL, condition: nested }));
      expect(ofLegs.filter(({ payloadType }) => payloadType === 5)).toHaveLength(20);
      // With a condition on SIP it is unknown which reports match.
      const byUser = await gathered(reader.messages({ ...ALL, condition: { kind: 'is', field: 'toUser', values: ['bob'] } }));
      expect(byUser.every(({ payloadType }) => payloadType === 1)).toBe(true);
    });

    test('SQL with its values, as printed by --explain', async () => {
      await storeMessages(database.url, callMessages({ callId: 'a', at: FIRST_AT }));
      await open();
      const [sql] = await reader!.explain({
        since: FIRST_AT,
        until: null,
        condition: {
          kind: 'any',
          of: [
            { kind: 'is', field: 'fromUser', values: ["o'hara", 'b'] },
            { kind: 'is', field: 'sourcePort', values: [5060] },
          ],
        },
      });
      const name = (column: string) => (kind === 'mysql' ? `\`${column}\`` : `"${column}"`);
      expect(sql).toContain(
        `FROM ${name('sip_capture')} WHERE (${name('date')} >= '2023-11-14 22:13:20' AND (${name('from_user')} IN ('o''hara','b') OR ${name('source_port')} = 5060))`,
      );
    });
  });
