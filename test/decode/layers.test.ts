/** Every layer alone (laws) and every encapsulation complete, truncated at each length, and nested. */
import { describe, expect, test } from '@jest/globals';
import { AddressTextCache, FAMILY_IPV4 } from '../../src/lib/base/index.js';
import { DELIVERED, FAULT, OTHER, printFrame } from '../../src/lib/decode/index.js';
import { FIRST_LAYER } from '../../src/lib/decode/layer-ids.js';
import * as numbers from '../../src/lib/decode/layer-ids.js';
import { LAYERS, walkLayers } from '../../src/lib/decode/layers.js';
import { Packet } from '../../src/lib/decode/packet.js';
import * as successors from '../../src/lib/decode/next-layer.js';
import { Walk } from '../../src/lib/decode/walk.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';
import { COMPOSITES, PAYLOAD, expectedEnds } from './composites.js';

function walkOver(bytes: Buffer): Walk {
  const packet = new Packet(new AddressTextCache(), false);
  packet.begin(make.frame(bytes));
  const walk = new Walk(packet);
  const chunk = Buffer.concat([Buffer.alloc(3, 0xa5), bytes, Buffer.alloc(40, 0xa5)]);
  walk.begin(chunk, 3, 3 + bytes.length, bytes.length);
  return walk;
}

/** Layer names of a printed frame, without the first line and a fault. */
function layerNames(lines: readonly string[]): string[] {
  return lines.slice(1).map((line) => line.split(' at ')[0]);
}

describe('layer laws', () => {
  test('each number has one row and each row a distinct number', () => {
    const declared = Object.entries(numbers)
      .filter(([name, number]) => name !== 'FIRST_LAYER' && number >= FIRST_LAYER)
      .map(([, number]) => number);
    expect(LAYERS.map((row) => row.number).sort((a, b) => a - b)).toEqual(declared.sort((a, b) => a - b));
  });

  test('every next layer in the tables exists', () => {
    const known = new Set([0, ...LAYERS.map((row) => row.number)]);
    for (const table of Object.values(successors)) for (const layer of new Set(table)) expect(known).toContain(layer);
  });

  test.each(LAYERS.map((row) => [row.name, row] as const))(
    '%s: shorter than its fixed part is a short header, for every length',
    (_, row) => {
      for (let length = 0; length < row.minimumBytes; length++) {
        for (const fill of [0x00, 0x45, 0x60, 0xaa, 0xff]) {
          const walk = walkOver(Buffer.alloc(length, fill));
          expect([row.read(walk), walk.fault]).toEqual([0, 'too_short']);
        }
      }
    },
  );

  test.each(LAYERS.map((row) => [row.name, row] as const))('%s: never leaves its bytes and always advances or ends', (_, row) => {
    let seed = 12_345;
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.alloc(row.minimumBytes + (round % 60));
      for (let i = 0; i < bytes.length; i++) bytes[i] = (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) >>> 16;
      const walk = walkOver(bytes);
      const next = row.read(walk);
      const within = walk.at >= 3 && walk.at <= walk.end && walk.end <= 3 + bytes.length;
      if (!within || (next === 0) !== (walk.fault !== ''))
        throw new Error(`${bytes.toString('hex')}: at ${walk.at}, end ${walk.end}, next ${next}, ${walk.fault}`);
    }
  });
});

describe('every encapsulation', () => {
  test.each(COMPOSITES.map((row) => [row.caption, row] as const))('%s', (_, row) => {
    const collector = new Collector();
    const frame = make.frame(row.bytes, { linkType: row.linkType, number: 7 });
    expect(layerNames(printFrame(frame))).toEqual(row.layers);
    expect(collector.decode(frame)).toEqual([DELIVERED]);
    const { from, to, outer, vlan } = expectedEnds(row);
    expect(collector.datagrams).toEqual([
      {
        payload: PAYLOAD.latin1Slice(),
        from,
        to,
        outer,
        vlan,
        protocol: 17,
        cut: false,
        capturedAt: frame.capturedAt,
        frame: 7,
        frames: [],
      },
    ]);
    expect(collector.counts).toEqual({});
  });

  test.each(COMPOSITES.map((row) => [row.caption, row] as const))(
    '%s: truncated at any length is a fault, or the available bytes marked as truncated',
    (_, row) => {
      const whole = make.frame(row.bytes, { linkType: row.linkType });
      const payloadEnd = row.bytes.length - (row.trailing ?? 0);
      for (let length = 0; length < payloadEnd; length++) {
        const collector = new Collector();
        const [result] = collector.decode(make.snap(whole, length));
        const there = length - (payloadEnd - PAYLOAD.length);
        if (there >= 0) {
          expect(collector.datagrams.map(({ payload, cut }) => ({ payload, cut }))).toEqual([
            { payload: PAYLOAD.latin1Slice(0, there), cut: true },
          ]);
          expect(result).toBe(DELIVERED);
          expect(collector.counts).toEqual({ cut_by_snap_length: 1 });
        } else if (result === DELIVERED) {
          // An incomplete tunnel header looks like an ordinary datagram on the tunnel's port.
          expect(collector.datagrams[0].cut).toBe(true);
          expect(row.layers).toContain('udp');
        } else {
          expect([FAULT, OTHER]).toContain(result);
          expect(collector.decoder.fault).toMatch(/^(too_short|truncated|unknown_protocol|cut)$/);
        }
        printFrame(make.snap(whole, length));
      }
    },
  );
});

