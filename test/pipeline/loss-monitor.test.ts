/** What a run logs while it loses messages, and what several writers log about one database. */
import { expect, test } from '@jest/globals';
import { Ledger, silentLog, systemClock, withoutEchoes, type Log } from '../../src/lib/base/index.js';
import { LossMonitor, lossesOf, lostSome } from '../../src/lib/pipeline/loss-monitor.js';
import { Outputs } from '../../src/lib/pipeline/output/outputs.js';
import { until } from '../rigs/sipcap.js';
import { TestClock } from '../sink/spool/spool-rig.js';

function lines(): Log & { logged: string[] } {
  const logged: string[] = [];
  return {
    logged,
    debug() {},
    info: (text) => void logged.push(`info ${text}`),
    warn: (text) => void logged.push(text),
    error: (text) => void logged.push(`error ${text}`),
  };
}

test('a loss is logged when it begins, then every ten seconds while it lasts, each message counted once', async () => {
  const [clock, log] = [new TestClock(), lines()];
  let socket = 0;
  let database = 0;
  let advice = '--spool DIR would keep them';
  const watch = new LossMonitor(
    () => ({ 'at the socket': socket, 'for database': database }),
    () => advice,
    clock,
    log,
  );
  await watch.look();
  expect(log.logged).toEqual([]);
  socket = 1500;
  await watch.look();
  socket = 2500;
  database = 7;
  clock.sinceMs += 9000;
  await watch.look();
  expect(log.logged).toEqual(['losing messages: 1,500 at the socket; --spool DIR would keep them']);
  clock.sinceMs += 1000;
  await watch.look();
  expect(log.logged.slice(1)).toEqual(['losing messages: 1,000 at the socket, 7 for database; --spool DIR would keep them']);
  clock.sinceMs += 60_000;
  await watch.look();
  expect(log.logged).toHaveLength(2);
  // Settings may have changed since it began.
  advice = '';
  socket++;
  await watch.look();
  expect(log.logged.slice(2)).toEqual(['losing messages: 1 at the socket']);
  watch.stop();
});

test('a message logged by two writers at once is logged once, and again when it recurs', () => {
  const [clock, log] = [new TestClock(), lines()];
  const shared = withoutEchoes(log, clock);
  const [first, second] = [shared, shared];
  first.warn('away');
  second.warn('away');
  second.error('other');
  clock.sinceMs += 1000;
  second.warn('away');
  expect(log.logged).toEqual(['away', 'error other', 'away']);
});

test('an exception in a check is logged, and the monitor continues', async () => {
  const log = lines();
  const watch = new LossMonitor(
    () => Promise.reject(new Error('socket is gone')),
    () => '',
    systemClock,
    log,
  );
  await until(() => log.logged.length > 0, 'the next look');
  expect(log.logged[0]).toBe('error internal error, counting losses: Error: socket is gone');
  watch.stop();
});

test.each<[string, boolean]>([
  ['overload', true],
  ['while_reloading', true],
  ['spool_evicted', true],
  ['spool_missing', true],
  ['disk_full', true],
  ['socket_buffer', false],
  ['kernel', false],
])('%s: received and not delivered, which changes the exit code: %s', async (reason, isLoss) => {
  const [ledger, outputs] = [new Ledger(), new Outputs(new Ledger(), silentLog, false)];
  expect(lostSome(outputs, ledger)).toBe(false);
  ledger.dropped.add(reason, 3);
  expect(lostSome(outputs, ledger)).toBe(isLoss);
  // The kernel's drops of interfaces are reported where they are found.
  if (reason !== 'kernel') expect(Object.values(lossesOf(outputs, ledger))).toContain(3);
  await outputs.close({ passed: Promise.resolve(), remainingMs: 0 });
});
