/** How much of TCP streams is held, and for how long. Ages are measured in packet time, never by the clock. */

export interface StreamLimits {
  /** TCP directions held at a time. */
  streams: number;
  /** Bytes out of order, of one stream and of all. */
  bytesPerStream: number;
  bytes: number;
  /** Idle time after which a connection is dropped. */
  idleSeconds: number;
  /**
   * The same for one that both sides have closed. Its last segments may be sent again: senders wait for up to 120 s in between
   * (RFC 6298, section 2.5, asks for 60 at least).
   */
  closedSeconds: number;
  /** How long to wait for missing bytes if the receiver is not visible. */
  patienceMilliseconds: number;
  /**
   * The same once the receiver has acknowledged the missing bytes. Not zero, because a mirror port may show an
   * acknowledgement before the segment that it acknowledges.
   */
  acknowledgedMilliseconds: number;
}

export const STREAM_LIMITS: StreamLimits = {
  streams: 65_536,
  bytesPerStream: 1024 * 1024,
  bytes: 48 * 1024 * 1024,
  idleSeconds: 300,
  closedSeconds: 125,
  patienceMilliseconds: 1000,
  acknowledgedMilliseconds: 10,
};
