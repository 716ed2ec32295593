/** UDP through Node's own socket. */
import { createSocket, type Socket } from 'node:dgram';
import type { DatagramSender, SenderOwner } from './datagram-sender.js';

export class PlainSender implements DatagramSender {
  private readonly socket: Socket;

  /** `onOpen` is called once it is connected. */
  constructor(
    address: string,
    family: number,
    port: number,
    sendBufferBytes: number,
    private readonly owner: SenderOwner,
    onOpen: () => void,
  ) {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4' });
    this.socket = socket;
    socket.on('error', (error) => owner.fail(error.message));
    socket.connect(port, address, () => {
      try {
        socket.setSendBufferSize(sendBufferBytes);
      } catch {
        // The system's default size remains.
      }
      onOpen();
    });
  }

  send(packets: Buffer[]): void {
    for (const packet of packets) this.socket.send(packet, this.onSent);
  }

  /** Reported by the socket's own event. */
  lastError(): string {
    return '';
  }

  close(): void {
    this.socket.removeAllListeners('error').on('error', () => undefined);
    this.socket.close();
  }

  private readonly onSent = (error: Error | null): void => {
    if (error === null) this.owner.sent(1);
    else if ((error as NodeJS.ErrnoException).code === 'EMSGSIZE') this.owner.tooBig();
    else this.owner.fail(error.message);
  };
}
