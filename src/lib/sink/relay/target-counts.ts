/** The counters of one target. Law: received = sent + waiting + lost. */
export interface TargetCounts {
  target: string;
  up: boolean;
  /** Why it is away; '' where it is not, or was never tried. */
  lastError: string;
  /** Packets handed to the target, including those its spool held at the start. */
  received: number;
  /** Taken by the network, without those that were taken back from a broken connection. */
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
  /** False for UDP, where nobody learns what arrived. */
  confirms: boolean;
  reconnects: number;
  failures: number;
}
