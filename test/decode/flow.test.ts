/** Flows: equal for both directions, and for frames that need each other. */
import { describe, expect, test } from '@jest/globals';
import { flowOf } from '../../src/lib/decode/index.js';
import * as make from '../rigs/frames.js';

const ip = (packet: Buffer, linkType: number = make.LINK.ethernet) =>
  make.frame(linkType === make.LINK.ethernet ? make.ethernet(make.ETHER_IPV4, packet) : packet, { linkType });
const text = Buffer.from('OPTIONS sip:a SIP/2.0\r\n\r\n');
const there = { source: '127.0.0.1', destination: '127.0.0.2', sourcePort: 5060, destinationPort: 5070 };
const back = { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: 5070, destinationPort: 5060 };
const other = { ...there, sourcePort: 5061 };

describe('flow of a frame', () => {
  test('both directions of UDP and TCP are one', () => {
    expect(flowOf(ip(make.udpPacket(there, text)))).toBe(flowOf(ip(make.udpPacket(back, text))));
    expect(flowOf(ip(make.tcpPacket(there, text)))).toBe(flowOf(ip(make.tcpPacket(back, text))));
  });

  test('UDP flows are distinguished by port, TCP flows are not: fragments have no ports', () => {
    expect(flowOf(ip(make.udpPacket(there, text)))).not.toBe(flowOf(ip(make.udpPacket(other, text))));
    expect(flowOf(ip(make.tcpPacket(there, text)))).toBe(flowOf(ip(make.tcpPacket(other, text))));
  });

  test('fragments of a datagram share the flow of TCP between the hosts', () => {
    const fragments = make
      .ipv4Fragments({ ...there, protocol: make.IP_UDP, id: 5 }, make.udp({}, Buffer.alloc(3000)), 1000)
      .map((packet) => flowOf(ip(packet)));
    expect(new Set(fragments).size).toBe(1);
    expect(fragments[0]).toBe(flowOf(ip(make.tcpPacket(there, text))));
  });

  test('UDP tunnels are keyed by host', () => {
    const tunnel = (sourcePort: number) =>
      flowOf(
        ip(
          make.ipv4(
            { source: there.source, destination: there.destination, protocol: make.IP_UDP },
            make.udp({ sourcePort, destinationPort: 4789 }, make.vxlan(Buffer.alloc(60))),
          ),
        ),
      );
    expect(tunnel(50_000)).toBe(tunnel(50_001));
  });

  test('the same behind VLAN tags and other link layers', () => {
    const packet = make.udpPacket(there, text);
    const flow = flowOf(ip(packet));
    expect(flowOf(make.frame(make.ethernet(make.ETHER_VLAN, make.vlan(7, make.ETHER_IPV4, packet))))).toBe(flow);
    expect(flowOf(make.frame(make.ethernet(make.ETHER_SERVICE_VLAN, make.qinq(9, 7, make.ETHER_IPV4, packet))))).toBe(flow);
    expect(flowOf(ip(packet, make.LINK.raw))).toBe(flow);
    expect(flowOf(make.frame(make.sll(make.ETHER_IPV4, packet), { linkType: make.LINK.sll }))).toBe(flow);
    expect(flowOf(make.frame(make.sll2(make.ETHER_IPV4, packet), { linkType: make.LINK.sll2 }))).toBe(flow);
  });

  test('IPv6: both directions are one flow, ports are distinguished', () => {
    const six = (source: string, destination: string, sourcePort: number, destinationPort: number) =>
      flowOf(
        make.frame(
          make.ethernet(
            make.ETHER_IPV6,
            make.ipv6({ source, destination, nextHeader: make.IP_UDP }, make.udp({ sourcePort, destinationPort }, text)),
          ),
        ),
      );
    expect(six('::1', '::2', 5060, 5070)).toBe(six('::2', '::1', 5070, 5060));
    expect(six('::1', '::2', 5060, 5070)).not.toBe(six('::1', '::2', 5061, 5070));
  });

  test('adjacent addresses are spread: no worker of four gets more than twice its share', () => {
    const shares = [0, 0, 0, 0];
    for (let host = 1; host <= 200; host++) shares[flowOf(ip(make.udpPacket({ ...there, source: `127.0.3.${host}` }, text))) % 4]++;
    expect(Math.max(...shares)).toBeLessThan(100);
  });

  test('truncated and malformed frames have a flow', () => {
    const whole = make.ethernet(make.ETHER_VLAN, make.vlan(7, make.ETHER_IPV4, make.udpPacket(there, text)));
    for (let length = 0; length <= whole.length; length++) expect(flowOf(make.frame(whole.subarray(0, length)))).toBeGreaterThanOrEqual(0);
    expect(flowOf(make.frame(make.ethernet(0x0806, Buffer.alloc(28))))).toBe(0);
    expect(flowOf(make.frame(make.nullLink(2, make.udpPacket(there, text)), { linkType: make.LINK.null }))).toBe(0);
  });
});
