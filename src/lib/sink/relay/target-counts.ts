/** The counters of one target. Law: received = sent + waiting + lost. */
export interface TargetCounts {
  target: string;
  up: boolean;
  /** Why it is unreachable; '' if it is not, or was never tried. */
  lastError: string;
  /** Packets passed to the target, including those its spool held at the start. */
  received: number;
  /** Accepted by the network, without those taken back from a broken connection. */
  sent: number;
  waiting: number;
  /** Of `waiting`: those in the spool. */
  spooled: number;
  lost: number;
  /** Reasons for `lost`. */
  reasons: Record<string, number>;
  /** Sent on a connection that broke, and so sent again or waiting to be. */
  resent: number;
  /** Of `sent`: those that are sent again if the connection breaks. */
  unconfirmed: number;
  /** False for UDP, which has no confirmation. */
  confirms: boolean;
  reconnects: number;
  failures: number;
}
