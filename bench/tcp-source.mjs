/** Sends HEP3 packets over one TCP connection as fast as it accepts them. Arguments: port, packets. */
import { connect } from 'node:net';
import { hep3, sipMessages } from './corpus.mjs';

const [port, count] = process.argv.slice(2).map(Number);
const SLAB = 1000;
const slab = Buffer.concat(sipMessages(SLAB).map(hep3));
const socket = connect(port, '127.0.0.1');
let left = count / SLAB;
const push = () => {
  while (left > 0) {
    left--;
    if (!socket.write(slab)) return;
  }
  socket.end();
};
socket.on('drain', push);
socket.on('connect', push);
socket.on('close', () => process.exit());
