/** Calls from an interface: the list, a ladder, an export and counts of what arrives now. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Frame } from '../../src/lib/base/index.js';
import { START, answered } from '../calls/rig.js';
import { ETHER_IPV4, ethernet, udpPacket } from '../rigs/frames.js';
import { VethPair, whyNot } from '../rigs/namespaces.js';
import { answeredCall, hangUp, stream } from '../rigs/rtp.js';
import { until, type Running } from '../rigs/sipcap.js';

const reason = whyNot();
const framesOf = (callId: string) =>
  answered(100, 200, { callId }).map(({ payload, sourceAddress: source, destinationAddress: destination }) =>
    ethernet(ETHER_IPV4, udpPacket({ source, destination, sourcePort: 5060, destinationPort: 5060 }, payload)),
  );

(reason === '' ? describe : describe.skip)(`calls off an interface${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  async function capturing(...args: string[]): Promise<Running> {
    const program = pair.sipcap('call', ...args, '-i', pair.near);
    await until(() => program.logged().includes('capturing on'), `the capture: ${program.logged()}`, 60_000);
    return program;
  }

  test('call list prints a call once it is over; call show --follow ends with it', async () => {
    const list = await capturing('list', '--format', 'json');
    const follow = await capturing('show', 'live-1', '--follow', '--ascii', '--width', '80');
    pair.send(framesOf('live-1'));
    const followed = await follow.ended;
    expect(followed.code).toBe(0);
    expect(followed.stdout).toMatch(/\|<-+ 200 OK \(BYE\) -+\|/);
    await until(() => list.shown().includes('\n'), 'the call', 60_000);
    expect(JSON.parse(list.shown())).toMatchObject({ callid: 'live-1', state: 'ended', messages: 7 });
    expect((JSON.parse(list.shown()) as { micro_ts: number }).micro_ts).toBeGreaterThan(START);
    list.child.kill('SIGTERM');
    expect((await list.ended).code).toBe(0);
  }, 120_000);

  test('call show --follow prints what was measured of the RTP when the call is over', async () => {
    const follow = await capturing('show', 'call-1', '--follow', '--ascii', '--width', '80');
    const bytesOf = (frames: readonly Frame[]) => frames.map(({ bytes, from, to }) => bytes.subarray(from, to));
    pair.send(bytesOf([...answeredCall(), ...stream({ packets: 100, lost: [50] }), ...hangUp()]));
    const followed = await follow.ended;
    expect(followed.code).toBe(0);
    expect(followed.stdout).toMatch(/\nRTP 192\.0\.2\.1:4000 -> 192\.0\.2\.2:6000 0x00001234: PCMA, 99 packets, 1 lost /);
  }, 120_000);

  test('show, export and stats of everything received until stopped', async () => {
    const shown = await capturing('show', '--latest', '--ascii', '--width', '80');
    const exported = await capturing('export', 'live-2', '-w', pair.path('live.pcap'));
    const counted = await capturing('stats', '--format', 'json');
    const frames = framesOf('live-2');
    pair.send([...framesOf('other'), ...frames]);
    for (const program of [shown, exported, counted]) {
      // What was sent is there before the signal is: the kernel keeps it for the capture.
      program.child.kill('SIGINT');
      expect([(await program.ended).stderr, (await program.ended).code]).toEqual([expect.any(String), 0]);
    }
    expect((await shown.ended).stdout).toMatch(/^live-2 {2}ann@a\.example > ben@b\.example: ended, 200 OK/);
    expect(JSON.parse((await counted.ended).stdout)).toMatchObject({ attempts: 2, answered: 2, messages: 14 });
    const file = readFileSync(pair.path('live.pcap'));
    let at = 24;
    for (const frame of frames) {
      expect(file.subarray(at + 16, at + 16 + frame.length).equals(frame)).toBe(true);
      at += 16 + frame.length;
    }
    expect(file).toHaveLength(at);
  }, 120_000);
});
