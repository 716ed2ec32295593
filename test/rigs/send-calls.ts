/** Sends the messages of calls as HEP over UDP. */
import { createSocket } from 'node:dgram';
import { isFault, type Message } from '../../src/lib/base/index.js';
import { HepEncoder } from '../../src/lib/hep/index.js';
import { START } from '../calls/rig.js';

const encoder = new HepEncoder({ version: 3, captureId: 7, authKey: null, captureName: '', compress: false });

/** Now, in the order given. */
export async function sendCalls(messages: readonly Message[], port: number): Promise<void> {
  const socket = createSocket('udp4');
  const shift = Date.now() * 1000 - START;
  for (const message of messages) {
    const packet = encoder.encode({ ...message, captureId: 7, capturedAt: message.capturedAt + shift });
    if (isFault(packet)) throw new Error(packet.fault);
    await new Promise<void>((done) => socket.send(packet, port, '127.0.0.1', () => done()));
  }
  socket.close();
}
