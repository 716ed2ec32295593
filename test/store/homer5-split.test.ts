/** Homer 5's own tables in a real MariaDB: a set for each day, SIP by the method in its CSeq, the columns and partitions of Homer 5. */
import { expect, test } from '@jest/globals';
import { systemClock, type Message, type SipFields } from '../../src/lib/base/index.js';
import { MessageRows } from '../../src/lib/pipeline/output/message-rows.js';
import { SipParser } from '../../src/lib/sip/index.js';
import { BatchRows } from '../../src/lib/sink/batch/batch-rows.js';
import { inventory, loadStore, retain } from '../../src/lib/store/index.js';
import { databaseMakers } from '../rigs/databases.js';
import { hepMessage } from '../rigs/messages.js';
import { stream } from '../rigs/rows.js';

const maker = databaseMakers().find(({ kind }) => kind === 'mysql');
/** 2023-11-14 22:13:20 UTC. */
const AT = 1_700_000_000_123_456;
const DAY = 86_400_000_000;

function sip(method: string, capturedAt: number, cseq = method): Message {
  const text = `${method} sip:b@example.net SIP/2.0\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.net>\r\nCall-ID: ${method}\r\nCSeq: 1 ${cseq}\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n`;
  const message = hepMessage({ capturedAt, payload: Buffer.from(text) });
  message.sip = new SipParser().parse(message.payload) as SipFields;
  return message;
}

if (maker === undefined) test.skip('SIPCAP_TEST_MYSQL names a server', () => {});
else
  test('rows go to the table of their day and class; whole days are dropped', async () => {
    const database = await maker.make();
    const store = await loadStore(database.url, { shape: 'homer5-split' });
    const rows = new MessageRows(
      {
        shape: 'homer5-split',
        table: 'sip_capture',
        reportTable: 'rtcp_capture',
        reportShape: 'homer5',
        captureNode: 'homer01',
        customFields: ['', '', ''],
        tableTime: 'packet',
        localDate: false,
        dataHeaders: [],
        alegHeaders: [],
      },
      systemClock,
      false,
    );
    const batch = new BatchRows();
    const reports = [5, 34, 100].map((payloadType) =>
      hepMessage({ capturedAt: AT, payloadType, correlationId: 'r', payload: Buffer.from('{}') }),
    );
    const messages = ['INVITE', 'BYE', 'REGISTER', 'OPTIONS'].map((method) => sip(method, AT));
    for (const message of [...messages, sip('INVITE', AT + DAY), sip('INVITE', AT - DAY * 0.9), ...reports]) batch.add(message, rows);
    expect(await store.write(batch.closed([stream(1, '')]).batch)).toEqual({ outcome: 'stored', refused: [] });
    const sids = async (table: string) =>
      (await database.query(`SELECT callid, expires FROM ${table} ORDER BY id`)).map((row) => Object.values(row).join(' '));
    expect(await sids('sip_capture_call_20231114')).toEqual(['INVITE 600', 'BYE 600', 'INVITE 600']);
    expect(await sids('sip_capture_call_20231115')).toEqual(['INVITE 600']);
    expect(await sids('sip_capture_registration_20231114')).toEqual(['REGISTER 600']);
    expect(await sids('sip_capture_rest_20231114')).toEqual(['OPTIONS 600']);
    for (const table of ['rtcp', 'report', 'logs'])
      expect(await database.query(`SELECT count(*) AS n FROM ${table}_capture_all_20231114`)).toEqual([{ n: 1 }]);
    const columns = await database.query(
      "SELECT count(*) AS n FROM information_schema.columns WHERE table_schema = database() AND table_name = 'sip_capture_call_20231114'",
    );
    expect(columns).toEqual([{ n: 46 }]);
    const partitions = await database.query(
      "SELECT partition_name AS p, table_rows AS n FROM information_schema.partitions WHERE table_schema = database() AND table_name = 'sip_capture_call_20231114' ORDER BY partition_ordinal_position",
    );
    expect([partitions.length, partitions[0].p, partitions[11].p]).toEqual([12, '20231114_0000', '20231114_2200']);
    expect(await database.query('SELECT count(*) AS n FROM sip_capture_call_20231114 PARTITION (`20231114_2200`)')).toEqual([{ n: 2 }]);
    const session = await store.connected();
    const shapes = (await inventory(session, { additional: [], count: true })).map(({ shape }) => shape);
    expect(new Set(shapes)).toEqual(new Set(['homer5_sip', 'homer5_report']));
    const how = {
      keepSeconds: 3600,
      keepRows: Infinity,
      keepBytes: Infinity,
      additional: [],
      dryRun: false,
      nowSeconds: AT / 1e6 + 86_400,
    };
    const dropped = (await retain(session, how)).map(({ what, table }) => `${what} ${table}`);
    expect(dropped).toContain('drop table sip_capture_call_20231114');
    expect(dropped).not.toContain('drop table sip_capture_call_20231115');
    await store.close();
    await database.drop();
  });
