/** How much of unfinished TCP streams is held, and for how long. Ages are by packet time, never by the clock. */

export interface StreamLimits {
  /** TCP directions known at a time. */
  streams: number;
  /** Bytes out of order, of one stream and of all. */
  bytesPerStream: number;
  bytes: number;
  /** Silence after which a connection is forgotten. */
  idleSeconds: number;
  /** How long missing bytes are waited for where the receiver is not visible. */
  patienceMilliseconds: number;
  /**
   * The same once the receiver has acknowledged the missing bytes. Some time is left even so, because a mirror port
   * may show an acknowledgement before the segment that it answers.
   */
  acknowledgedMilliseconds: number;
}

export const STREAM_LIMITS: StreamLimits = {
  streams: 65_536,
  bytesPerStream: 1024 * 1024,
  bytes: 48 * 1024 * 1024,
  idleSeconds: 300,
  patienceMilliseconds: 1000,
  acknowledgedMilliseconds: 10,
};
