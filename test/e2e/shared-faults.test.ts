/** Captures of known faults that need a database: stored once whatever the options, the count or the grouping of the runs. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { query } from '../rigs/database.js';
import { sipcap, temporaryFolder } from '../rigs/sipcap.js';

const faults = resolve(import.meta.dirname, '../../../shared/captures/faults');
const folder = temporaryFolder();
afterAll(() => folder.remove());

async function runs(database: string, ...each: readonly (readonly string[])[]): Promise<string[]> {
  const path = join(folder.path, database);
  for (const args of each) {
    const files = args.map((arg) => (arg.endsWith('.pcap') ? join(faults, arg) : arg));
    const { code, stderr } = await sipcap(['capture', 'mirror', ...files, '--db', `sqlite:${path}`, '-q']);
    expect([code, stderr]).toEqual([0, '']);
  }
  const rows = await query<{ callid: string }>(path, 'SELECT callid FROM sip_capture ORDER BY id');
  return rows.map(({ callid }) => callid);
}

if (!existsSync(faults)) {
  test.skip('the shared captures are absent: no captures of faults to store', () => {});
} else {
  describe('captures of faults', () => {
    test('cmid.pcap: -c stops within a segment, the next run stores the rest of it', async () => {
      expect(await runs('c.db', ['-r', 'cmid.pcap', '-c', '1'], ['-r', 'cmid.pcap'])).toEqual(['n1@x', 'n2@x', 'n3@x', 'n4@x']);
    });

    test('opts.pcap: other options add only what is not stored yet', async () => {
      const found = await runs('o.db', ['-r', 'opts.pcap', '--port', '5060'], ['-r', 'opts.pcap'], ['-r', 'opts.pcap', '-E']);
      expect(found).toEqual(['p5060@x', 'last5060@x', 'p5080@x', 'inhep@x']);
    });

    test('rot_a.pcap and rot_b.pcap: one by one, then together, which adds the complete message across them', async () => {
      const found = await runs('r.db', ['-r', 'rot_a.pcap'], ['-r', 'rot_b.pcap'], ['-r', 'rot_a.pcap', 'rot_b.pcap']);
      expect(found).toEqual(['n1@x', 'straddle@x', 'n2@x', 'straddle@x']);
    });
  });
}
