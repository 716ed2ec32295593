/** How much of unfinished TCP streams is held, and for how long. Ages are by packet time, never by the clock. */

export interface StreamLimits {
  /** TCP directions known at a time. */
  streams: number;
  /** Bytes out of order, of one stream and of all. */
  bytesPerStream: number;
  bytes: number;
  /** Silence after which a connection is forgotten. */
  idleSeconds: number;
  /** What a hole in a stream is waited for at most: segments behind it, and time. */
  patienceSegments: number;
  patienceMilliseconds: number;
  /**
   * The same once the other side has acknowledged the missing bytes: they passed, and we did not see them. Some
   * time is left even so, because a mirror port may show an acknowledgement before the segment that it answers.
   */
  acknowledgedMilliseconds: number;
}

export const STREAM_LIMITS: StreamLimits = {
  streams: 65_536,
  bytesPerStream: 1024 * 1024,
  bytes: 64 * 1024 * 1024,
  idleSeconds: 300,
  patienceSegments: 64,
  patienceMilliseconds: 1000,
  acknowledgedMilliseconds: 10,
};
