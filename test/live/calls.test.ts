/** Real calls through a veth pair, with tcpdump beside us: what we show is what tshark finds in tcpdump's file, message by message. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { summary, until } from '../rigs/sipcap.js';
import { FAR_ADDRESS, NEAR_ADDRESS, VethPair, ip, pause, whyNot } from '../rigs/namespaces.js';

const absent = ['sipp', 'tshark'].find((tool) => spawnSync(tool, ['-v']).error !== undefined);
const reason = absent === undefined ? whyNot() : `needs ${absent}`;
const CALLS = 20;
/** INVITE, 100 (not of sipp), 180, 200, ACK, BYE, 200. */
const MESSAGES_PER_CALL = 6;

/** Source, destination, ports, Call-ID, CSeq and what it is: sorted, since tshark tells of a segment's messages together. */
function ofTshark(file: string): string[] {
  const fields = [
    'ip.src',
    'ip.dst',
    'udp.srcport',
    'tcp.srcport',
    'udp.dstport',
    'tcp.dstport',
    'sip.Call-ID',
    'sip.CSeq',
    'sip.Method',
    'sip.Status-Code',
  ];
  const ran = spawnSync('tshark', ['-r', file, '-Y', 'sip', '-o', 'ip.defragment:TRUE', '-T', 'pdml'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  const found: string[] = [];
  for (const packet of ran.stdout.split('<packet>').slice(1)) {
    const value = (text: string, name: string) =>
      new RegExp(`<field name="${name.replaceAll('.', '\\.')}"[^>]* show="([^"]*)"`).exec(text)?.[1] ?? '';
    const [head, ...messages] = packet.split('<proto name="sip"');
    const ports = [value(head, fields[2]) || value(head, fields[3]), value(head, fields[4]) || value(head, fields[5])];
    for (const message of messages)
      found.push(
        [
          value(head, 'ip.src'),
          value(head, 'ip.dst'),
          ...ports,
          ...['sip.Call-ID', 'sip.CSeq'].map((name) => value(message, name)),
          value(message, 'sip.Method') || value(message, 'sip.Status-Code'),
        ].join(' '),
      );
  }
  return found.sort();
}

function ofOurs(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const message = JSON.parse(line) as Record<string, string>;
      return [
        message.source_ip,
        message.destination_ip,
        message.source_port,
        message.destination_port,
        message.callid,
        message.cseq,
        message.method,
      ].join(' ');
    })
    .sort();
}

(reason === '' ? describe : describe.skip)(`calls over a veth pair${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  async function calls(transport: 'u1' | 't1', watched: string, near: string, far: string) {
    const file = pair.path(`beside-${transport}-${watched}.pcap`);
    const beside = pair.start(pair.near, 'tcpdump', ['-Z', 'root', '-U', '--immediate-mode', '-s', '0', '-i', watched, '-w', file]);
    const program = pair.sipcap('capture', 'mirror', '-i', watched, '--port', '5060-5090', '--format', 'json', '--summary', 'json');
    await until(() => program.logged().includes('capturing on') && beside.logged().includes('listening on'), 'both captures');
    const answering = pair.start(pair.near, 'sipp', ['-sn', 'uas', '-i', near, '-p', '5070', '-t', transport, '-bg', '-nostdin']);
    await answering.ended;
    await pause(300);
    const calling = pair.start(pair.far, 'sipp', [
      '-sn',
      'uac',
      '-i',
      far,
      '-p',
      '5080',
      '-t',
      transport,
      '-m',
      String(CALLS),
      '-r',
      '20',
      '-d',
      '10',
      '-nostdin',
      `${near}:5070`,
    ]);
    const { code, stdout } = await calling.ended;
    spawnSync('ip', [
      'netns',
      'exec',
      pair.near,
      'sh',
      '-c',
      'kill $(ip netns pids $0 | xargs -r ps -o pid=,comm= -p | awk \'$2 == "sipp" { print $1 }\')',
      pair.near,
    ]);
    if (code !== 0) throw new Error(`sipp: ${stdout.slice(-2000)}`);
    await pause(500);
    beside.child.kill('SIGINT');
    program.child.kill('SIGINT');
    await beside.ended;
    const ended = await program.ended;
    expect(summary(ended).accounting_errors).toEqual([]);
    return { expected: ofTshark(file), found: ofOurs(ended.stdout), reported: summary(ended) };
  }

  test.each(['u1', 't1'] as const)('%s', async (transport) => {
    const { expected, found } = await calls(transport, pair.near, NEAR_ADDRESS, FAR_ADDRESS);
    expect(found).toEqual(expected);
    expect(found).toHaveLength(CALLS * MESSAGES_PER_CALL);
  });

  test.each(['u1', 't1'] as const)('%s, every message split across packets', async (transport) => {
    for (const namespace of [pair.near, pair.far]) ip('-n', namespace, 'link', 'set', namespace, 'mtu', '200');
    const { expected, found, reported } = await calls(transport, pair.near, NEAR_ADDRESS, FAR_ADDRESS);
    for (const namespace of [pair.near, pair.far]) ip('-n', namespace, 'link', 'set', namespace, 'mtu', '1500');
    expect(found).toEqual(expected);
    expect(found).toHaveLength(CALLS * MESSAGES_PER_CALL);
    if (transport === 'u1') expect(reported.frames.partial).toBeGreaterThanOrEqual(found.length);
  });

  test('inside VXLAN of the kernel', async () => {
    for (const [namespace, remote, address] of [
      [pair.near, FAR_ADDRESS, '198.51.100.1'],
      [pair.far, NEAR_ADDRESS, '198.51.100.2'],
    ] as const) {
      ip('-n', namespace, 'link', 'add', 'vx', 'type', 'vxlan', 'id', '42', 'remote', remote, 'dstport', '4789', 'dev', namespace);
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'vx');
      ip('-n', namespace, 'link', 'set', 'vx', 'up');
    }
    const { expected, found } = await calls('u1', pair.near, '198.51.100.1', '198.51.100.2');
    expect(found).toHaveLength(CALLS * MESSAGES_PER_CALL);
    // tshark's first IP layer is the tunnel's.
    expect(found.map((line) => line.split(' ').slice(4).join(' ')).sort()).toEqual(
      expected.map((line) => line.split(' ').slice(4).join(' ')).sort(),
    );
    for (const line of found) expect(line).toMatch(/^198\.51\.100\./);
  });
});
