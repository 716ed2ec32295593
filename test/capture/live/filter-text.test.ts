/** The kernel filter, as libpcap compiles it, against frames of every encapsulation that the decoder follows. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseRawListen } from '../../../src/lib/base/index.js';
import { mirrorFilter, tunnelFilter, type LinkKind } from '../../../src/lib/capture/live/index.js';
import { COMPOSITES, PAYLOAD } from '../../decode/composites.js';
import { temporaryFolder } from '../../rigs/sipcap.js';
import { pcap } from '../../rigs/capture-files.js';
import * as make from '../../rigs/frames.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const PORTS = [
  { first: 5060, last: 5070 },
  { first: 7000, last: 7000 },
];
const KINDS = new Map<number, LinkKind>([
  [make.LINK.ethernet, 'ethernet'],
  [make.LINK.sll, 'cooked'],
  [make.LINK.sll2, 'cooked'],
]);
const kindOf = (linkType: number): LinkKind => KINDS.get(linkType) ?? 'ip';

/** How many of the frames libpcap lets through. */
function passing(frames: readonly Buffer[], filter: string, linkType: number = make.LINK.ethernet): number {
  const input = join(folder.path, 'in.pcap');
  const output = join(folder.path, 'out.pcap');
  writeFileSync(input, pcap({ linkType, records: frames.map((bytes) => ({ seconds: 1, fraction: 0, bytes })) }));
  const ran = spawnSync('tcpdump', ['-Z', 'root', '-r', input, '-w', output, filter], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`tcpdump: ${ran.stderr}`);
  const bytes = readFileSync(output);
  let count = 0;
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) count++;
  return count;
}

const CAPTURED = new Set([1, 12, 101, 113, 228, 229, 276]);
const tcpdumpAbsent = spawnSync('tcpdump', ['--version']).error !== undefined;
const { ETHER_IPV4, ETHER_IPV6, ETHER_VLAN, ETHER_SERVICE_VLAN } = make;
const tagged = (bytes: Buffer) => make.ethernet(ETHER_VLAN, make.vlan(7, bytes.readUInt16BE(12), bytes.subarray(14)));
const twice = (bytes: Buffer) => make.ethernet(ETHER_SERVICE_VLAN, make.qinq(9, 7, bytes.readUInt16BE(12), bytes.subarray(14)));
const thrice = (bytes: Buffer) =>
  make.ethernet(
    ETHER_SERVICE_VLAN,
    make.vlan(3, ETHER_VLAN, make.vlan(7, ETHER_VLAN, make.vlan(8, bytes.readUInt16BE(12), bytes.subarray(14)))),
  );

