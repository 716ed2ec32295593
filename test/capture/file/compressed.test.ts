/** gzip and zstd: complete, concatenated, truncated and damaged. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { faultText } from '../../../src/lib/base/index.js';
import { openFile } from '../../../src/lib/capture/file/open-bytes.js';
import { pcap } from '../../rigs/capture-files.js';
import { VARIANTS } from '../../format/variants.js';
import { zstdFrame, zstdSkippable } from './make-packed.js';
import { folder, put, read, timed } from './rig.js';

const place = folder();
const at = (name: string) => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

/** Records that do not compress well, so that the compressed file is large too. */
function noise(count: number): Buffer {
  let state = 1;
  const records = Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.alloc(1000);
    // Half of each byte is random: gzip uses dynamic codes, and damage shows at once.
    for (let k = 0; k < bytes.length; k++) bytes[k] = 0x40 | ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 28);
    bytes.write(`${i}:`);
    return { seconds: i, fraction: 0, bytes };
  });
  return pcap({ records });
}

const large = noise(3000);
const small = timed('s', [1, 2, 3]);
const PACKERS: [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['zstd', zstdFrame],
];

describe.each(PACKERS)('%s', (kind, compress) => {
  test.each(VARIANTS)('%s', async (_name, bytes, count) => {
    const plain = await read([put(at('plain'), bytes)]);
    const compressed = await read([put(at('packed'), compress(bytes))]);
    expect(compressed.seen).toEqual(plain.seen);
    expect(compressed.seen).toHaveLength(count);
    expect(compressed.files.ends()).toEqual([{ name: at('packed'), packets: count, bytes: bytes.length, problem: '' }]);
  });

  test('a large file is read completely, and its progress counts compressed bytes', async () => {
    const compressed = compress(large);
    const { seen, files } = await read([put(at('large'), compressed)]);
    expect(seen.map((text) => parseInt(text, 10))).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(files.ends()).toMatchObject([{ bytes: large.length, problem: '' }]);
    expect(files.progress()).toEqual({ bytesRead: compressed.length, bytesTotal: compressed.length });
  });

  test('concatenated members are one file, wherever they join', async () => {
    for (const cut of [1, 3, 24, 40, small.length - 1]) {
      const { seen, files } = await read([
        put(at('members'), Buffer.concat([compress(small.subarray(0, cut)), compress(Buffer.alloc(0)), compress(small.subarray(cut))])),
      ]);
      expect([seen, files.ends()[0].problem]).toEqual([['s0', 's1', 's2'], '']);
    }
  });

  test('truncated at any length: reported as truncated, or as not a capture', async () => {
    const compressed = compress(small);
    for (let length = 0; length < compressed.length; length++) {
      const { seen, files } = await read([put(at('cut'), compressed.subarray(0, length))]);
      expect(['s0', 's1', 's2'].slice(0, seen.length)).toEqual(seen);
      const { problem } = files.ends()[0];
      const known = kind === 'gzip' ? 2 : 4;
      if (length < known) expect(problem).toMatch(/^capture file: is shorter/);
      else expect(problem).toBe(`${kind} data: is cut off (at byte ${length})`);
    }
  });

  test('a large truncated file is read up to the cut', async () => {
    const compressed = compress(large);
    const { seen, files } = await read([put(at('half'), compressed.subarray(0, compressed.length / 2))]);
    expect(files.ends()[0].problem).toBe(`${kind} data: is cut off (at byte ${Math.floor(compressed.length / 2)})`);
    // All but the last, incomplete block.
    expect(seen.length).toBeGreaterThan(1500 - 120);
    expect(seen.length).toBeLessThan(1510);
  });
});

test('a damaged gzip file is read up to the damage', async () => {
  const compressed = gzipSync(large);
  const middle = compressed.length >>> 1;
  compressed.fill(0xff, middle, middle + 5000);
  const { seen, files } = await read([put(at('damaged'), compressed)]);
  // Whichever detects it first: the decompressor, or the reader of corrupted data.
  expect(files.ends()[0].problem).toMatch(
    /^gzip data: has a compressed payload that cannot be decompressed|^pcap record \d+ of \d+ bytes: is corrupt/,
  );
  expect(seen.length).toBeGreaterThan(1400);
  expect(seen.length).toBeLessThan(1700);
});

test('a gzip file with a wrong checksum is read and reported', async () => {
  const compressed = gzipSync(large);
  compressed[compressed.length - 6] ^= 1;
  const { seen, files } = await read([put(at('checksum'), compressed)]);
  expect(files.ends()[0].problem).toBe(
    `gzip data: has a compressed payload that cannot be decompressed (at byte ${compressed.length - 5})`,
  );
  expect(seen).toHaveLength(3000);
});