describe('frames as hex', () => {
  test('IP 127.0.0.1.5060 > 127.0.0.2.5080: UDP, length 4, in VLAN 600, padded to 60 bytes', () => {
    const hex =
      '020000000002' +
      '020000000001' +
      '8100' +
      '6258' +
      '0800' +
      '4500' +
      '0020' +
      '0001' +
      '0000' +
      '4011' +
      '7cc9' +
      '7f000001' +
      '7f000002' +
      '13c4' +
      '13d8' +
      '000c' +
      '0000' +
      '0d0a0d0a' +
      '0000000000000000000000000000';
    const collector = new Collector();
    collector.decode(make.frame(Buffer.from(hex, 'hex')));
    expect(collector.datagrams[0]).toMatchObject({ payload: '\r\n\r\n', from: '127.0.0.1 5060', to: '127.0.0.2 5080', vlan: 600 });
    const made = make.ethernet(make.ETHER_VLAN, make.vlan(600, make.ETHER_IPV4, make.ipv4({}, make.udp({}, Buffer.from('\r\n\r\n')))));
    expect(made.toString('hex')).toBe(hex.slice(0, made.length * 2));
  });

  test('printed', () => {
    const bytes = make.ethernet(make.ETHER_IPV4, make.ipv4({ protocol: make.IP_IPV6 }, make.ipv6({}, make.udp({}, PAYLOAD))));
    expect(printFrame(make.frame(bytes, { number: 3 }))).toEqual([
      'frame 3: link type 1 (ETHERNET), 107 of 107 bytes',
      'ethernet at 0: 14 bytes',
      'ipv4 at 14: 20 bytes, 127.0.0.1 -> 127.0.0.2',
      'ipv6 at 34: 40 bytes, 2001:db8::1 -> 2001:db8::2',
      'udp at 74: 8 bytes, [2001:db8::1]:5060 -> [2001:db8::2]:5080, payload 25 bytes',
    ]);
    expect(printFrame(make.snap(make.frame(bytes), 44)).at(-1)).toBe(
      'ipv6: is shorter than its fixed part, needs 40 bytes, 10 left (at byte 34)',
    );
  });
});

