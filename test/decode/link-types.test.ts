/** The table of link types, the layers that guess, and the captures of the shared faults where they lie beside the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { DELIVERED, FAULT, LINK_TYPES, OTHER, isReadLinkType, linkTypeText } from '../../src/lib/decode/index.js';
import { LAYERS } from '../../src/lib/decode/layers.js';
import { readerFor, sniff } from '../../src/lib/format/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';

const FAULTS = resolve(import.meta.dirname, '../../../shared/captures/faults');
const SIP = Buffer.from('OPTIONS sip:a SIP/2.0\r\nCall-ID: c1@x\r\n\r\n');

describe('table of link types', () => {
  test('each number once, each with a name, each layer one that is there', () => {
    expect(new Set(LINK_TYPES.map(({ number }) => number)).size).toBe(LINK_TYPES.length);
    const known = new Set([0, ...LAYERS.map((row) => row.number)]);
    for (const { name, layer } of LINK_TYPES) {
      expect(name).toMatch(/^[A-Z0-9_]+$/);
      expect(known).toContain(layer);
    }
  });

  test('numbers out of files are read, known by name, or a number', () => {
    expect([1, 239, 189, 65_535, 70_000, -1].map(isReadLinkType)).toEqual([true, true, false, false, false, false]);
    expect([239, 189, 65_535].map(linkTypeText)).toEqual(['239 (NFLOG)', '189 (USB_LINUX)', '65535']);
    for (const linkType of [189, 65_535, 70_000, -1]) expect(new Collector().decode(make.frame(SIP, { linkType }))).toEqual([FAULT]);
  });
});

describe('what is not in the clear, or not the tunnel', () => {
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

  test('an 802.11 aggregate is counted as one', () => {
    const collector = new Collector();
    const bytes = make.wireless(make.ETHER_IPV4, inner, { qos: true, aggregate: true });
    expect(collector.decode(make.frame(bytes, { linkType: 105 }))).toEqual([FAULT]);
    expect(collector.counts).toEqual({ aggregate: 1 });
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

  test('random bytes in ESP are not believed', () => {
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
