/**
 * The ledger of one run. Three laws hold at every end:
 * frames: received + dropped (and spooled) = offered, received = without a message + part of one + with one or more;
 * messages: found = filtered + rejected + delivered, and for each sink delivered (and what it took over from before) =
 * written + refused + waiting + lost;
 * stream bytes: received = framed + skipped + lost in gaps + given up (+ held, while a run goes on).
 */
import type { SinkCounts } from './contracts.js';
import { Counters } from './counters.js';
import { StreamBytes } from './stream-framer.js';

export * from './stream-framer.js';

export class Ledger {
  /** Frames (files, interfaces) or packets (HEP) received. */
  received = 0;
  /** Bytes of them. */
  bytes = 0;
  /** Lost before they reached the program: kernel, libpcap, socket buffer; by reason. */
  readonly dropped = new Counters();
  /** Packets waiting undecoded in a spool: neither received yet nor lost. */
  undecoded = 0;
  /** Frames that carried no message, by reason. */
  readonly without = new Counters();
  /** Frames that only contributed to a message, or still may. */
  part = 0;
  /** Frames that completed one message or more. */
  complete = 0;
  /** Messages found in them. */
  found = 0;
  /** Messages filtered out on purpose, by reason. */
  readonly filtered = new Counters();
  /** Messages rejected, by reason. */
  readonly rejected = new Counters();
  /** Messages handed to the sinks. */
  delivered = 0;
  /** Messages captured only in part that could not be delivered, by reason; not included in `found`. */
  readonly lost = new Counters();
  /** The bytes of TCP streams. */
  readonly stream = new StreamBytes();
  /** Notable events without loss: malformed headers, truncated columns, overlaps. */
  readonly notes = new Counters();
  /** Time of the first and the last frame, microseconds since 1970; 0 where there was none. */
  firstAt = 0;
  lastAt = 0;

  /** Reclassifies delivered messages as filtered. */
  leaveOut(reason: string, messages: number): void {
    if (messages === 0) return;
    this.delivered -= messages;
    this.filtered.add(reason, messages);
  }
}

export interface NamedCounts {
  sink: string;
  counts: SinkCounts;
  /** Reports that it received besides the messages that they were extracted from. */
  additional?: number;
}

/** The totals that do not reconcile; empty if all do. Anything else is an internal error. `uniform`: every sink gets every message. */
export function accountingErrors(ledger: Ledger, sinks: readonly NamedCounts[], uniform = true): string[] {
  const broken: string[] = [];
  const check = (text: string, left: number, right: number) => {
    if (left !== right) broken.push(`${text}: ${left} is not ${right}`);
  };
  check('frames received = without + part + complete', ledger.received, ledger.without.total() + ledger.part + ledger.complete);
  check(
    'messages found = filtered + rejected + delivered',
    ledger.found,
    ledger.filtered.total() + ledger.rejected.total() + ledger.delivered,
  );
  const { stream } = ledger;
  check(
    'stream bytes received = framed + skipped + lost in gaps + given up + held',
    stream.received,
    stream.framed + stream.skipped + stream.lostInGaps + stream.givenUp + stream.held,
  );
  for (const { sink, counts, additional = 0 } of sinks) {
    if (uniform) check(`${sink}: delivered to it = delivered`, counts.delivered - additional, ledger.delivered);
    check(
      `${sink}: delivered = written + refused + waiting + lost`,
      counts.delivered + (counts.before ?? 0),
      counts.written + counts.refused + counts.waiting + counts.lost + (counts.present ?? 0) + (counts.transferred ?? 0),
    );
  }
  return broken;
}
