/** A connected UDP socket that sends in order, whatever sends for it. */
export interface DatagramSender {
  /** Sends them in order; `owner.sent` or `owner.refused` is called for each, now or later. The array is the sender's. */
  send(packets: Buffer[]): void;
  /** What the network answered to what was sent before, '' where nothing. */
  lastError(): string;
  close(): void;
}

export interface SenderOwner {
  /** The first `count` that are under way went out. */
  sent(count: number): void;
  /** The first under way is larger than a datagram can be. */
  tooBig(): void;
  /** The socket is of no use any more. */
  fail(reason: string): void;
}
