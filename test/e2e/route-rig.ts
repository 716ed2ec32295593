/** Scripts and packets for them. */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { hep3, sipMessages } from '../../bench/corpus.mjs';

// Seven messages a call: INVITE, 100, 180, 200, ACK, BYE, 200.
export const messages = sipMessages(700) as Buffer[];

export const packets = messages.map((message, i) => hep3(message, i) as Buffer);

export async function send(port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const [i, packet] of packets.entries()) {
    await new Promise((done) => socket.send(packet, port, '127.0.0.1', done));
    if (i % 20 === 0) await sleep(1);
  }
  socket.close();
}
