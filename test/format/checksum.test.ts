import { expect, test } from '@jest/globals';
import { Crc32c, checksumAdd, checksumFold } from '../../src/lib/format/index.js';

test('the Internet checksum, with the example of RFC 1071 section 3', () => {
  const bytes = Buffer.from('0001f203f4f5f6f7', 'hex');
  expect(checksumAdd(bytes, 0, 8)).toBe(0x2ddf0);
  expect(checksumFold(0x2ddf0)).toBe(~0xddf2 & 0xffff);
});

test('an odd last byte is the upper half of a word', () => {
  expect(checksumAdd(Buffer.from([1, 2, 3]), 0, 3)).toBe(0x0102 + 0x0300);
  expect(checksumAdd(Buffer.from([9, 1, 2, 3, 9]), 1, 4, 5)).toBe(0x0102 + 0x0300 + 5);
});

test('a long sum is folded', () => {
  const bytes = Buffer.alloc(65_534, 0xff);
  expect(checksumFold(checksumAdd(bytes, 0, bytes.length))).toBe(0);
});

test('CRC32c, with the check value of the catalogue and the vectors of RFC 3720 B.4', () => {
  const crc = new Crc32c();
  expect(crc.of(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc.of(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc.of(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc.of(Buffer.from('xx123456789xx'), 2, 11)).toBe(0xe3069283);
});
