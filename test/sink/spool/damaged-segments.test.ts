/** Damaged segments: what can be read is delivered, the rest is counted and set aside. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { silentLog } from '../../../src/lib/base/index.js';
import { inspectSpool } from '../../../src/lib/sink/spool/index.js';
import { appendTexts, openSpool, range, readTexts, remove, segmentFiles, temporaryDirectory } from './spool-rig.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

describe('damage', () => {
  async function filled(count: number): Promise<string> {
    const spool = await openSpool(directory);
    appendTexts(spool, 0, count);
    await spool.close();
    return segmentFiles(directory)[0];
  }

  test('a torn end is cut off, logged and counted as lost, the rest is delivered, the spool continues', async () => {
    const file = await filled(10);
    truncateSync(file, readFileSync(file).length - 5);
    const spool = await openSpool(directory);
    expect(spool.recovered).toBe(9 + 1);
    appendTexts(spool, 10, 12);
    expect(readTexts(spool)).toEqual([...range(0, 9), 10, 11]);
    expect(spool.damaged.toJSON()).toEqual({ torn: 1 });
    expect([spool.lost.toJSON(), spool.lostRecovered.toJSON(), spool.unread]).toEqual([{ spool_corrupt: 1 }, { spool_corrupt: 1 }, 0]);
    await spool.close();
  });

  test('a damaged last record is counted as lost once, although nothing follows it, and its segment is set aside', async () => {
    const file = await filled(3);
    const bytes = readFileSync(file);
    bytes[bytes.indexOf('record 2')] ^= 1;
    writeFileSync(file, bytes);
    for (let i = 0; i < 2; i++) await (await openSpool(directory)).close(); // what nobody read is not counted yet, nor forgotten
    const spool = await openSpool(directory);
    expect(spool.recovered).toBe(3);
    expect(readTexts(spool)).toEqual([0, 1]);
    expect([spool.lost.toJSON(), spool.unread]).toEqual([{ spool_corrupt: 1 }, 0]);
    spool.acknowledge(2);
    await spool.close();
    expect(segmentFiles(directory)).toEqual([]);
    const again = await openSpool(directory);
    expect([again.recovered, readTexts(again), again.lost.total()]).toEqual([0, [], 0]);
    await again.close();
  });

  test('an only segment with a damaged header counts at least one record lost, even if partly delivered', async () => {
    const file = await filled(10);
    const bytes = readFileSync(file);
    bytes[20] ^= 1;
    writeFileSync(file, bytes);
    writeFileSync(join(directory, 'acknowledged'), 'next-record: 5\n');
    const spool = await openSpool(directory);
    expect(spool.unread).toBe(1);
    expect(readTexts(spool)).toEqual([]);
    expect([spool.lost.toJSON(), spool.unread]).toEqual([{ spool_corrupt: 1 }, 0]);
    await spool.close();
    expect(readFileSync(`${file}.damaged`).equals(bytes)).toBe(true);
  });

  test('a flipped bit loses that record only, counted and logged', async () => {
    const file = await filled(10);
    const bytes = readFileSync(file);
    const at = bytes.indexOf('record 4');
    bytes[at] ^= 1;
    writeFileSync(file, bytes);
    const report = inspectSpool(directory);
    expect(report.damages).toEqual([{ file, atByte: at - 32, bytes: 32 + 'record 4 '.length, kind: 'corrupt' }]);
    expect(report.goodRecords).toBe(9);
    const spool = await openSpool(directory);
    expect(readTexts(spool)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(spool.lost.toJSON()).toEqual({ spool_corrupt: 1 });
    expect(spool.damaged.toJSON()).toEqual({ corrupt: 1 });
    spool.rewind();
    expect(readTexts(spool)).toHaveLength(9);
    expect(spool.lost.total()).toBe(1); // once, however often it is read
    expect(spool.recovered).toBe(9 + 1);
    await spool.close();
  });

  test('a length beyond the end does not lose the records after it', async () => {
    const file = await filled(5);
    const bytes = readFileSync(file);
    bytes.writeUInt32BE(1_000_000, bytes.indexOf('record 1') - 32 + 8);
    writeFileSync(file, bytes);
    const spool = await openSpool(directory);
    expect(readTexts(spool)).toEqual([0, 2, 3, 4]);
    await spool.close();
  });

  test('trailing junk, a missing segment, a damaged position', async () => {
    const first = await openSpool(directory, { segmentBytes: 400 });
    appendTexts(first, 0, 30);
    await first.close();
    const files = segmentFiles(directory);
    expect(files.length).toBeGreaterThanOrEqual(3);
    appendFileSync(files[files.length - 1], Buffer.alloc(3000, 0xa5));
    const gone = Number(files[1].slice(-22, -6));
    const after = Number(files[2].slice(-22, -6));
    unlinkSync(files[1]);
    writeFileSync(join(directory, 'acknowledged'), 'rubbish');
    const spool = await openSpool(directory);
    expect(readTexts(spool)).toEqual([...range(0, gone - 1), ...range(after - 1, 30)]);
    expect(spool.lost.toJSON()).toEqual({ spool_missing: after - gone, spool_corrupt: 1 });
    expect(spool.lost.total() + 30 - (after - gone)).toBe(spool.recovered);
    await spool.close();
  });

  test('a segment with a damaged header is counted as lost, set aside under its name, and logged', async () => {
    const first = await openSpool(directory, { segmentBytes: 400 });
    appendTexts(first, 0, 30);
    await first.close();
    const files = segmentFiles(directory);
    const header = openSync(files[1], 'r+');
    writeSync(header, Buffer.from('XX'), 0, 2, 0);
    closeSync(header);
    const kept = readFileSync(files[1]);
    const from = Number(files[1].slice(-22, -6));
    const to = Number(files[2].slice(-22, -6));
    const warned: string[] = [];
    const spool = await openSpool(directory, { segmentBytes: 400, log: { ...silentLog, warn: (text) => warned.push(text) } });
    expect(readTexts(spool)).toEqual([...range(0, from - 1), ...range(to - 1, 30)]);
    expect(spool.lost.toJSON()).toEqual({ spool_corrupt: to - from });
    spool.acknowledge(30);
    await spool.close();
    expect(readFileSync(`${files[1]}.damaged`).equals(kept)).toBe(true);
    expect(warned.join('\n')).toContain(`a damaged segment was set aside as ${files[1]}.damaged`);
    expect(segmentFiles(directory)).toEqual([]);
    const report = inspectSpool(directory);
    expect([report.setAside, report.damages]).toEqual([[basename(`${files[1]}.damaged`)], []]);
  });

  test('a damaged segment evicted for its size keeps its bytes; they count towards the size, and cannot fill the disk', async () => {
    const warned: string[] = [];
    const log = { ...silentLog, warn: (text: string) => void warned.push(text) };
    const options = { maxBytes: 8000, segmentBytes: 500, log };
    const spool = await openSpool(directory, options);
    const sizes = () => readdirSync(directory).map((name) => (name.includes('.spool') ? statSync(join(directory, name)).size : 0));
    let written = 0;
    /** The oldest segment turns out to be damaged when it is read. */
    const damage = () => {
      const [file] = segmentFiles(directory);
      const bytes = readFileSync(file);
      bytes[bytes.length - 3] ^= 1;
      writeFileSync(file, bytes);
      return bytes;
    };
    const fill = async () => {
      appendTexts(spool, written, (written += 60), 40);
      await spool.flush();
    };
    await fill();
    const bytes = damage();
    const [file] = segmentFiles(directory);
    readTexts(spool);
    expect(spool.damaged.toJSON()).toEqual({ corrupt: 1 });
    for (let i = 0; i < 5 && existsSync(file); i++) await fill();
    expect(readFileSync(`${file}.damaged`).equals(bytes)).toBe(true);
    expect(warned.join('\n')).toContain(`a damaged segment was set aside as ${file}.damaged`);
    // One after the other is damaged: those kept stay within a quarter, all of it within the bound, and each that goes is named.
    for (let i = 0; i < 40; i++) {
      damage();
      spool.rewind();
      readTexts(spool);
      await fill();
      expect(sizes().reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(8000);
    }
    const kept = readdirSync(directory).filter((name) => name.includes('.damaged'));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)).toBeLessThanOrEqual(2000);
    const named = (what: RegExp) => warned.filter((text) => what.test(text)).length;
    expect(named(/was set aside as/)).toBe(kept.length + named(/deleted .*\.damaged: damaged segments may take 2000 bytes/));
    await spool.close();
    // The next process goes on with the same account.
    const again = await openSpool(directory, { ...options, maxBytes: 4000 });
    appendTexts(again, 0, 300, 40);
    await again.flush();
    expect(sizes().reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(4000);
    await again.close();
  });

  test('a segment evicted while unreadable is set aside, not deleted', async () => {
    const options = { maxBytes: 8000, segmentBytes: 500 };
    const spool = await openSpool(directory, options);
    appendTexts(spool, 0, 30, 40);
    await spool.flush();
    const [file] = segmentFiles(directory);
    const bytes = readFileSync(file);
    // A folder in its place: neither opened as a file nor read (EISDIR), for root too.
    unlinkSync(file);
    mkdirSync(file);
    writeFileSync(join(file, 'bytes'), bytes);
    expect([spool.read(), spool.readFailure]).toEqual([null, 'EISDIR']);
    for (let i = 0; i < 10 && existsSync(file); i++) {
      appendTexts(spool, 0, 30, 40);
      await spool.flush();
      spool.read();
    }
    expect(readFileSync(join(`${file}.damaged`, 'bytes')).equals(bytes)).toBe(true);
    expect(spool.lost.get('spool_size')).toBeGreaterThan(0);
    await spool.close();
  });

  test('a last segment that holds only junk is set aside, an empty one is deleted', async () => {
    const file = await filled(3);
    const junk = join(directory, '0000000000000004.spool');
    const empty = join(directory, '0000000000000009.spool');
    writeFileSync(junk, 'x'.repeat(500));
    writeFileSync(empty, '');
    const spool = await openSpool(directory);
    expect(readTexts(spool)).toEqual([0, 1, 2]);
    expect(segmentFiles(directory)).toEqual([file, junk]);
    expect(spool.lost.toJSON()).toEqual({ spool_corrupt: 9 - 4 });
    spool.acknowledge(3);
    await spool.close();
    expect(segmentFiles(directory)).toEqual([]);
    expect(readFileSync(`${junk}.damaged`, 'utf8')).toBe('x'.repeat(500));
  });

  test('a position ahead of the records (power loss): writing continues after it', async () => {
    const file = await filled(10);
    writeFileSync(join(directory, 'acknowledged'), 'next-record: 11\n');
    truncateSync(file, 200);
    const spool = await openSpool(directory);
    expect(spool.recovered).toBe(0);
    appendTexts(spool, 50, 52);
    expect(readTexts(spool)).toEqual([50, 51]);
    await spool.close();
  });

  test('truncated at any length: complete records are delivered, nothing throws', async () => {
    const file = await filled(4);
    const bytes = readFileSync(file);
    const ends = range(0, 4).map((i) => bytes.indexOf(`record ${i}`) + 'record 0 '.length);
    for (let length = 0; length <= bytes.length; length += 7) {
      writeFileSync(file, bytes.subarray(0, length));
      const report = inspectSpool(directory);
      expect(report.goodRecords).toBe(ends.filter((end) => end <= length).length);
    }
  });
});
