/** Calls from tables created and filled by OpenSIPS, Kamailio and Homer 5, with SELECT permission only: same as from a file. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { answered, say, type Spoken } from '../calls/rig.js';
import { captureOf } from '../rigs/capture-of.js';
import { databaseMakers } from '../rigs/databases.js';
import { killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';
import { FOREIGN_MYSQL, FOREIGN_POSTGRESQL, insertOf } from '../store/foreign-tables.js';

const folder = temporaryFolder();
const file = join(folder.path, 'calls.pcap');
const env = { TZ: 'Europe/Berlin' };
afterAll(() => {
  killAll();
  folder.remove();
});

const refused = (callId: string): Spoken => ({ callId, fromTag: `f-${callId}`, toTag: 't' });
const messages = [
  ...answered(3000, 63_000, { callId: 'one@a.example' }),
  ...answered(3000, 9000, { callId: 'two@a.example', fromTag: 'f2', headers: ['X-CID: one@a.example'] }),
  say(500, 'a>b', 'INVITE', { ...refused('three'), toTag: '' }),
  say(600, 'b>a', '486 Busy Here', refused('three')),
  say(620, 'a>b', 'ACK', { ...refused('three'), branch: 'z9hG4bKthree1INVITEfthree' }),
].sort((a, b) => a.capturedAt - b.capturedAt);
writeFileSync(file, captureOf(messages));

/** Two days of Homer 5: one table per day and kind. */
const dated = (sql: string) =>
  ['call_20260115', 'rest_20260115', 'call_20260116'].map((name) => sql.replace('TABLE sip_capture', `TABLE sip_capture_${name}`));

const cases = databaseMakers().flatMap(({ kind, make }) =>
  Object.entries(kind === 'mysql' ? FOREIGN_MYSQL : kind === 'postgresql' ? { Kamailio: FOREIGN_POSTGRESQL.Kamailio } : {})
    .filter(([whose]) => whose !== 'older OpenSIPS')
    .map(([whose, sql]) => ({ kind, make, whose, tables: whose === 'Homer 5' ? dated(sql) : [sql] })),
);

if (cases.length === 0) test.skip('SIPCAP_TEST_MYSQL or SIPCAP_TEST_POSTGRES names a server for them', () => {});
else
  describe.each(cases)('$whose in $kind', ({ kind, make, whose, tables }) => {
    test('gives the same result as the file', async () => {
      const database = await make();
      const name = `r_${randomBytes(5).toString('hex')}`;
      try {
        for (const sql of tables) await database.query(sql);
        const homer: Record<string, string | number> =
          whose === 'Homer 5' ? { expires: -1, custom_field1: '', custom_field2: '', custom_field3: '' } : {};
        for (const message of messages) {
          const aleg = /^X-CID: (.*)\r$/m.exec(message.payload.toString())?.[1] ?? '';
          const sql = insertOf(message, kind === 'postgresql' ? 1 : 0, { ...homer, callid_aleg: aleg, node: '', proto: 17 });
          await database.query(whose === 'Homer 5' ? sql.replace('INTO sip_capture', 'INTO sip_capture_call_20260115') : sql);
        }
        const url = new URL(database.url);
        const schema = url.pathname.slice(1);
        await database.query(kind === 'mysql' ? `CREATE USER ${name}@'%' IDENTIFIED BY 'x'` : `CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
        await database.query(
          kind === 'mysql' ? `GRANT SELECT ON ${schema}.* TO ${name}@'%'` : `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name}`,
        );
        [url.username, url.password] = [name, 'x'];
        for (const args of [
          ['list', '--format', 'json'],
          ['list', '--failed'],
          ['list', '--since', '2026-01-15 10:00:00.55', '--until', '2026-01-15 10:00:02', '--from-user', 'ann', '--format', 'csv'],
          ['show', 'one@a.example'],
          ['show', 'two@a.example', '--format', 'json'],
          ['stats', '--by', 'hour'],
        ]) {
          const ofFile = await sipcap(['call', ...args, '-r', file], { env });
          const ofTable = await sipcap(['call', ...args, '--db', url.href], { env });
          expect({ args, ...ofTable }).toEqual({ args, ...ofFile });
          expect(ofTable.code).toBe(0);
        }
      } finally {
        await database.query(kind === 'mysql' ? `DROP USER IF EXISTS ${name}@'%'` : `DROP OWNED BY ${name}`).catch(() => {});
        if (kind === 'postgresql') await database.query(`DROP ROLE IF EXISTS ${name}`).catch(() => {});
        await database.drop();
      }
    }, 120_000);
  });
