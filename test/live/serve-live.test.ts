/** `serve` on an interface: from an OpenSIPS script with workers, and from YAML with RTCP; a reload that changes what is captured. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { query } from '../rigs/database.js';
import { summary, until, type Running } from '../rigs/sipcap.js';
import { options } from '../rigs/messages.js';
import { stream } from '../rigs/rtp.js';
import * as make from '../rigs/frames.js';
import { VethPair, pause, whyNot } from '../rigs/namespaces.js';

const reason = whyNot();
const ETHERNET = (packet: Buffer) => make.ethernet(make.ETHER_IPV4, packet);

function messages(name: string, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const ends = { source: `127.3.0.${(i % 200) + 1}`, destination: '127.3.1.1' };
    if (i % 4 !== 3) return [ETHERNET(make.udpPacket(ends, options(`${name}-${i}`, 300)))];
    return make.ipv4Fragments({ ...ends, protocol: make.IP_UDP, id: i }, make.udp({}, options(`${name}-${i}`, 3000)), 1000).map(ETHERNET);
  }).flat();
}

/** An offer that names 127.3.0.1:4000 for media, and a sender report from the port behind it. */
function callWithRtcp(): Buffer[] {
  const sdp = 'v=0\r\no=- 1 1 IN IP4 127.3.0.1\r\ns=-\r\nc=IN IP4 127.3.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';
  const invite = `INVITE sip:b@127.3.1.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.3.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@127.3.0.1>;tag=1\r\nTo: <sip:b@127.3.1.1>\r\nCall-ID: with-rtcp\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
  const report = Buffer.alloc(28);
  report.set([0x80, 200, 0, 6, 0, 0, 0, 7]);
  const ends = { source: '127.3.0.1', destination: '127.3.1.1' };
  return [
    ETHERNET(make.udpPacket(ends, Buffer.from(invite))),
    ETHERNET(make.udpPacket({ ...ends, sourcePort: 4001, destinationPort: 6001 }, report)),
  ];
}

(reason === '' ? describe : describe.skip)(`serve on an interface${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  async function serve(name: string, text: string): Promise<Running> {
    writeFileSync(pair.path(name), text);
    const running = pair.sipcap('serve', '-c', pair.path(name), '--summary', 'json');
    await until(() => running.logged().includes('serving'), `${name}: ${running.logged()}`);
    await pause(500);
    return running;
  }

  async function stop(running: Running) {
    await pause(800);
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    const line = ended.stderr
      .split('\n')
      .filter((text) => text.startsWith('{"inputs"'))
      .pop();
    if (line === undefined) throw new Error(ended.stderr);
    return {
      code: ended.code,
      logged: ended.stderr,
      all: JSON.parse(line) as ReturnType<typeof summary> & { accounting_errors: string[] },
    };
  }

  test('raw_sock_children of a script: every message once, whatever the number', async () => {
    const script = (children: number) => `loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "sqlite:${pair.path(`children-${children}.db`)}")
modparam("sipcapture", "raw_moni_capture_on", 1)
modparam("sipcapture", "raw_interface", "${pair.near}")
modparam("sipcapture", "raw_socket_listen", "127.3.1.1:5060-5090")
modparam("sipcapture", "raw_sock_children", ${children})
modparam("sipcapture", "capture_on", 1)
route { sip_capture(); }
`;
    const nodes = await Promise.all([1, 3].map((children) => serve(`children-${children}.cfg`, script(children))));
    const frames = messages('children', 400);
    expect(pair.send(frames, { rate: 10_000 })).toBe(frames.length);
    for (const node of nodes) {
      const { code, all } = await stop(node);
      expect([code, all.accounting_errors]).toEqual([0, []]);
      expect(all.frames.received).toBe(frames.length);
      expect(all.messages.found).toBe(400);
    }
    const stored = await Promise.all(
      [1, 3].map((children) => query(pair.path(`children-${children}.db`), 'SELECT callid FROM sip_capture ORDER BY id')),
    );
    expect(stored[0]).toHaveLength(400);
    expect(stored[1]).toEqual(stored[0]);
  }, 60_000);

  test('live.rtcp: reports of calls go to the report table; after a reload without it they do not', async () => {
    const db = `sqlite:${pair.path('rtcp.db')}`;
    const text = (rtcp: string) => `db_url: ${db}\nlive: {interfaces: [${pair.near}], ports: "5060", rtcp: ${rtcp}}\n`;
    const node = await serve('rtcp.yaml', text('on'));
    pair.send(callWithRtcp());
    await pause(500);
    writeFileSync(pair.path('rtcp.yaml'), text('off'));
    node.child.kill('SIGHUP');
    await until(() => node.logged().includes('configuration reloaded'), node.logged());
    await pause(500);
    pair.send(callWithRtcp());
    const { all } = await stop(node);
    expect(all.accounting_errors).toEqual([]);
    expect(await query(pair.path('rtcp.db'), 'SELECT correlation_id, type FROM rtcp_capture')).toEqual([
      { correlation_id: 'with-rtcp', type: 5 },
    ]);
    expect(await query(pair.path('rtcp.db'), 'SELECT callid FROM sip_capture')).toEqual([{ callid: 'with-rtcp' }, { callid: 'with-rtcp' }]);
  }, 60_000);

  test('live.rtp: a report of each stream at the end', async () => {
    const db = `sqlite:${pair.path('rtp.db')}`;
    const node = await serve('rtp.yaml', `db_url: ${db}\nlive: {interfaces: [${pair.near}], ports: "5060", rtp: on}\n`);
    const path = { source: '127.3.0.1', sourcePort: 4000, destination: '127.3.1.1', destinationPort: 6000 };
    const media = stream({ path, packets: 150, lost: [10, 11] }).map(({ bytes, from, to }) => bytes.subarray(from, to));
    pair.send([callWithRtcp()[0], ...media]);
    const { all } = await stop(node);
    expect(all.accounting_errors).toEqual([]);
    const [row, ...others] = await query(pair.path('rtp.db'), 'SELECT correlation_id, type, msg FROM rtcp_capture');
    expect(others).toEqual([]);
    expect(row).toMatchObject({ correlation_id: 'with-rtcp', type: 34 });
    expect(JSON.parse(String(row.msg))).toMatchObject({ rtp: { packets: 148, lost: 2, longest_loss: 2, codec: 'PCMA' } });
  }, 60_000);

  test('an interface that goes down: /readyz names it, its metric is 0; both come back', async () => {
    const http = 9477; // in a namespace of its own
    const node = await serve(
      'down.yaml',
      `live: {interfaces: [${pair.near}]}\ndb_url: sqlite:down.db\nmetrics: {listen: "127.0.0.1:${http}"}\n`,
    );
    const get = async (path: string) => {
      const { ended } = pair.start(pair.near, 'curl', ['-s', '-m', '5', `http://127.0.0.1:${http}${path}`]);
      return (await ended).stdout;
    };
    const up = async () => /^sipcap_input_up\{.*\} (\d)$/m.exec(await get('/metrics'))?.[1];
    await until(async () => (await get('/readyz')) === 'ok\n', 'readiness');
    execFileSync('ip', ['-n', pair.near, 'link', 'set', pair.near, 'down']);
    await until(async () => (await get('/readyz')) === `input ${pair.near}: down\n`, `the interface to be missed: ${node.logged()}`);
    expect(await up()).toBe('0');
    execFileSync('ip', ['-n', pair.near, 'link', 'set', pair.near, 'up']);
    await until(async () => (await get('/readyz')) === 'ok\n', `the interface to be back: ${node.logged()}`);
    expect(await up()).toBe('1');
    await stop(node);
  });
});
