/** A process that appends numbered records until it is killed: `child-appender.ts DIRECTORY SYNC`. Says how many are flushed. */
import { silentLog, systemClock } from '../../../src/lib/base/index.js';
import { SpoolLog, type SpoolSync } from '../../../src/lib/sink/spool/index.js';

const [directory, sync] = process.argv.slice(2);
const spool = await SpoolLog.open({
  directory,
  clock: systemClock,
  log: silentLog,
  sync: sync as SpoolSync,
  maxBytes: 0,
  maxAgeSeconds: 0,
  segmentBytes: 65_536,
});
for (let number = 0; ;) {
  for (let i = 0; i < 50; i++) spool.append(Buffer.from(`record ${number++} ${'.'.repeat(number % 300)}`));
  if (number % 500 === 0) {
    await spool.flush();
    process.stdout.write(`${number}\n`);
  } else await new Promise((resolve) => setImmediate(resolve));
}
