/** What a run says while it loses messages, and what several lanes say of one database. */
import { expect, test } from '@jest/globals';
import { withoutEchoes, type Log } from '../../src/lib/base/index.js';
import { LossMonitor } from '../../src/lib/pipeline/loss-monitor.js';
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

test('a loss is said when it begins, then every ten seconds that it goes on, each message once', async () => {
  const [clock, log] = [new TestClock(), lines()];
  let socket = 0;
  let database = 0;
  const watch = new LossMonitor(() => ({ 'at the socket': socket, 'for database': database }), '--spool DIR would keep them', clock, log);
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
  watch.stop();
});

test('what two lanes say at once is said once, and again when it comes again', () => {
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
