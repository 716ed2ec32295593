/** Homer 7 at the command line: created, recognised, filled and read; calls moved in and out; what contradicts the shape. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { databaseMakers } from '../rigs/databases.js';
import { sipcap } from '../rigs/sipcap.js';

const maker = databaseMakers().find(({ kind }) => kind === 'postgresql');

test('what a shape cannot be combined with, and the mapping for Homer', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await sipcap(args);
    return [code, stderr.trim()];
  };
  expect(await refused('db', 'init', '--db', 'sqlite:x.db', '--shape', 'homer7')).toEqual([
    2,
    "sipcap: the tables of homer7 are PostgreSQL's: sqlite:x.db is SQLite",
  ]);
  expect(await refused('capture', 'mirror', 'samples/sample.pcap', '--db', 'postgres://h/d?shape=homer5-split')).toEqual([
    2,
    "sipcap: the tables of homer5-split are MySQL's: postgres://h/d?shape=homer5-split is PostgreSQL",
  ]);
  expect(await refused('capture', 'mirror', 'samples/sample.pcap', '--db', 'postgres://h/d', '--shape', 'homer7', '--table', 'x')).toEqual([
    2,
    'sipcap: the tables of homer7 have fixed names: leave out the table name',
  ]);
  expect((await refused('db', 'init', '--db', 'postgres://h/d?shape=homer8'))[0]).toBe(2);
  const { stdout } = await sipcap(['db', 'init', '--print-homer-mapping']);
  expect(JSON.parse(stdout)).toMatchObject({ source_field: 'data_header.callid', lookup_field: "protocol_header->>'correlation_id'" });
});

if (maker === undefined) test.skip('SIPCAP_TEST_POSTGRES names a server', () => {});
else
  test('calls move out of Homer 7 and into it, and imports resume', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipcap-homer7-'));
    const database = await maker.make();
    const list = async (...from: string[]) => (await sipcap(['call', 'list', ...from, '--format', 'json'])).stdout;
    const importInto = (...args: string[]) => sipcap(['capture', 'mirror', 'samples/sample.pcap', '--db', database.url, ...args]);
    try {
      expect((await importInto('--shape', 'homer7')).code).toBe(0);
      // Recognised, and known to be stored.
      expect((await importInto()).code).toBe(0);
      const stored = () => database.query('SELECT count(*)::int AS n FROM hep_proto_1_call');
      expect(await stored()).toEqual([{ n: 16 }]);
      const hep = join(folder, 'calls.hep');
      expect((await sipcap(['call', 'export', '--db', database.url, '--since', '2026-01-01', '-w', hep])).code).toBe(0);
      expect((await sipcap(['hep', 'edit', hep, '--get', 'proto_type'])).stdout.trim().split('\n')).toHaveLength(22);
      const pcap = join(folder, 'calls.pcap');
      expect((await sipcap(['call', 'export', '--db', database.url, '--since', '2026-01-01', '-w', pcap])).code).toBe(0);
      await database.query('TRUNCATE hep_proto_1_call, hep_proto_1_registration, hep_proto_1_default');
      expect((await sipcap(['capture', 'mirror', pcap, '--db', database.url])).code).toBe(0);
      expect(await stored()).toEqual([{ n: 16 }]);
      expect(await list('--db', database.url)).toBe(await list('samples/sample.pcap'));
    } finally {
      await database.drop();
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
