import { expect, test } from '@jest/globals';
import { PcapReader, PcapngReader, readerFor, sniff } from '../../src/lib/format/index.js';

test.each([
  ['d4c3b2a1', 'pcap'],
  ['a1b2c3d4', 'pcap'],
  ['4d3cb2a1', 'pcap'],
  ['a1b23c4d', 'pcap'],
  ['34cdb2a1', 'pcap'],
  ['a1b2cd34', 'pcap'],
  ['0a0d0d0a', 'pcapng'],
  ['1f8b0800', 'gzip'],
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['502a4d18', 'zstd'],
  ['5f2a4d18', 'zstd'],
  ['602a4d18', 'unknown'],
  ['a1b2c3', 'unknown'],
  ['', 'unknown'],
  ['48455033', 'unknown'],
])('%s is %s', (hex, kind) => {
  expect(sniff(Buffer.from(hex, 'hex'))).toBe(kind);
});

test('readers for uncompressed formats', () => {
  expect(readerFor('pcap')).toBeInstanceOf(PcapReader);
  expect(readerFor('pcapng')).toBeInstanceOf(PcapngReader);
  expect([readerFor('gzip'), readerFor('zstd'), readerFor('unknown')]).toEqual([null, null, null]);
});
