/** Silence of inputs: one warning when it is too long, one line when packets come again; what is down is not silent. */
import { expect, test } from '@jest/globals';
import { InputMonitor } from '../../src/lib/pipeline/input-monitor.js';
import type { InputSummary } from '../../src/lib/pipeline/summary.js';

function rig(silentAfterSeconds: number) {
  let ms = 1000;
  const logged: string[] = [];
  const inputs: InputSummary[] = [{ name: 'eth1', packets: 0, bytes: 0, problem: '' }];
  const clock = { now: () => ms * 1000, monotonic: () => ms };
  const log = { debug() {}, info: (text: string) => logged.push(text), warn: (text: string) => logged.push(`! ${text}`), error() {} };
  const monitor = new InputMonitor(() => inputs, { silentAfterSeconds }, clock as never, log as never);
  monitor.stop();
  monitor.look();
  const after = (seconds: number) => {
    ms += seconds * 1000;
    monitor.look();
    return logged.splice(0, Infinity);
  };
  return { inputs, monitor, after };
}

test('one warning, and one line when packets come again', () => {
  const { inputs, monitor, after } = rig(300);
  expect(after(299)).toEqual([]);
  expect(after(1)).toEqual(['! eth1: no packets for 300 s']);
  expect(monitor.status()).toMatchObject([{ name: 'eth1', isSilent: true, lastPacketAt: 0 }]);
  expect(after(600)).toEqual([]);
  inputs[0].packets = 1;
  expect(after(12)).toEqual(['eth1: receiving packets again after 912 s']);
  expect(monitor.status()).toMatchObject([{ isSilent: false, lastPacketAt: 913_000_000 }]);
  expect(after(301)).toEqual(['! eth1: no packets for 301 s']);
});

test('what is down is not silent too; its silence counts from when it is up again', () => {
  const { inputs, monitor, after } = rig(300);
  inputs[0].problem = 'down';
  expect(after(1000)).toEqual([]);
  expect(monitor.status()).toMatchObject([{ problem: 'down', isSilent: false }]);
  inputs[0].problem = '';
  expect(after(1)).toEqual([]);
  expect(after(299)).toEqual([]);
  expect(after(1)).toEqual(['! eth1: no packets for 300 s']);
});

test('never without silent_after, which a reload may change; an input that is gone is forgotten', () => {
  const { inputs, monitor, after } = rig(0);
  expect(after(1e6)).toEqual([]);
  monitor.silentAfterSeconds = 60;
  expect(after(1)).toEqual(['! eth1: no packets for 1000001 s']);
  inputs.pop();
  expect(monitor.status()).toEqual([]);
});

test('two captures of one interface are one input', () => {
  const { inputs, monitor, after } = rig(300);
  inputs.push({ name: 'eth1', packets: 7, bytes: 0, problem: '' });
  expect(after(1)).toEqual([]);
  const [first] = monitor.status();
  after(50);
  expect(monitor.status()).toEqual([first]);
});
