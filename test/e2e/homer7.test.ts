/** Homer 7 at the command line: created, recognised, filled, checked as Homer's pages read it, and moved to another store. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { databaseMakers } from '../rigs/databases.js';
import { HOMER7_SOUND, homer7Check } from '../rigs/homer7-check.js';
import { sipcap, temporaryFolder } from '../rigs/sipcap.js';

const maker = databaseMakers().find(({ kind }) => kind === 'postgresql');
const captures = resolve(import.meta.dirname, '../../../shared/captures/files');
const shared = ['rtcp-asterisk-crash.pcap', 'hep3-udp.pcap'].map((name) => join(captures, name)).filter((path) => existsSync(path));
const folder = temporaryFolder();
afterAll(() => folder.remove());

if (maker === undefined) test.skip('SIPCAP_TEST_POSTGRES names a server', () => {});
else
  test('what an import stores passes the checks of the pages; a second import finds it, and the calls move out', async () => {
    const database = await maker.make();
    const importInto = (...args: string[]) => sipcap(['capture', 'mirror', 'samples/sample.pcap', '--db', database.url, ...args]);
    try {
      expect((await importInto(...shared, '--shape', 'homer7')).code).toBe(0);
      expect(homer7Check(database.url)).toEqual(HOMER7_SOUND);
      // Recognised, and known to be stored.
      expect((await importInto()).stderr).toContain('already_stored 22');
      const hep = join(folder.path, 'calls.hep');
      const found = ['--since', '2026-01-15 09:00', '--until', '2026-01-15 10:00'];
      expect((await sipcap(['call', 'export', '--db', database.url, ...found, '-w', hep])).stderr).toBe(
        'sipcap: 22 messages of 5 Call-IDs\n',
      );
      expect((await sipcap(['hep', 'edit', hep, '--get', 'proto_type'])).stdout.trim().split('\n')).toHaveLength(22);
    } finally {
      await database.drop();
    }
  }, 60_000);
