/** Record counts of real capture files, as tshark counts them. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { silentLog, type Frame } from '../../../src/lib/base/index.js';
import { CaptureFiles } from '../../../src/lib/capture/file/index.js';

const captures = resolve(import.meta.dirname, '../../../../shared/captures');

/** Where our count differs from the table, and why. */
const DIFFERENT: Record<string, number> = {
  // The second record claims 16,711,424 bytes: tshark counts it before it gives up, we do not.
  'bad-record-length.pcap': 1,
  // tshark counts systemd journal and custom blocks among the packets.
  'pcapng-be-basic-test018.pcapng': 4,
  'pcapng-le-basic-test018.pcapng': 4,
};

if (!existsSync(captures)) {
  test.skip('the shared captures are absent: no real files to count', () => {});
} else {
  const rows = readFileSync(join(captures, 'MANIFEST.tsv'), 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const files = rows.filter(
    ([name, , , , , , format]) => name !== undefined && /pcap/.test(format ?? '') && existsSync(join(captures, 'files', name)),
  );
  describe('records of real captures', () => {
    test.each(files.map((row) => [row[0], Number(row[8])] as const))('%s: %d', async (name, packets) => {
      let count = 0;
      const source = await CaptureFiles.open([join(captures, 'files', name)], { stdin: new PassThrough(), log: silentLog, digests: true });
      await source.start(
        (frame: Frame) => {
          count++;
          expect(frame.to).toBeLessThanOrEqual(frame.bytes.length);
          return true;
        },
        { ready: async () => {} },
      );
      expect(count).toBe(DIFFERENT[name] ?? packets);
    });
  });
}
