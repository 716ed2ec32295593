/** The minimum of a relay in Node: receive a datagram, send it. */
import { createSocket } from 'node:dgram';

const [from, to] = process.argv.slice(2).map(Number);
const output = createSocket('udp4');
output.connect(to, '127.0.0.1', () => {
  const input = createSocket({ type: 'udp4', recvBufferSize: 16 * 1024 * 1024 });
  input.on('message', (bytes) => output.send(bytes));
  input.bind(from, '127.0.0.1', () => console.error('listening on it'));
});
output.on('error', () => {});
