/** One small file of every supported kind; all of them hold complete records only. */
import {
  MODIFIED,
  NANOSECONDS,
  custom,
  describe,
  enhanced,
  obsolete,
  pcap,
  section,
  simple,
  type ByteOrder,
  type PlainRecord,
} from '../rigs/capture-files.js';

export const PACKETS = [
  Buffer.from('first packet'),
  Buffer.from('the second one'),
  Buffer.from('x'),
  Buffer.alloc(0),
  Buffer.from('last, of 23 bytes here.'),
];

function records(nanoseconds = false): PlainRecord[] {
  return PACKETS.map((bytes, i) => ({
    seconds: 1_700_000_000 + i,
    fraction: (nanoseconds ? 1000 : 1) * (123_456 + i) + (nanoseconds ? 789 : 0),
    bytes,
    originalLength: bytes.length + i,
  }));
}

function mixed(order: ByteOrder, other: ByteOrder): Buffer {
  return Buffer.concat([
    section(order),
    custom(order),
    describe(order),
    describe(order, { linkType: 113, resolution: 9, snapLength: 8 }),
    enhanced(order, PACKETS[0], { ticks: 1_700_000_000_123_456n, originalLength: 1500 }),
    enhanced(order, PACKETS[1], { index: 1, ticks: 1_700_000_001_123_457_789n }),
    custom(order),
    simple(order, PACKETS[2]),
    obsolete(order, PACKETS[4], { index: 1, ticks: 1_700_000_002_000_000_999n }),
    section(other),
    describe(other, { linkType: 101, resolution: 0x80 | 20 }),
    enhanced(other, PACKETS[4], { ticks: (1_700_000_003n << 20n) + 524_288n }),
  ]);
}

export const VARIANTS: readonly [name: string, bytes: Buffer, count: number][] = [
  ['pcap, little endian', pcap({ records: records() }), 5],
  ['pcap, big endian', pcap({ order: 'big', records: records() }), 5],
  ['pcap, nanoseconds', pcap({ magic: NANOSECONDS, records: records(true) }), 5],
  ['pcap, nanoseconds, big endian', pcap({ order: 'big', magic: NANOSECONDS, records: records(true) }), 5],
  ['pcap, modified', pcap({ magic: MODIFIED, records: records() }), 5],
  ['pcap, modified, big endian', pcap({ order: 'big', magic: MODIFIED, records: records() }), 5],
  ['pcapng, little then big endian', mixed('little', 'big'), 5],
  ['pcapng, big then little endian', mixed('big', 'little'), 5],
];