test('an invalid gzip member ends the file, with the offset', async () => {
  const whole = gzipSync(large.subarray(0, 24 + 1016 * 1500));
  const bad = gzipSync(large.subarray(24 + 1016 * 1500));
  bad[2] = 9;
  const { seen, files } = await read([put(at('member'), Buffer.concat([whole, bad]))]);
  expect(files.ends()[0].problem).toBe(`gzip data: has a compressed payload that cannot be decompressed (at byte ${whole.length + 3})`);
  expect(seen).toHaveLength(1500);
});

test('zeros after a gzip file are padding, anything else is damage', async () => {
  const zeros = await read([put(at('zeros'), Buffer.concat([gzipSync(small), Buffer.alloc(20_000)]))]);
  expect([zeros.seen, zeros.files.ends()[0].problem]).toEqual([['s0', 's1', 's2'], '']);
  const rest = await read([put(at('rest'), Buffer.concat([gzipSync(large), Buffer.from('something else entirely')]))]);
  expect(rest.files.ends()[0].problem).toMatch(/^gzip data: has a compressed payload that cannot be decompressed/);
  expect(rest.seen).toHaveLength(3000);
});

test.each(PACKERS)('a few bytes behind a small %s file cost nothing of it', async (kind, compress) => {
  for (const rest of ['\nend of file\n', 'some more than one block header of either']) {
    const packed = compress(small);
    const { seen, files } = await read([put(at('tail'), Buffer.concat([packed, Buffer.from(rest)]))]);
    expect(seen).toEqual(['s0', 's1', 's2']);
    expect(files.ends()[0].problem).toMatch(new RegExp(`^${kind} data: has a compressed payload that cannot be decompressed`));
  }
});

/** Lines of a damaged gzip file, in stored blocks; after the first chunk it is `changed`. */
async function readWhile(changed: (path: string) => void): Promise<{ text: string; problem: string }> {
  const lines = Array.from({ length: 40_000 }, (_, i) => `old ${i}\n`).join('');
  const path = put(at('changing'), Buffer.concat([gzipSync(lines, { level: 0 }), Buffer.from('something behind')]));
  const source = await openFile(path);
  const chunks = [(await source.next())!];
  changed(path);
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) chunks.push(chunk);
  await source.close();
  const text = Buffer.concat(chunks).toString();
  expect(lines.startsWith(text)).toBe(true);
  return { text, problem: faultText(source.fault!) };
}

test('a damaged gzip file that is truncated or overwritten while it is read ends, without anything foreign', async () => {
  const whole = await readWhile(() => {});
  expect(whole.text.length).toBe(40_000 * 10 - 11_110);
  const cut = await readWhile((path) => truncateSync(path, 5000));
  const other = gzipSync(Buffer.from(whole.text.replaceAll('old', 'new')), { level: 0 });
  const overwritten = await readWhile((path) => writeFileSync(path, other));
  for (const { text, problem } of [whole, cut, overwritten]) {
    expect(problem).toMatch(/^gzip data: (?:is cut off|has a compressed payload that cannot be decompressed)/);
    expect(text.length).toBeGreaterThan(200_000);
  }
});

test('skippable zstd frames are skipped', async () => {
  const { seen, files } = await read([put(at('skip'), Buffer.concat([zstdSkippable(5), zstdFrame(small), zstdSkippable(10_000)]))]);
  expect([seen, files.ends()[0].problem]).toEqual([['s0', 's1', 's2'], '']);
});

test('a damaged zstd file is reported', async () => {
  const { seen, files } = await read([
    put(at('bad-zstd'), Buffer.concat([zstdFrame(small), Buffer.from('no frame, but long enough for one')])),
  ]);
  expect([seen.length, files.ends()[0].problem]).toEqual([
    3,
    expect.stringMatching(/^zstd data: has a compressed payload that cannot be decompressed/),
  ]);
});

test('compressed text that is not a capture', async () => {
  const { files } = await read([put(at('text'), gzipSync(Buffer.from('just some text')))]);
  expect(files.ends()).toMatchObject([{ problem: 'capture file: does not start with a known magic number (at byte 0)' }]);
});

if (spawnSync('zstd', ['--version']).status !== 0) {
  test.skip('the zstd program is not installed: its files are not tested', () => {});
} else {
  test.each(['-1', '-3', '-19', '--fast=5', '--no-check'])('files of the zstd program, %s', async (level) => {
    const bytes = Buffer.concat([pcap(), ...VARIANTS.slice(0, 1).map(([, variant]) => variant.subarray(24)), large.subarray(24)]);
    execFileSync('zstd', ['-q', '-f', level, put(at('program'), bytes), '-o', at('program.zst')]);
    const plain = await read([at('program')]);
    const compressed = await read([at('program.zst')]);
    expect(compressed.seen).toEqual(plain.seen);
    expect(compressed.seen).toHaveLength(3005);
    expect(compressed.files.ends()[0].problem).toBe('');
  });
}
