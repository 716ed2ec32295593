/** The books of one target. Law: received = sent + waiting + lost. */
export interface TargetCounts {
  target: string;
  up: boolean;
  /** Why it is away; '' where it is not, or was never tried. */
  lastError: string;
  /** Packets handed to the target, with those its spool held at the start. */
  received: number;
  /** Taken by the network, without those that were taken back from a dead connection. */
  sent: number;
  waiting: number;
  /** Of `waiting`: those in the spool. */
  spooled: number;
  lost: number;
  /** Reasons for `lost`. */
  reasons: Record<string, number>;
  /** Sent on a connection that died, and so sent again or waiting to be. */
  resent: number;
  /** Of `sent`: those that are kept because the connection could still die. */
  unconfirmed: number;
  reconnects: number;
  failures: number;
}
