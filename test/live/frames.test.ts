/** Frames of every encapsulation over a veth pair: live finds what the same frames in a file give; totals reconcile under a flood. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMPOSITES } from '../decode/composites.js';
import { summary, until } from '../rigs/sipcap.js';
import { options } from '../rigs/messages.js';
import { pcap } from '../rigs/capture-files.js';
import * as make from '../rigs/frames.js';
import { VethPair, ip, pause, whyNot } from '../rigs/namespaces.js';

const reason = whyNot();
const ETHERNET = COMPOSITES.filter(({ linkType }) => linkType === make.LINK.ethernet).map(({ bytes }) => bytes);

/** One message in fragments: IPv4, IPv6, and an IPv4 tunnel whose inner and whose outer packet is in fragments. */
function fragmented(): Buffer[] {
  const datagram = make.udp({}, options('fragments', 3000));
  const inner = make.ipv4Fragments({ protocol: make.IP_UDP }, datagram, 1000);
  const outer = make.ipv4Fragments(
    { source: '127.1.0.1', destination: '127.1.0.2', protocol: make.IP_IPV4, id: 77 },
    make.ipv4({ id: 9 }, datagram),
    1000,
  );
  return [
    ...make.ipv4Fragments({ protocol: make.IP_UDP, id: 3 }, datagram, 1000).map((packet) => make.ethernet(make.ETHER_IPV4, packet)),
    ...make.ipv6Fragments({}, datagram, 1000).map((packet) => make.ethernet(make.ETHER_IPV6, packet)),
    ...inner.map((packet) =>
      make.ethernet(make.ETHER_IPV4, make.ipv4({ source: '127.1.0.1', destination: '127.1.0.2', protocol: make.IP_IPV4 }, packet)),
    ),
    ...outer.map((packet) => make.ethernet(make.ETHER_IPV4, packet)),
  ];
}

/** Below it the field is a length: frames that bear no tags. */
const MIN_TYPE = 0x600;
const plain = (bytes: Buffer) => bytes;
const tagged = (bytes: Buffer) => make.ethernet(make.ETHER_VLAN, make.vlan(7, bytes.readUInt16BE(12), bytes.subarray(14)));
const taggedTwice = (bytes: Buffer) => make.ethernet(make.ETHER_SERVICE_VLAN, make.qinq(9, 7, bytes.readUInt16BE(12), bytes.subarray(14)));

interface Shown {
  source_ip: string;
  outer_source_ip?: string;
  originator_ip?: string;
  vlan?: number;
  msg: string;
}

/** The output, without the times and numbers that differ. */
function shown(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const message = JSON.parse(line) as Record<string, unknown>;
      delete message.time;
      delete message.micro_ts;
      delete message.file;
      delete message.frame;
      return JSON.stringify(message);
    });
}

