/** `call show` of a busy database: where possible legs are too many to read, it says so. */
import { afterAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';
import { sqliteQuery } from '../rigs/databases.js';

const folder = temporaryFolder();
afterAll(() => {
  killAll();
  folder.remove();
});

test('more INVITEs near a call than are read: a note says which legs were looked for', async () => {
  const path = join(folder.path, 'busy.db');
  const db = ['--db', `sqlite:${path}`];
  const { code } = await sipcap(['capture', 'mirror', join(root, 'samples/sample.pcap'), ...db, '--summary', 'none']);
  expect(code).toBe(0);
  const [{ callid }] = await sqliteQuery(path, "SELECT callid FROM sip_capture WHERE method = 'INVITE' LIMIT 1");
  const show = () => sipcap(['call', 'show', String(callid), ...db, '--ascii']);
  expect((await show()).stdout).not.toContain('not all');
  const columns = (await sqliteQuery(path, "SELECT name FROM pragma_table_info('sip_capture') WHERE name NOT IN ('id', 'callid')")).map(
    ({ name }) => `s."${String(name)}"`,
  );
  await sqliteQuery(
    path,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
     INSERT INTO sip_capture (callid, ${columns.map((name) => name.slice(2)).join()})
     SELECT 'other-' || i, ${columns.join()} FROM n, (SELECT * FROM sip_capture WHERE callid = '${String(callid)}' AND method = 'INVITE' LIMIT 1) s`,
  );
  const { stdout, code: shown } = await show();
  expect([shown, stdout]).toEqual([
    0,
    expect.stringContaining('not all: legs were looked for by X-CID alone, as there are more than 50,000 messages at that time'),
  ]);
});
