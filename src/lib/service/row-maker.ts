/** Rows of messages: SIP into the capture table, everything else into the report table with its type. */
import { Counters, PAYLOAD_SIP, type ColumnValue, type Message } from '../base/index.js';
import type { RowMaker } from '../sink/batch.js';
import { DateText, NodeText, REPORT_COLUMNS, SIP_CAPTURE_COLUMNS, reportRow, sipCaptureRow, type RowContext } from '../sip/index.js';
import { TableName } from '../store/index.js';

const SIP_NAMES = SIP_CAPTURE_COLUMNS.map(({ name }) => name);
const REPORT_NAMES = REPORT_COLUMNS.map(({ name }) => name);

export interface RowOptions {
  table: string;
  reportTable: string;
  captureNode: string;
}

export class MessageRows implements RowMaker {
  /** Text cut to its column, by column. */
  readonly cuts = new Counters();
  private readonly sipTable: TableName;
  private readonly reportTable: TableName;
  private readonly context: RowContext;

  constructor(options: RowOptions) {
    this.sipTable = new TableName(options.table);
    this.reportTable = new TableName(options.reportTable);
    this.context = { captureNode: options.captureNode, customField1: '', customField2: '', customField3: '', cuts: this.cuts, dates: new DateText(), nodes: new NodeText() };
  }

  table(message: Message): string {
    return (message.payloadType === PAYLOAD_SIP ? this.sipTable : this.reportTable).at(message.capturedAt);
  }

  columns(message: Message): readonly string[] {
    return message.payloadType === PAYLOAD_SIP ? SIP_NAMES : REPORT_NAMES;
  }

  push(message: Message, into: ColumnValue[], at: number): void {
    if (message.payloadType === PAYLOAD_SIP) sipCaptureRow(message, this.context, into, at);
    else reportRow(message, message.correlationId, message.payloadType, this.context, into, at);
  }
}
