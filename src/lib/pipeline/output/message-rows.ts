/** Rows of messages for the set of tables that was chosen or found, with what a script sets for single messages. */
import { Counters, UsageError, didYouMean, type Clock, type ColumnValue, type Message } from '../../base/index.js';
import type { RowMaker } from '../../sink/batch/batching-sink.js';
import {
  DateText,
  NodeText,
  REPORT_COLUMNS,
  REPORT_COLUMNS_HOMER6,
  SIP_CAPTURE_COLUMNS,
  StreamText,
  type Homer7Context,
  type ShapeName,
} from '../../row/index.js';
import { headerValue } from '../../sip/index.js';
import { isSip, layoutOf, type RowLayout } from './row-layouts.js';
import type { CustomFields, RowOptions, RowOverride } from './row-options.js';

export type { CustomFields, RowOptions, RowOverride } from './row-options.js';

const SIP_NAMES = SIP_CAPTURE_COLUMNS.map(({ name }) => name);
const REPORT_NAMES = REPORT_COLUMNS.map(({ name }) => name);
const REPORT_NAMES_HOMER6 = REPORT_COLUMNS_HOMER6.map(({ name }) => name);

/** Columns that are renamed must be columns of ours. */
export function checkRenames(renames: Readonly<Record<string, string>>): void {
  const known = new Set([...SIP_NAMES, ...REPORT_NAMES, ...REPORT_NAMES_HOMER6]);
  for (const ours of Object.keys(renames))
    if (!known.has(ours))
      throw new UsageError(
        `unknown column '${ours}' in --column: ${didYouMean(ours, known) || 'expected a column of the tables that sipcap db init --print shows'}`,
      );
}

/** Rows of live sources use their own time for a dated table's name only within these limits: senders' clocks may be wrong. */
const LIVE_PAST = 7 * 86_400e6;
const LIVE_FUTURE = 86_400e6;

export class MessageRows implements RowMaker {
  /** Text truncated to its column, by column; tables named by arrival time. */
  readonly cuts = new Counters();
  /** Set for the next message. */
  override: RowOverride | null = null;
  /** Called for the first table named by a script where tables have fixed names. */
  onTableIgnored: (table: string) => void = () => {};
  private layout: RowLayout;
  private hasIgnored = false;
  private readonly context: Homer7Context;

  /** `live`: rows are new, and their times may come from a wrong clock. `isIdentified`: rows carry the identity of their message. */
  constructor(
    private readonly options: RowOptions,
    private readonly clock: Clock,
    private readonly live: boolean,
    isIdentified = false,
  ) {
    this.context = {
      captureNode: options.captureNode,
      customField1: '',
      customField2: '',
      customField3: '',
      cuts: this.cuts,
      dates: new DateText(options.localDate),
      nodes: new NodeText(),
      header: headerValue,
      legHeaders: options.alegHeaders,
      ...(isIdentified ? { streams: new StreamText() } : {}),
    };
    this.setCustomFields(options.customFields);
    this.layout = layoutOf(options.shape === '' ? 'sipcapture' : options.shape, options, this.context);
  }

  /** Before the first row: the tables that the database turned out to have. */
  useShape(shape: ShapeName): void {
    this.layout = layoutOf(shape, this.options, this.context);
  }

  table(message: Message): string {
    const { layout, override } = this;
    if (override !== null && override.table !== null && !layout.namesTables && !this.hasIgnored) {
      this.hasIgnored = true;
      this.onTableIgnored(override.table.at(message.capturedAt));
    }
    return layout.table(message, override, this.timeOf);
  }

  columns(message: Message): readonly string[] {
    return this.layout.columns(message, this.override);
  }

  /** What keeps the messages of a call together: its Call-ID, of reports the correlation id. */
  callOf(message: Message): string {
    return isSip(message, this.override) ? message.sip!.callId : (this.override?.report ?? message).correlationId;
  }

  push(message: Message, into: ColumnValue[], at: number): void {
    const { override } = this;
    const own = override?.customFields ?? null;
    if (own !== null) this.setCustomFields(own);
    this.layout.push(message, override, into, at, this.timeOf);
    if (own !== null) this.setCustomFields(this.options.customFields);
  }

  /** The time that decides about a message's table. */
  private readonly timeOf = (message: Message): number => {
    const { options, clock, live } = this;
    if (options.tableTime === 'packet' && !live) return message.capturedAt;
    const now = clock.now();
    if (options.tableTime === 'receive') return now;
    if (message.capturedAt >= now - LIVE_PAST && message.capturedAt <= now + LIVE_FUTURE) return message.capturedAt;
    this.cuts.add('table_by_arrival_time');
    return now;
  };

  private setCustomFields([first, second, third]: CustomFields): void {
    this.context.customField1 = first;
    this.context.customField2 = second;
    this.context.customField3 = third;
  }
}
