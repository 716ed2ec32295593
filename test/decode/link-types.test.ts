/** The table of link types, the layers that guess, and the captures of the shared faults if present beside the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { DELIVERED, FAULT, LINK_TYPES, OTHER, isReadLinkType, linkTypeText, printFrame } from '../../src/lib/decode/index.js';
import { LAYERS } from '../../src/lib/decode/layers.js';
import { readerFor, sniff } from '../../src/lib/format/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';

const FAULTS = resolve(import.meta.dirname, '../../../shared/captures/faults');
const SIP = Buffer.from('OPTIONS sip:a SIP/2.0\r\nCall-ID: c1@x\r\n\r\n');

describe('table of link types', () => {
  test('each number is unique, each has a name, each layer exists', () => {
    expect(new Set(LINK_TYPES.map(({ number }) => number)).size).toBe(LINK_TYPES.length);
    const known = new Set([0, ...LAYERS.map((row) => row.number)]);
    for (const { name, layer } of LINK_TYPES) {
      expect(name).toMatch(/^[A-Z0-9_]+$/);
      expect(known).toContain(layer);
    }
  });

  test('link types from files are supported, known by name, or shown as a number', () => {
    expect([1, 239, 189, 65_535, 70_000, -1].map(isReadLinkType)).toEqual([true, true, false, false, false, false]);
    expect([239, 189, 65_535].map(linkTypeText)).toEqual(['239 (NFLOG)', '189 (USB_LINUX)', '65535']);
    for (const linkType of [189, 65_535, 70_000, -1]) expect(new Collector().decode(make.frame(SIP, { linkType }))).toEqual([FAULT]);
  });
});

describe('an 802.11 aggregate', () => {
  const text = (i: number) => Buffer.from(`OPTIONS sip:${'a'.repeat(i)} SIP/2.0\r\nCall-ID: c${i}@x\r\n\r\n`);
  const packets = Array.from({ length: 9 }, (_, i): [number, Buffer] =>
    i % 3 === 2
      ? [make.ETHER_IPV6, make.ipv6({}, make.udp({}, text(i)))]
      : [make.ETHER_IPV4, make.ipv4({ source: `127.4.0.${i + 1}` }, make.udp({ sourcePort: 5000 + i }, text(i)))],
  );
  const bytes = make.radiotap(make.wirelessAggregate(packets));
  const texts = packets.map((_, i) => text(i).latin1Slice());

  test('every subframe is decoded with its own endpoints', () => {
    const collector = new Collector();
    expect(collector.decode(make.frame(bytes, { linkType: 127 }))).toEqual([DELIVERED]);
    expect(collector.payloads).toEqual(texts);
    expect(new Set(collector.datagrams.map(({ from }) => from)).size).toBe(7);
    expect(printFrame(make.frame(bytes, { linkType: 127 })).filter((line) => line.startsWith('802.11 aggregate'))).toHaveLength(9);
  });

  test('a trailing frame check sequence is not a subframe', () => {
    const collector = new Collector();
    expect(collector.decode(make.frame(Buffer.concat([bytes, Buffer.alloc(4, 0x9d)]), { linkType: 127 }))).toEqual([DELIVERED]);
    expect(collector.payloads).toEqual(texts);
  });

  test('a subframe that is not SIP or not IP does not hide the others', () => {
    const collector = new Collector();
    const mixed = make.wirelessAggregate([[0x0806, Buffer.alloc(28)], packets[0], [make.ETHER_IPV4, Buffer.alloc(9)], packets[2]]);
    expect(collector.decode(make.frame(mixed, { linkType: 105 }))).toEqual([DELIVERED | OTHER | FAULT]);
    expect(collector.payloads).toEqual([texts[0], texts[2]]);
  });

  test('truncated by the snap length anywhere, complete subframes are delivered complete', () => {
    for (let length = 0; length < bytes.length; length++) {
      const collector = new Collector();
      collector.decode(make.frame(bytes.subarray(0, length), { linkType: 127, originalLength: bytes.length }));
      const whole = collector.payloads.filter((payload) => texts.includes(payload));
      expect(collector.payloads.length - whole.length).toBeLessThanOrEqual(1);
      expect(whole).toEqual(texts.slice(0, whole.length));
    }
  });

  test('segments and fragments inside are reassembled', () => {
    const fragments = make
      .ipv4Fragments({ id: 5 }, make.udp({}, text(800)), 400)
      .map((packet): [number, Buffer] => [make.ETHER_IPV4, packet]);
    const segment = (sequence: number, payload: Buffer): [number, Buffer] => [make.ETHER_IPV4, make.tcpPacket({ sequence }, payload)];
    const collector = new Collector();
    const [one, two] = [text(20).subarray(0, 30), text(20).subarray(30)];
    collector.decode(make.frame(make.wirelessAggregate([fragments[0], segment(1, one), fragments[1]]), { linkType: 105, number: 1 }));
    collector.decode(make.frame(make.wirelessAggregate([segment(31, two), fragments[2]]), { linkType: 105, number: 2 }));
    collector.decoder.finish();
    expect(collector.payloads).toEqual([text(800).latin1Slice()]);
    expect(collector.streams.map(({ bytes: stream }) => stream.latin1Slice())).toEqual([text(20).latin1Slice()]);
  });
});

describe('encrypted payloads, and ports without their tunnel', () => {
  const inner = make.ipv4({}, make.udp({}, SIP));

  test.each([
    ['802.11, encrypted', make.wireless(make.ETHER_IPV4, inner, { encrypted: true }), 105],
    ['MACsec, encrypted', make.ethernet(0x88e5, Buffer.concat([Buffer.from([0x0c, 0, 0, 0, 0, 1]), inner])), 1],
    ['ESP, encrypted', make.ipv4({ protocol: 50 }, Buffer.alloc(200, 0x9d)), 101],
    ['L2TP version 3, control', make.ipv4({ protocol: 115 }, Buffer.concat([Buffer.alloc(4), inner])), 101],
  ])('%s: counted as a protocol that is not decoded', (_, bytes, linkType) => {
    const collector = new Collector();
    expect(collector.decode(make.frame(bytes, { linkType }))).toEqual([OTHER]);
    expect(collector.counts).toEqual({ unknown_protocol: 1 });
  });

  test.each([
    ['VXLAN', 4789],
    ['VXLAN-GPE', 4790],
    ['GTP-U', 2152],
    ['Geneve', 6081],
    ['TZSP', 37008],
    ['L2TP', 1701],
    ['ESP in UDP', 4500],
  ])('SIP on the port of %s is a datagram', (_, destinationPort) => {
    const collector = new Collector();
    expect(collector.decode(make.frame(make.ipv4({}, make.udp({ destinationPort }, SIP)), { linkType: 101 }))).toEqual([DELIVERED]);
    expect(collector.payloads).toEqual([SIP.latin1Slice()]);
  });

  test('random bytes in ESP are not decoded', () => {
    const collector = new Collector();
    let seed = 77;
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.alloc(60 + (round % 40));
      for (let i = 0; i < bytes.length; i++) bytes[i] = (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) >>> 16;
      collector.decode(make.frame(make.ipv4({ protocol: 50 }, bytes), { linkType: 101 }));
    }
    expect(collector.counts).toEqual({ unknown_protocol: 20_000 });
  });

  test('a TCP segment in ESP ends before the trailer', () => {
    const collector = new Collector();
    const segment = make.tcp({ sequence: 1 }, SIP);
    collector.decode(make.frame(make.ipv4({ protocol: 50 }, make.espNull(make.IP_TCP, segment)), { linkType: 101 }));
    collector.decoder.finish();
    expect(collector.streams.map(({ bytes }) => bytes.latin1Slice())).toEqual([SIP.latin1Slice()]);
  });
});

function collect(file: string): Collector {
  const bytes = readFileSync(join(FAULTS, file));
  const reader = readerFor(sniff(bytes))!;
  const collector = new Collector();
  const frame: Frame = { linkType: 0, bytes, from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
  reader.push(bytes);
  while (reader.next(frame)) collector.decode(frame);
  collector.decoder.finish();
  return collector;
}

if (!existsSync(FAULTS)) {
  test.skip('the shared captures are absent: link types and tunnels are tested with our own frames only', () => {});
} else {
  describe('captures of faults', () => {
    test.each([
      ['nflog239.pcap', 1],
      ['ppp9.pcap', 1],
      ['pflog117.pcap', 1],
      ['erf-linktype-197.pcap', 3],
      ['erspan3_vntag.pcap', 1],
      ['vntag_vlan.pcap', 1],
      ['l2tp.pcap', 1],
      ['esp_null_udp.pcap', 1],
      ['esp-null-sip.pcapng', 9],
    ])('%s: %d messages', (file, messages) => {
      const { payloads, streams } = collect(file);
      const texts = [...payloads, ...streams.map(({ bytes }) => bytes.latin1Slice())];
      const starts = texts.join('\r\n').match(/^(?:[A-Z]+ \S+ SIP\/2\.0|SIP\/2\.0 \d{3}[^\r]*)\r$/gm) ?? [];
      expect(starts).toHaveLength(messages);
    });
  });
}
