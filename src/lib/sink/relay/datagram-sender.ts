/** A connected UDP socket that sends in order, whichever implementation is behind it. */
export interface DatagramSender {
  /** Sends them in order; `owner.sent` or `owner.tooBig` is called for each, now or later. The array is the sender's. */
  send(packets: Buffer[]): void;
  /** The error that ICMP reported for what was sent before; '' for none. */
  lastError(): string;
  close(): void;
}

export interface SenderOwner {
  /** The oldest `count` packets in flight were sent. */
  sent(count: number): void;
  /** The oldest packet in flight is larger than a datagram can be. */
  tooBig(): void;
  /** The socket has failed. */
  fail(reason: string): void;
}