describe('lengths', () => {
  test.each([
    ['total length 0 is the rest of the frame', make.ipv4({ totalLength: 0 }, make.udp({}, PAYLOAD)), PAYLOAD.latin1Slice(), false],
    ['payload length 0 likewise', make.ipv6({ payloadLength: 0 }, make.udp({}, PAYLOAD)), PAYLOAD.latin1Slice(), false],
    ['UDP length 0 is the rest of the packet', make.ipv4({}, make.udp({ length: 0 }, PAYLOAD)), PAYLOAD.latin1Slice(), false],
    ['UDP length below what is there', make.ipv4({}, make.udp({ length: 12 }, PAYLOAD)), 'OPTI', false],
    ['UDP length above what is there in a whole packet', make.ipv4({}, make.udp({ length: 500 }, PAYLOAD)), PAYLOAD.latin1Slice(), false],
    ['IP length above what is there', make.ipv4({ totalLength: 500 }, make.udp({}, PAYLOAD)), PAYLOAD.latin1Slice(), false],
    ['both lengths above what is there', make.ipv4({ totalLength: 500 }, make.udp({ length: 480 }, PAYLOAD)), PAYLOAD.latin1Slice(), true],
    ['an empty datagram', make.ipv4({}, make.udp({}, Buffer.alloc(0))), '', false],
  ])('%s', (_, bytes, payload, cut) => {
    const collector = new Collector();
    collector.decode(make.frame(bytes, { linkType: make.LINK.raw }));
    expect(collector.datagrams.map((each) => [each.payload, each.cut])).toEqual([[payload, cut]]);
  });

  test.each([
    ['IP length below its header', make.ipv4({ totalLength: 19 }, make.udp({}, PAYLOAD)), 'bad_length'],
    ['UDP length below its header', make.ipv4({}, make.udp({ length: 7 }, PAYLOAD)), 'bad_length'],
    ['header length 16', Buffer.from('44000014000100004011000000000000000000000000', 'hex'), 'bad_header_length'],
    ['header length beyond the packet', Buffer.from('4f00003c00010000401100007f0000017f000002', 'hex'), 'truncated'],
    ['version 5', Buffer.from('55000014', 'hex'), 'bad_version'],
    [
      'TCP header length 16',
      make.ipv4({ protocol: 6 }, Buffer.from('13c413d80000000000000000401000000000000000000000', 'hex')),
      'bad_header_length',
    ],
    [
      'TCP options beyond the segment',
      make.ipv4({ protocol: 6 }, Buffer.from('13c413d80000000000000000601000000000000000', 'hex')),
      'truncated',
    ],
  ])('%s: a fault', (_, bytes, reason) => {
    const collector = new Collector();
    expect(collector.decode(make.frame(bytes, { linkType: make.LINK.raw }))).toEqual([FAULT]);
    expect(collector.counts).toEqual({ [reason]: 1 });
    expect(collector.decoder.fault).toBe(reason);
  });

  test('ICMP, ARP and an unknown link type are counted and ignored', () => {
    const collector = new Collector();
    const quoted = make.ipv4(
      { protocol: 1 },
      Buffer.concat([Buffer.from('0303000000000000', 'hex'), make.ipv4({}, make.udp({}, PAYLOAD))]),
    );
    expect(collector.decode(make.frame(quoted, { linkType: make.LINK.raw }))).toEqual([OTHER]);
    expect(collector.decode(make.frame(make.ethernet(0x0806, Buffer.alloc(28))))).toEqual([OTHER]);
    expect(collector.decode(make.frame(quoted, { linkType: 189 }))).toEqual([FAULT]);
    expect(collector.decode(make.frame(quoted, { linkType: 70_000 }))).toEqual([FAULT]);
    expect(collector.counts).toEqual({ unknown_protocol: 2, unknown_link_type: 2 });
    expect(collector.datagrams).toEqual([]);
  });

  test.each([
    ['VXLAN', 4789],
    ['GTP-U', 2152],
    ['Geneve', 6081],
    ['TZSP', 37008],
  ])('SIP on the port of %s is a datagram', (_, destinationPort) => {
    const collector = new Collector();
    collector.decode(make.frame(make.ipv4({}, make.udp({ destinationPort }, PAYLOAD)), { linkType: make.LINK.raw }));
    expect(collector.payloads).toEqual([PAYLOAD.latin1Slice()]);
  });
});

describe('nesting', () => {
  function nested(tunnels: number): Buffer {
    let packet = make.ipv4({ source: '127.0.0.8' }, make.udp({}, PAYLOAD));
    for (let i = tunnels; i > 0; i--) {
      packet =
        i % 2 === 0
          ? make.ipv4(
              { source: `127.0.${i}.1`, destination: `127.0.${i}.2`, protocol: packet[0] >>> 4 === 4 ? make.IP_IPV4 : make.IP_IPV6 },
              packet,
            )
          : make.ipv6(
              {
                source: `2001:db8:${i}::1`,
                destination: `2001:db8:${i}::2`,
                nextHeader: packet[0] >>> 4 === 4 ? make.IP_IPV4 : make.IP_IPV6,
              },
              packet,
            );
    }
    return packet;
  }

  test('eight nested tunnels are followed; addresses are the innermost and the outermost', () => {
    const collector = new Collector();
    expect(collector.decode(make.frame(nested(8), { linkType: make.LINK.raw }))).toEqual([DELIVERED]);
    expect(collector.datagrams[0]).toMatchObject({ from: '127.0.0.8 5060', outer: '2001:db8:1::1 2001:db8:1::2' });
  });

  test('nine are too deep', () => {
    const collector = new Collector();
    expect(collector.decode(make.frame(nested(9), { linkType: make.LINK.raw }))).toEqual([FAULT]);
    expect(collector.counts).toEqual({ too_deep: 1 });
  });

  test('the outer addresses of one frame do not leak into the next', () => {
    const collector = new Collector();
    collector.decode(make.frame(nested(2), { linkType: make.LINK.raw }), make.frame(nested(0), { linkType: make.LINK.raw }));
    expect(collector.datagrams.map((each) => each.outer !== '')).toEqual([true, false]);
  });

  test('a frame full of VLAN tags terminates', () => {
    const tags = Buffer.concat(Array.from({ length: 400 }, () => Buffer.from('00018100', 'hex')));
    const collector = new Collector();
    const frame = make.frame(make.ethernet(make.ETHER_VLAN, tags));
    expect(collector.decode(frame)).toEqual([FAULT]);
    expect(collector.decoder.fault).toBe('too_deep');
    expect(printFrame(frame).at(-1)).toContain('frame: is nested deeper than the limit');
    const walk = walkOver(tags);
    expect(walkLayers(walk, numbers.VLAN)).toBe(numbers.STOP);
    expect(walk.packet.family).not.toBe(FAMILY_IPV4);
  });
});
