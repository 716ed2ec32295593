/** Rows of messages: SIP into the capture table, everything else into the report table with its type. */
import { Counters, PAYLOAD_SIP, UsageError, didYouMean, type Clock, type ColumnValue, type Message } from '../../base/index.js';
import type { RowMaker } from '../../sink/batch/batching-sink.js';
import {
  DateText,
  NodeText,
  REPORT_COLUMNS,
  REPORT_COLUMNS_HOMER6,
  SIP_CAPTURE_COLUMNS,
  StreamText,
  reportRow,
  reportRowHomer6,
  sipCaptureRow,
  type RowContext,
} from '../../row/index.js';
import { TableName } from '../../store/index.js';

const SIP_NAMES = SIP_CAPTURE_COLUMNS.map(({ name }) => name);
const REPORT_NAMES = REPORT_COLUMNS.map(({ name }) => name);
const REPORT_NAMES_HOMER6 = REPORT_COLUMNS_HOMER6.map(({ name }) => name);
const IDENTITY = ['stream', 'sequence'];
const IDENTIFIED = new Map([SIP_NAMES, REPORT_NAMES, REPORT_NAMES_HOMER6].map((names) => [names, [...names, ...IDENTITY]]));
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

export type CustomFields = readonly [string, string, string];

export interface RowOptions {
  table: string;
  reportTable: string;
  reportShape: 'homer5' | 'homer6';
  captureNode: string;
  customFields: CustomFields;
  /** The time that expands a table's suffix: the packet's, or the current time as in OpenSIPS (`table_time`). */
  tableTime: 'packet' | 'receive';
  /** `date` in this machine's zone instead of UTC. */
  localDate: boolean;
}

/** What a script sets for one message: other tables, custom fields, a report instead of a SIP row. */
export interface RowOverride {
  table: TableName | null;
  customFields: CustomFields | null;
  report: { correlationId: string; payloadType: number } | null;
}

export class MessageRows implements RowMaker {
  /** Text truncated to its column, by column; tables named by arrival time. */
  readonly cuts = new Counters();
  /** Set for the next message. */
  override: RowOverride | null = null;
  private readonly sipTable: TableName;
  private readonly reportTable: TableName;
  private readonly context: RowContext;

  /** `live`: rows are new, and their times may come from a wrong clock. `isIdentified`: rows carry the identity of their message. */
  constructor(
    private readonly options: RowOptions,
    private readonly clock: Clock,
    private readonly live: boolean,
    private readonly isIdentified = false,
  ) {
    this.sipTable = new TableName(options.table);
    this.reportTable = new TableName(options.reportTable);
    this.context = {
      captureNode: options.captureNode,
      customField1: '',
      customField2: '',
      customField3: '',
      cuts: this.cuts,
      dates: new DateText(options.localDate),
      nodes: new NodeText(),
      ...(isIdentified ? { streams: new StreamText() } : {}),
    };
    this.setCustomFields(options.customFields);
  }

  table(message: Message): string {
    const name = this.override?.table ?? (this.isSip(message) ? this.sipTable : this.reportTable);
    return name.suffixed ? name.at(this.timeOf(message)) : name.at(0);
  }

  columns(message: Message): readonly string[] {
    const names = this.isSip(message) ? SIP_NAMES : this.options.reportShape === 'homer6' ? REPORT_NAMES_HOMER6 : REPORT_NAMES;
    return this.isIdentified ? IDENTIFIED.get(names)! : names;
  }

  /** What keeps the messages of a call together: its Call-ID, of reports the correlation id. */
  callOf(message: Message): string {
    return this.isSip(message) ? message.sip!.callId : (this.override?.report ?? message).correlationId;
  }

  push(message: Message, into: ColumnValue[], at: number): void {
    const { context, override } = this;
    if (!this.isSip(message)) {
      const { correlationId, payloadType } = override?.report ?? message;
      const make = this.options.reportShape === 'homer6' ? reportRowHomer6 : reportRow;
      make(message, correlationId, payloadType, context, into, at);
      return;
    }
    const own = override?.customFields ?? null;
    if (own !== null) this.setCustomFields(own);
    sipCaptureRow(message, context, into, at);
    if (own !== null) this.setCustomFields(this.options.customFields);
  }

  private isSip(message: Message): boolean {
    return message.payloadType === PAYLOAD_SIP && message.sip !== null && (this.override === null || this.override.report === null);
  }

  private timeOf(message: Message): number {
    const { options, clock, live } = this;
    if (options.tableTime === 'packet' && !live) return message.capturedAt;
    const now = clock.now();
    if (options.tableTime === 'receive') return now;
    if (message.capturedAt >= now - LIVE_PAST && message.capturedAt <= now + LIVE_FUTURE) return message.capturedAt;
    this.cuts.add('table_by_arrival_time');
    return now;
  }

  private setCustomFields([first, second, third]: CustomFields): void {
    this.context.customField1 = first;
    this.context.customField2 = second;
    this.context.customField3 = third;
  }
}
