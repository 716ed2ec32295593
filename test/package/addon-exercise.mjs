/** The addon under the sanitizers: receivers and senders in every order, full rings, wrong arguments. Usage: addon-exercise.mjs FILE ROUNDS */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';

const addon = createRequire(import.meta.url)(process.argv[2]);
const rounds = Number(process.argv[3]);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function refuses(...calls) {
  for (const call of calls) {
    try {
      call();
    } catch {
      continue;
    }
    throw new Error(`not refused: ${call}`);
  }
}

let received = 0;
let sent = 0;
for (let round = 0; round < rounds; round++) {
  // A ring that is soon full, or never.
  const ring = round % 3 === 0 ? 70_000 : 1 << 20;
  let ready = 0;
  const receiver = addon.receive('127.0.0.1', 0, 1 << 20, ring, () => ready++);
  const [port] = addon.describe(receiver);
  const senders = Array.from({ length: 1 + (round % 3) }, () => addon.connect('127.0.0.1', port, 1 << 18));
  for (let burst = 0; burst < 20; burst++) {
    for (const [i, sender] of senders.entries()) {
      const packets = Array.from({ length: 40 }, (_, at) => Buffer.alloc((round * 131 + burst * 17 + at * 7 + i) % 1500, at));
      sent += addon.send(sender, packets, burst % 5, packets.length - (burst % 5)) & 255;
      addon.errorOf(sender);
    }
    if (burst % 4 === 0) await pause(1);
    // Taken late in some rounds: the receiver waits for space.
    if (round % 2 === 0 || burst % 7 === 0)
      for (let bytes = addon.take(receiver); bytes !== null; bytes = addon.take(receiver)) received += bytes.length;
  }
  if (round % 2 === 0) addon.halt(receiver);
  for (const sender of senders) addon.closeSender(sender);
  if (round % 5 !== 0) for (let bytes = addon.take(receiver); bytes !== null; bytes = addon.take(receiver)) received += bytes.length;
  addon.closeReceiver(receiver);
  await pause(1);
}

// The kernel's view of a TCP socket.
const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
await once(server, 'listening');
const socket = connect(server.address().port, '127.0.0.1');
await once(socket, 'connect');
const held = addon.hold(socket._handle.fd);
socket.write('x'.repeat(100_000));
for (let i = 0; i < 20; i++) [addon.unacknowledged(held), addon.acknowledged(held), await pause(1)];
socket.destroy();
server.close();
addon.release(held);

refuses(
  () => addon.receive('no address', 0, 0, 0, () => {}),
  () => addon.receive('127.0.0.1'),
  () => addon.connect(1, 2, 3),
  () => addon.take({}),
  () => addon.send({}, [], 0, 1),
  () => addon.describe(null),
);
if (received === 0 || sent === 0) throw new Error('nothing was received');
console.log(`${sent} sent, ${received} bytes received`);
