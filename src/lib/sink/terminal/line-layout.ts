/**
 * The columns of a line. Each grows to the widest text seen, so that lines stay aligned when IPv6 appears; on a terminal they
 * share its width, each is truncated on the right, and lines never wrap.
 */
import { columnsOf, cutTo } from '../../base/index.js';

/** The parts of a line, as texts without colours. */
export interface LineParts {
  time: string;
  source: string;
  destination: string;
  transport: string;
  what: string;
  /** From and to, or a description of a payload that is not SIP. */
  parties: string;
  callId: string;
}

const ENDPOINT_COLUMNS = 21;
/** `[2001:db8:…]:5060` in full. */
const MAX_ENDPOINT_COLUMNS = 47;
const WHAT_COLUMNS = 22;
const MAX_WHAT_COLUMNS = 36;
const PARTY_COLUMNS = 36;
const MAX_PARTY_COLUMNS = 72;
const TRANSPORT_COLUMNS = 4;
/** Space between columns, and the arrow with the spaces around it. */
const GAP = 1;
const ARROW = ' → ';
/** The same as bytes of UTF-8, one character a byte. */
const ARROW_BYTES = Buffer.from(ARROW).latin1Slice();
const PADDING = Array.from({ length: 128 }, (_, columns) => ' '.repeat(columns));
/** Below this many columns for parties and Call-ID the others shrink. */
const MIN_REST = 34;
const MIN_ENDPOINT_COLUMNS = 15;
const MIN_WHAT_COLUMNS = 14;
/** Terminals that are narrower get the time of day, to the millisecond. */
const DATED_COLUMNS = 130;
const DATE_TIME = '2026-01-31 12:00:00.123456';
/** The share of the rest for from and to. */
const PARTY_SHARE = 0.6;

export class LineLayout {
  private endpoint = ENDPOINT_COLUMNS;
  private what = WHAT_COLUMNS;
  private parties = PARTY_COLUMNS;

  /** `width`: columns of the terminal, 0 for unlimited lines. */
  constructor(private readonly width: () => number) {}

  get isUnlimited(): boolean {
    return this.width() === 0;
  }

  /** The whole line of parts that are ASCII, of unlimited width, as bytes of UTF-8, one character a byte. */
  plainLine(parts: Omit<LineParts, 'parties'>, from: string, to: string): string {
    const { time, source, destination, transport, what, callId } = parts;
    const parties = from.length + ARROW.length + to.length;
    this.grow(Math.max(source.length, destination.length), what.length, parties);
    const first = `${time}${time === '' ? '' : ' '}${padding(this.endpoint - source.length)}${source}${ARROW_BYTES}${destination}${padding(this.endpoint - destination.length)}`;
    const middle = `${transport}${padding(TRANSPORT_COLUMNS - transport.length)} ${what}${padding(this.what - what.length)}`;
    return `${first} ${middle} ${from}${ARROW_BYTES}${to}${padding(this.parties - parties)} ${callId}\n`;
  }

  /** The same parts, cut and padded: joined with `join` they are the line. */
  fit(parts: LineParts): LineParts {
    this.grow(Math.max(columnsOf(parts.source), columnsOf(parts.destination)), columnsOf(parts.what), columnsOf(parts.parties));
    const width = this.width();
    if (width === 0) return this.padded(parts, this.endpoint, this.what, this.parties);
    return this.fitted(parts, width);
  }

  private grow(endpoint: number, what: number, parties: number): void {
    this.endpoint = grown(this.endpoint, endpoint, MAX_ENDPOINT_COLUMNS);
    this.what = grown(this.what, what, MAX_WHAT_COLUMNS);
    this.parties = grown(this.parties, parties, MAX_PARTY_COLUMNS);
  }

  private padded(parts: LineParts, endpoint: number, what: number, parties: number): LineParts {
    return {
      time: parts.time,
      source: padding(endpoint - columnsOf(parts.source)) + parts.source,
      destination: padded(parts.destination, endpoint),
      transport: padded(parts.transport, TRANSPORT_COLUMNS),
      what: padded(parts.what, what),
      parties: padded(parts.parties, parties),
      callId: parts.callId,
    };
  }

  private fitted(parts: LineParts, width: number): LineParts {
    let { endpoint, what } = this;
    let timeText = width < DATED_COLUMNS && parts.time.length === DATE_TIME.length ? parts.time.slice(11, 23) : parts.time;
    const restOf = () =>
      width - timeText.length - (timeText === '' ? 0 : GAP) - 2 * endpoint - ARROW.length - TRANSPORT_COLUMNS - what - 4 * GAP;
    endpoint = Math.max(MIN_ENDPOINT_COLUMNS, endpoint - Math.ceil(Math.max(0, MIN_REST - restOf()) / 2));
    what = Math.max(MIN_WHAT_COLUMNS, what - Math.max(0, MIN_REST - restOf()));
    // On a very narrow terminal: first the other columns shrink, then the time is dropped.
    what = Math.max(0, what + Math.min(0, restOf()));
    endpoint = Math.max(1, endpoint + Math.floor(Math.min(0, restOf()) / 2));
    if (restOf() < 0) timeText = '';
    const rest = Math.max(0, restOf());
    const parties = Math.min(this.parties, Math.floor(rest * PARTY_SHARE));
    const cutParts = {
      time: timeText,
      source: cutTo(parts.source, endpoint),
      destination: cutTo(parts.destination, endpoint),
      transport: cutTo(parts.transport, TRANSPORT_COLUMNS),
      what: cutTo(parts.what, what),
      parties: cutTo(parts.parties, parties),
      callId: cutTo(parts.callId, rest - parties),
    };
    return this.padded(cutParts, endpoint, what, parties);
  }
}

/** The line of parts that were fitted, with colours around some of them perhaps. */
export function joined({ time, source, destination, transport, what, parties, callId }: LineParts): string {
  const line = `${source}${ARROW}${destination} ${transport} ${what} ${parties} ${callId}`;
  return time === '' ? line : `${time} ${line}`;
}

function padding(columns: number): string {
  return columns > 0 ? PADDING[columns] : '';
}

function padded(text: string, columns: number): string {
  return text + padding(columns - columnsOf(text));
}

function grown(columns: number, length: number, most: number): number {
  return length > columns ? Math.min(length, most) : columns;
}
