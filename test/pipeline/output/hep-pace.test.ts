/** Finite input as HEP over UDP is paced, live input is not, and the counts show that delivery is unconfirmed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { silentLog, systemClock, type Environment } from '../../../src/lib/base/index.js';
import { openHepTargets, type HepTargetOptions, type HepTargetSink } from '../../../src/lib/pipeline/output/hep-output.js';
import { parseHepRate } from '../../../src/lib/pipeline/output/hep-rate.js';
import { TcpReceiver, UdpReceiver, packet, range, until } from '../../sink/relay/relay-rig.js';

let sink: HepTargetSink | null = null;
const receiver = new UdpReceiver();
afterEach(async () => {
  await sink?.close(sleep(1000));
  await receiver.stop();
  receiver.all = [];
  sink = null;
});

async function open(more: Partial<HepTargetOptions>, target = `hep_udp:127.0.0.1:${receiver.port}`): Promise<HepTargetSink> {
  const options: HepTargetOptions = {
    targets: [target],
    policy: 'all',
    spool: '',
    spoolSync: 'never',
    spoolRate: -1,
    spoolMaxBytes: 0,
    spoolMaxAgeSeconds: 0,
    tlsCa: '',
    tlsCertificate: '',
    tlsKey: '',
    encoder: { version: 3, captureId: 1, authKey: null, captureName: '', compress: false },
    waits: true,
    ...more,
  };
  [sink] = await openHepTargets(options, { clock: systemClock, log: silentLog } as Environment);
  return sink;
}

/** Sends as a source that waits when it is asked to; seconds until all was handed over and sent. */
async function feed(to: HepTargetSink, count: number, at: (i: number) => number = () => 0): Promise<number> {
  const begun = performance.now();
  for (let i = 0; i < count; i++) if (!to.send(packet(i), '', at(i))) await to.ready();
  await until('all sent', () => to.counts().written === count, 20_000);
  return (performance.now() - begun) / 1000;
}

test('2,000 packets a second by default', async () => {
  await receiver.start(0);
  const to = await open({});
  expect(await feed(to, 3000)).toBeGreaterThan(1.4);
  await until('all there', () => receiver.all.length === 3000);
  expect(receiver.all).toEqual(range(0, 3000));
  expect(to.counts()).toMatchObject({ written: 3000, unconfirmed: 3000, waiting: 0, lost: 0 });
});

test.each([
  ['a rate of 0', { rate: 0 }],
  ['live input', { waits: false }],
])('%s is not paced', async (_name, options) => {
  await receiver.start(0);
  expect(await feed(await open(options), 3000)).toBeLessThan(1.3);
});

test('the captured pace: packets keep their intervals', async () => {
  await receiver.start(0);
  const to = await open({ rate: 'capture' });
  const times = [0, 0, 100, 100, 700];
  const took = await feed(to, times.length, (i) => 1.7e15 + times[i] * 1000);
  expect(took).toBeGreaterThan(0.69);
  await until('all there', () => receiver.all.length === times.length);
  expect(receiver.all).toEqual(range(0, times.length));
});

test('the captured pace yields to a deadline', async () => {
  await receiver.start(0);
  const to = await open({ rate: 'capture' });
  to.send(packet(0), '', 1.7e15);
  to.send(packet(1), '', 1.7e15 + 3600e6);
  await until('the first is sent', () => to.counts().written === 1);
  expect(to.counts()).toMatchObject({ delivered: 2, written: 1, waiting: 1 });
  const begun = performance.now();
  await to.close(sleep(1000));
  expect(performance.now() - begun).toBeLessThan(2500);
  expect(to.counts()).toMatchObject({ delivered: 2, waiting: 0 });
});

test('TCP is not paced, and confirms', async () => {
  const tcp = new TcpReceiver();
  await tcp.start();
  await receiver.start(0);
  const to = await open({}, `hep_tcp:127.0.0.1:${tcp.port}`);
  expect(await feed(to, 5000)).toBeLessThan(2);
  await to.close();
  expect(to.counts()).toMatchObject({ written: 5000, unconfirmed: 0 });
  await tcp.stop();
});

test('rates', () => {
  expect(['capture', '0', '500'].map(parseHepRate)).toEqual(['capture', 0, 500]);
  expect(() => parseHepRate('fast')).toThrow("invalid --hep-rate 'fast': expected packets per second, 'capture' or 0 (no limit)");
});
