/** The minimum of a relay over TCP: bytes from one connection to another, unexamined. Arguments: port in, port out. */
import { connect, createServer } from 'node:net';

const [from, to] = process.argv.slice(2).map(Number);
createServer((socket) => socket.pipe(connect(to, '127.0.0.1'))).listen(from, '127.0.0.1', () => console.error('listening on'));
process.on('SIGTERM', () => process.exit());
