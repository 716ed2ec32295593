/** A position in the database that no sipcap wrote: the import names it and the way out, and stores nothing twice. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { captureOf } from '../rigs/capture-of.js';
import { sqliteQuery } from '../rigs/databases.js';
import { sipcap, temporaryFolder } from '../rigs/sipcap.js';
import { FIRST_AT, callMessages } from '../rigs/stored-calls.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

test.each(['{"bytes":', 'null', '{}', ''])('position %j', async (position) => {
  const db = at(`${position.length}.db`);
  writeFileSync(at('one.pcap'), captureOf(callMessages({ callId: 'one', at: FIRST_AT })));
  const importing = () => sipcap(['capture', 'mirror', '-r', at('one.pcap'), '--db', `sqlite:${db}`, '-q']);
  expect((await importing()).code).toBe(0);
  await sqliteQuery(db, `UPDATE sipcap_position SET position = '${position}'`);
  const { code, stderr } = await importing();
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^sipcap: table sipcap_position is damaged: the position of stream 'capture:/)]);
  expect(await sqliteQuery(db, 'SELECT count(*) AS n FROM sip_capture')).toEqual([{ n: 6 }]);
});
