/**
 * A relay that makes its own numbered packets until it is killed: `child-relay.ts PORT SPOOL FROM SPOOL_RATE`;
 * with FROM `drain` it only empties the spool. Says how many packets the spool has for certain.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog, systemClock } from '../../../src/lib/base/index.js';
import { RelaySink } from '../../../src/lib/sink/relay/index.js';

const [port, spoolDirectory, from, spoolRate] = process.argv.slice(2);
const relay = await RelaySink.open({
  targets: [{ transport: 'tcp', host: '127.0.0.1', port: Number(port) }],
  policy: 'all',
  clock: systemClock,
  log: silentLog,
  spoolDirectory,
  spoolSync: 'never',
  spoolRate: Number(spoolRate),
  maxBackOffMs: 50,
});
if (from === 'drain') {
  process.stdout.write('draining\n');
  const [result] = await relay.drain(2000);
  await relay.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(result.backlog > 0 ? 4 : 0);
}
relay.start();
for (let number = Number(from); ;) {
  for (let i = 0; i < 20; i++) relay.send(packet(number++), '');
  await sleep(1);
  const [{ up, waiting }] = relay.counts();
  if (!up && number % 200 === 0) {
    await relay.flush();
    process.stdout.write(`${number} ${waiting}\n`);
  }
}

function packet(number: number): Buffer {
  const made = Buffer.alloc(300, 0x2e);
  made.write('HEP3', 0, 'latin1');
  made.writeUInt16BE(300, 4);
  made.writeUInt32BE(number, 6);
  return made;
}
