/** Decoding workers: whatever their number, the same messages are delivered in the same order, and the totals reconcile. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sipcap, summary, until } from '../rigs/sipcap.js';
import { options } from '../rigs/messages.js';
import * as make from '../rigs/frames.js';
import { VethPair, pause, whyNot } from '../rigs/namespaces.js';

const reason = whyNot();
const HOSTS = 40;

/** From each host a datagram, one in fragments, one in a tunnel, one in VXLAN with a tag, and three messages on a TCP stream, all mixed. */
function traffic(): Buffer[] {
  const perHost = Array.from({ length: HOSTS }, (_, host) => {
    const ends = { source: `127.9.0.${host + 1}`, destination: '127.9.1.1' };
    const message = (kind: string, bytes = 300) => options(`${kind}-${host}`, bytes);
    const ip = (packet: Buffer) => make.ethernet(make.ETHER_IPV4, packet);
    const datagram = make.udpPacket(ends, message('datagram'));
    const stream = Buffer.concat([message('first'), message('second', 900), message('third')]);
    const segments: Buffer[] = [];
    for (let at = 0; at < stream.length; at += 250)
      segments.push(ip(make.tcpPacket({ ...ends, sourcePort: 5070 + host, sequence: 1000 + at }, stream.subarray(at, at + 250))));
    return [
      ip(datagram),
      ...segments.slice(0, 2),
      ...make.ipv4Fragments({ ...ends, protocol: make.IP_UDP, id: host + 1 }, make.udp({}, message('fragments', 3000)), 1000).map(ip),
      ip(make.ipv4({ source: '127.9.2.1', destination: '127.9.2.2', protocol: make.IP_IPV4 }, make.udpPacket(ends, message('tunnel')))),
      ...segments.slice(2),
      make.ethernet(
        make.ETHER_VLAN,
        make.vlan(
          7,
          make.ETHER_IPV4,
          make.ipv4(
            { source: '127.9.2.3', destination: '127.9.2.4', protocol: make.IP_UDP },
            make.udp({ destinationPort: 4789 }, make.vxlan(ip(make.udpPacket(ends, message('vxlan'))))),
          ),
        ),
      ),
    ];
  });
  const mixed: Buffer[] = [];
  for (let i = 0; i < Math.max(...perHost.map(({ length }) => length)); i++)
    for (const frames of perHost) if (i < frames.length) mixed.push(frames[i]);
  return mixed;
}

(reason === '' ? describe : describe.skip)(`decoding workers${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  test('0, 1, 2 and 3 workers find the same messages in the same order', async () => {
    const frames = traffic();
    const written = pair.path('two.pcap');
    const programs = [0, 1, 2, 3].map((workers) =>
      pair.sipcap(
        'capture',
        'mirror',
        '-i',
        pair.near,
        '--workers',
        String(workers),
        '--format',
        'json',
        '--summary',
        'json',
        ...(workers === 2 ? ['-w', written] : []),
      ),
    );
    for (const program of programs) await until(() => program.logged().includes('capturing on'), 'the capture');
    // Twice as many workers' threads as processors are still starting.
    await pause(500);
    expect(pair.send(frames, { rate: 20_000 })).toBe(frames.length);
    await pause(1000);
    const ended = await Promise.all(
      programs.map((program) => {
        program.child.kill('SIGINT');
        return program.ended;
      }),
    );
    const shown = ended.map(({ stdout }) =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.replace(/"time":"[^"]*","micro_ts":\d+,/, '')),
    );
    expect(shown[0]).toHaveLength(HOSTS * 7);
    for (const each of shown.slice(1)) expect(each).toEqual(shown[0]);
    for (const each of ended) {
      const reported = summary(each);
      expect(reported.accounting_errors).toEqual([]);
      expect(reported.frames.received).toBe(frames.length);
      expect(reported.frames.partial).toBe(summary(ended[0]).frames.partial);
      expect(each.code).toBe(0);
    }
    const again = await sipcap(['capture', 'mirror', '-r', written, '--format', 'json', '--summary', 'json']);
    expect(summary(again).messages.found).toBe(HOSTS * 7);
    expect(readFileSync(written).length).toBeGreaterThan(frames.reduce((sum, { length }) => sum + length, 0));
  }, 60_000);

  test('every packet of a flood is counted', async () => {
    const program = pair.sipcap('capture', 'mirror', '-i', pair.near, '--workers', '2', '--format', 'none', '--summary', 'json');
    await until(() => program.logged().includes('capturing on'), 'the capture');
    const sent = await pair.sendLater(traffic(), { count: 300_000, rate: 1_000_000 });
    await pause(1000);
    program.child.kill('SIGINT');
    const reported = summary(await program.ended);
    expect(reported.accounting_errors).toEqual([]);
    expect(
      reported.frames.received +
        Object.values(reported.frames.dropped as unknown as Record<string, number>).reduce((sum, count) => sum + count, 0),
    ).toBe(sent);
    expect(reported.messages.found).toBeGreaterThan(1000);
  }, 60_000);

  test('unsupported combinations are reported', async () => {
    const rtcp = await sipcap(['capture', 'mirror', '-i', 'lo', '--workers', '1', '--rtcp']);
    expect([rtcp.code, rtcp.stderr]).toEqual([2, expect.stringContaining('--rtcp needs the calls of all flows in one place')]);
    const file = await sipcap(['capture', 'mirror', '-r', 'samples/sample.pcap', '--workers', '1']);
    expect([file.code, file.stderr]).toEqual([2, expect.stringContaining('--workers works on interfaces only')]);
  });
});
