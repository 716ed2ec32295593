/** UDP through the addon: many packets per call. */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { asSystemError, type DatagramAddon, type SenderHandle } from '../../base/index.js';
import type { DatagramSender, SenderOwner } from './datagram-sender.js';

const { EAGAIN, ENOBUFS, EMSGSIZE } = constants.errno;
const RETRY_MS = 1;

export class BatchSender implements DatagramSender {
  private readonly sender: SenderHandle;
  /** Packets that the kernel had no room for. */
  private waiting: Buffer[] = [];
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  /** Throws the operating system's error. */
  constructor(
    address: string,
    port: number,
    sendBufferBytes: number,
    private readonly owner: SenderOwner,
    private readonly addon: DatagramAddon,
  ) {
    try {
      this.sender = addon.connect(address, port, sendBufferBytes);
    } catch (error) {
      throw asSystemError(error, `connect ${address}:${port}`);
    }
  }

  send(packets: Buffer[]): void {
    if (this.waiting.length > 0) {
      this.waiting.push(...packets);
      return;
    }
    for (let from = 0; from < packets.length && !this.closed;) {
      const result = this.addon.send(this.sender, packets, from, packets.length - from);
      const sent = result & 0xff;
      const error = result >>> 8;
      from += sent;
      if (sent > 0) this.owner.sent(sent);
      if (error === 0) continue;
      if (error === EMSGSIZE) {
        from++;
        this.owner.tooBig();
      } else if (error === EAGAIN || error === ENOBUFS) {
        this.waiting = packets.slice(from);
        this.timer = setTimeout(this.retry, RETRY_MS);
        return;
      } else {
        this.owner.fail(`send ${getSystemErrorName(-error)}`);
        return;
      }
    }
  }

  lastError(): string {
    const error = this.closed ? 0 : this.addon.errorOf(this.sender);
    return error === 0 ? '' : `send ${getSystemErrorName(-error)}`;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.addon.closeSender(this.sender);
  }

  private readonly retry = (): void => {
    const { waiting } = this;
    this.waiting = [];
    this.send(waiting);
  };
}