(tcpdumpAbsent ? describe.skip : describe)('filter of a mirror port (needs tcpdump)', () => {
  // Link types of the interfaces that a filter is made for: Ethernet, raw IP, SLL and SLL2.
  const onLinux = COMPOSITES.filter(({ linkType }) => CAPTURED.has(linkType));
  test.each(onLinux.map((row) => [row.caption, row] as const))('accepts: %s', (_, { bytes, linkType }) => {
    expect(passing([bytes], mirrorFilter(PORTS, kindOf(linkType)), linkType)).toBe(1);
  });

  test('also behind one, two and three VLAN tags', () => {
    const ordinary = COMPOSITES.filter(
      ({ linkType, bytes, layers }) => linkType === make.LINK.ethernet && bytes.readUInt16BE(12) >= 0x600 && layers[1] !== 'vlan',
    ).map(({ bytes }) => bytes);
    const filter = mirrorFilter(PORTS, 'ethernet');
    expect(ordinary.length).toBeGreaterThan(20);
    expect(passing(ordinary.map(tagged), filter)).toBe(ordinary.length);
    expect(passing(ordinary.map(twice), filter)).toBe(ordinary.length);
    expect(passing(ordinary.map(thrice), filter)).toBe(ordinary.length);
  });

  test('every fragment, of both families, also in tags and tunnels', () => {
    const datagram = make.udp({}, Buffer.alloc(3000, 0x41));
    const four = make.ipv4Fragments({ protocol: make.IP_UDP }, datagram, 1000).map((packet) => make.ethernet(ETHER_IPV4, packet));
    const six = make.ipv6Fragments({}, datagram, 1000).map((packet) => make.ethernet(ETHER_IPV6, packet));
    const tunnelled = make
      .ipv4Fragments({ protocol: make.IP_IPV4 }, make.ipv4({}, datagram), 1000)
      .map((packet) => make.ethernet(ETHER_IPV4, packet));
    const all = [...four, ...six, ...tunnelled];
    expect(passing([...all, ...all.map(tagged), ...all.map(twice)], mirrorFilter(PORTS, 'ethernet'))).toBe(3 * all.length);
  });

  test('TCP and SCTP by their ports, both ends of ranges and single ports', () => {
    const ports = [
      [5060, 9],
      [9, 5070],
      [7000, 9],
      [9, 7000],
      [5065, 5065],
    ];
    const frames = ports
      .flatMap(([sourcePort, destinationPort]) => [
        make.ipv4({ protocol: make.IP_TCP }, make.tcp({ sourcePort, destinationPort }, PAYLOAD)),
        make.ipv4({ protocol: make.IP_SCTP }, make.sctp({ sourcePort, destinationPort }, PAYLOAD)),
      ])
      .map((packet) => make.ethernet(ETHER_IPV4, packet));
    expect(passing(frames, mirrorFilter(PORTS, 'ethernet'))).toBe(frames.length);
  });

  test('rejects other ports and protocols, also behind VLAN tags', () => {
    const other = [
      [5059, 9],
      [9, 5071],
      [7001, 6999],
      [53, 53],
    ].flatMap(([sourcePort, destinationPort]) => [
      make.ethernet(ETHER_IPV4, make.ipv4({}, make.udp({ sourcePort, destinationPort }, PAYLOAD))),
      make.ethernet(ETHER_IPV6, make.ipv6({}, make.udp({ sourcePort, destinationPort }, PAYLOAD))),
      make.ethernet(ETHER_IPV4, make.ipv4({ protocol: make.IP_TCP }, make.tcp({ sourcePort, destinationPort }, PAYLOAD))),
    ]);
    other.push(make.ethernet(0x0806, Buffer.alloc(28)), make.ethernet(ETHER_IPV4, make.ipv4({ protocol: 1 }, Buffer.alloc(8))));
    expect(passing([...other, ...other.map(tagged), ...other.map(twice)], mirrorFilter(PORTS, 'ethernet'))).toBe(0);
    expect(
      passing(
        other.map((bytes) => make.sll(bytes.readUInt16BE(12), bytes.subarray(14))),
        mirrorFilter(PORTS, 'cooked'),
        make.LINK.sll,
      ),
    ).toBe(0);
  });

  test('no ports: no filter', () => {
    expect(mirrorFilter([], 'ethernet')).toBe('');
  });
});

(tcpdumpAbsent ? describe.skip : describe)("filter of a tunnel's end (needs tcpdump)", () => {
  const inner4 = make.ipv4({}, make.udp({}, PAYLOAD));
  const inner6 = make.ipv6({}, make.udp({}, PAYLOAD));
  const outer4 = (destination: string, protocol: number, payload: Buffer, options?: Buffer) =>
    make.ethernet(ETHER_IPV4, make.ipv4({ destination, protocol, options }, payload));
  const outer6 = (destination: string, nextHeader: number, payload: Buffer) =>
    make.ethernet(ETHER_IPV6, make.ipv6({ destination, nextHeader }, payload));
  const toFour = [
    outer4('127.1.0.2', 4, inner4),
    outer4('127.1.0.2', 41, inner6),
    outer4('127.1.0.2', 4, inner4, Buffer.from('94040000', 'hex')),
  ];
  const toSix = [
    outer6('2001:db8::2', 4, inner4),
    outer6('2001:db8::2', 41, inner6),
    outer6('2001:db8::2', 60, make.ipv6Extension(4, inner4)),
  ];
  const strangers = [
    outer4('127.1.0.3', 4, inner4),
    outer6('2001:db8::3', 41, inner6),
    make.ethernet(ETHER_IPV4, inner4),
    outer4('127.1.0.2', make.IP_GRE, make.gre({ protocol: ETHER_IPV4 }, inner4)),
  ];

  test.each(['plain', 'tagged', 'twice'] as const)('the outer address decides: %s', (how) => {
    const dress = how === 'plain' ? (bytes: Buffer) => bytes : how === 'tagged' ? tagged : twice;
    const frames = [...toFour, ...toSix, ...strangers].map(dress);
    expect(passing(frames, tunnelFilter(parseRawListen('127.1.0.2:5060'), 'ethernet'))).toBe(3);
    expect(passing(frames, tunnelFilter(parseRawListen('[2001:db8::2]:5060'), 'ethernet'))).toBe(3);
    expect(passing(frames, tunnelFilter(parseRawListen('0.0.0.0'), 'ethernet'))).toBe(8);
  });

  test('later fragments of the outer packet belong to it', () => {
    const fragments = make
      .ipv4Fragments({ destination: '127.1.0.2', protocol: 4 }, inner4, 24)
      .map((packet) => make.ethernet(ETHER_IPV4, packet));
    expect(fragments.length).toBeGreaterThan(2);
    expect(passing(fragments, tunnelFilter(parseRawListen('127.1.0.2'), 'ethernet'))).toBe(fragments.length);
  });
});