(reason === '' ? describe : describe.skip)(`frames over a veth pair${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  async function capture(args: string[], frames: readonly Buffer[]) {
    const program = pair.sipcap('capture', ...args, '--summary', 'json', '--format', 'json');
    await until(() => program.logged().includes('capturing on'), 'the capture');
    const sent = pair.send(frames, { rate: 5000 });
    await pause(300);
    program.child.kill('SIGINT');
    return { sent, ended: await program.ended };
  }

  async function fromFile(args: string[], frames: readonly Buffer[]) {
    const file = pair.path('again.pcap');
    writeFileSync(file, pcap({ records: frames.map((bytes, i) => ({ seconds: 1_700_000_000 + i, fraction: 0, bytes })) }));
    return pair.sipcap('capture', ...args, '-r', file, '--format', 'json').ended;
  }

  test.each([
    ['as they are', 0, plain],
    ['behind a tag', MIN_TYPE, tagged],
    ['behind two tags', MIN_TYPE, taggedTwice],
  ] as const)('every encapsulation and every kind of fragment %s, through the filter of the port', async (_, minType, dress) => {
    const frames = [...ETHERNET.filter((bytes) => bytes.readUInt16BE(12) >= minType), ...fragmented()].map(dress);
    const { sent, ended } = await capture(['mirror', '-i', pair.near, '--port', '5060'], frames);
    expect(ended.code).toBe(0);
    const read = await fromFile(['mirror', '--port', '5060'], frames);
    expect(shown(ended.stdout)).toEqual(shown(read.stdout));
    expect(shown(ended.stdout)).toHaveLength(frames.length - fragmented().length + 4);
    const reported = summary(ended);
    expect(reported.frames.received).toBe(sent);
    expect(reported.accounting_errors).toEqual([]);
  });

  test('any: cooked frames carry the same messages', async () => {
    // Two tags arrive damaged from the kernel there: the inner one has lost its type.
    const frames = [...ETHERNET, ...fragmented()].filter(
      (bytes) => bytes.readUInt16BE(12) >= MIN_TYPE && bytes.readUInt16BE(12) !== make.ETHER_SERVICE_VLAN,
    );
    const { ended } = await capture(['mirror', '-i', 'any', '--port', '5060'], frames);
    const read = await fromFile(['mirror', '--port', '5060'], frames);
    const payloads = (text: string) =>
      shown(text)
        .map((line) => (JSON.parse(line) as Shown).msg)
        .sort();
    expect(payloads(ended.stdout)).toEqual(payloads(read.stdout));
  });

  test('raw: tunnels to one address, outer addresses kept and used as the originator', async () => {
    const frames = [...ETHERNET, ...fragmented()];
    const { ended } = await capture(['raw', '-i', pair.near, '--listen', '127.1.0.2:5060'], frames);
    const read = await fromFile(['raw', '--listen', '127.1.0.2:5060'], frames);
    expect(shown(ended.stdout)).toEqual(shown(read.stdout));
    const messages = shown(ended.stdout).map((line) => JSON.parse(line) as Shown);
    // IPv4 and IPv6 within IPv4, the inner and the outer packet in fragments.
    expect(messages).toHaveLength(4);
    for (const { outer_source_ip, originator_ip } of messages) expect([outer_source_ip, originator_ip]).toEqual(['127.1.0.1', '127.1.0.1']);
    const other = await fromFile(['raw', '--listen', '127.1.0.2:9'], frames);
    expect(shown(other.stdout)).toHaveLength(0);
    const any = await fromFile(['raw', '--listen', '0.0.0.0'], frames);
    expect(shown(any.stdout)).toHaveLength(6);
  });

  test('-f takes libpcap syntax; truncation by the snap length is counted', async () => {
    const frames = [5060, 5062].map((sourcePort) =>
      make.ethernet(make.ETHER_IPV4, make.ipv4({}, make.udp({ sourcePort }, options('long', 500)))),
    );
    const { ended } = await capture(['mirror', '-i', pair.near, '-f', 'udp src port 5062', '--snap-length', '300'], frames);
    expect(shown(ended.stdout)).toHaveLength(1);
    expect(summary(ended)).toMatchObject({ frames: { received: 1 }, notes: { cut_by_snap_length: 1 } });
  });

  test('-w writes the frames unchanged', async () => {
    const frames = [...fragmented(), ETHERNET[0]];
    const file = pair.path('kept.pcap');
    await capture(['mirror', '-i', pair.near, '--port', '5060', '-w', file], frames);
    const bytes = readFileSync(file);
    const kept: Buffer[] = [];
    for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8))
      kept.push(bytes.subarray(at + 16, at + 16 + bytes.readUInt32LE(at + 8)));
    expect(kept.map((each) => each.toString('hex'))).toEqual(frames.map((each) => each.toString('hex')));
  });

  test('two interfaces: one stream in time order', async () => {
    ip('-n', pair.near, 'link', 'add', 'second', 'type', 'veth', 'peer', 'name', 'other', 'netns', pair.far);
    ip('-n', pair.near, 'link', 'set', 'second', 'up');
    ip('-n', pair.far, 'link', 'set', 'other', 'up');
    const program = pair.sipcap('capture', 'mirror', '-i', pair.near, '-i', 'second', '--port', '5060', '--format', 'json');
    await until(() => (program.logged().match(/capturing on/g) ?? []).length === 2, 'both captures');
    for (let i = 0; i < 20; i++) {
      const frame = make.ethernet(make.ETHER_IPV4, make.ipv4({}, make.udp({}, options(`call-${i}`))));
      const file = pair.path('one.pcap');
      writeFileSync(file, pcap({ records: [{ seconds: 0, fraction: 0, bytes: frame }] }));
      await pair.start(pair.far, pair.path('frameblast'), ['-i', i % 2 === 0 ? pair.far : 'other', '-f', file, '-n', '1']).ended;
    }
    await pause(300);
    program.child.kill('SIGINT');
    const { stdout } = await program.ended;
    expect(shown(stdout).map((line) => /Call-ID: (\S+)/.exec((JSON.parse(line) as Shown).msg)![1])).toEqual(
      Array.from({ length: 20 }, (_, i) => `call-${i}`),
    );
  });

  test('under a flood: delivered + dropped = sent', async () => {
    const frames = Array.from({ length: 500 }, (_, i) =>
      make.ethernet(make.ETHER_IPV4, make.ipv4({}, make.udp({}, options(`flood-${i}`, 300)))),
    );
    const program = pair.sipcap(
      'capture',
      'mirror',
      '-i',
      pair.near,
      '--port',
      '5060',
      '--buffer-size',
      '1M',
      '--summary',
      'json',
      '--format',
      'none',
    );
    await until(() => program.logged().includes('capturing on'), 'the capture');
    const sent = pair.send(frames, { count: 400_000 });
    await until(() => program.logged().includes('kernel dropped'), 'the warning');
    expect(program.logged()).toMatch(/raise --buffer-size \(now 1M\)/);
    await pause(1500);
    program.child.kill('SIGINT');
    const reported = summary(await program.ended);
    expect(reported.frames.dropped.kernel).toBeGreaterThan(0);
    expect(reported.frames.received + reported.frames.dropped.kernel).toBe(sent);
    expect(reported.accounting_errors).toEqual([]);
  }, 60_000);
});
