/** Counts the bytes of TCP connections; prints count and duration once that many bytes are received. Arguments: port, bytes. */
import { createServer } from 'node:net';

const [port, wanted] = process.argv.slice(2).map(Number);
let bytes = 0;
let began = 0n;
const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    if (bytes === 0) began = process.hrtime.bigint();
    bytes += chunk.length;
    if (bytes >= wanted) {
      console.log(JSON.stringify({ bytes, seconds: Number(process.hrtime.bigint() - began) / 1e9 }));
      process.exit();
    }
  });
  socket.on('error', () => {});
});
server.listen(port, '127.0.0.1', () => console.error('listening on'));
