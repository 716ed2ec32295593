/** Receivers and senders of HEP for tests of the running program. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import { HepFramer } from '../../src/lib/hep/index.js';
import { type Running, until } from './sipcap.js';

const open: { close(): void }[] = [];

/** For `afterAll`. */
export function closeReceivers(): void {
  for (const each of open.splice(0)) each.close();
}

export async function udpReceiver(): Promise<{ port: number; got: Buffer[] }> {
  const socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const got: Buffer[] = [];
  socket.on('message', (bytes) => got.push(bytes));
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  open.push(socket);
  return { port: socket.address().port, got };
}

export async function tcpReceiver(port: number): Promise<{ got: Buffer[] }> {
  const got: Buffer[] = [];
  const server = createServer((socket) => {
    const framer = new HepFramer();
    socket.on(
      'data',
      (chunk: Buffer) => void framer.push(chunk, 0, chunk.length, (bytes, from, to) => got.push(Buffer.from(bytes.subarray(from, to)))),
    );
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  open.push(server);
  return { got };
}

export async function sendUdp(port: number, datagrams: Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done));
  socket.close();
}

/** The port of a listener on port 0, as logged by the program; `transport` if it has several. */
export async function portOf(running: Running, transport = '\\w+', milliseconds = 15_000): Promise<number> {
  const words = new RegExp(`listening on hep_${transport}:\\S*?:(\\d+)(?:,|\\s)`);
  await until(() => words.test(running.logged()), `the listener: ${running.logged()}`, milliseconds);
  return Number(words.exec(running.logged())![1]);
}
