/** How messages become rows of each set of tables: which table, which columns, which values. */
import { PAYLOAD_SIP, type ColumnValue, type Message } from '../../base/index.js';
import {
  HOMER7_COLUMNS,
  Homer7Rows,
  REPORT_COLUMNS,
  REPORT_COLUMNS_HOMER6,
  SIP_CAPTURE_COLUMNS,
  SPLIT_COLUMNS,
  SPLIT_REPORT_TABLES,
  SPLIT_SIP_TABLES,
  homer7ReportTable,
  homer7SipTable,
  methodClass,
  reportRow,
  reportRowHomer6,
  sipCaptureRow,
  splitReportTable,
  splitRow,
  type Homer7Context,
  type RowContext,
  type ShapeName,
} from '../../row/index.js';
import { headerValue } from '../../sip/index.js';
import { TableName } from '../../store/index.js';
import type { RowOptions, RowOverride } from './row-options.js';

export interface RowLayout {
  /** Whether a script may name another table. */
  readonly namesTables: boolean;
  table(message: Message, override: RowOverride | null, timeOf: TableTime): string;
  columns(message: Message, override: RowOverride | null): readonly string[];
  push(message: Message, override: RowOverride | null, into: ColumnValue[], at: number, timeOf: TableTime): void;
}

/** The time that decides about a message's table or partition. */
export type TableTime = (message: Message) => number;

const SIP_NAMES = SIP_CAPTURE_COLUMNS.map(({ name }) => name);
const REPORT_NAMES = REPORT_COLUMNS.map(({ name }) => name);
const REPORT_NAMES_HOMER6 = REPORT_COLUMNS_HOMER6.map(({ name }) => name);
/** The identity of a message, in databases that recognise rows by it. */
const IDENTITY = ['stream', 'sequence'];

export function layoutOf(shape: ShapeName, options: RowOptions, context: Homer7Context): RowLayout {
  switch (shape) {
    case 'homer7':
      return new Homer7Layout(new Homer7Rows(context, options.dataHeaders));
    case 'homer5-split':
      return new SplitLayout(context);
    default:
      return new PairLayout(options, context);
  }
}

export function isSip(message: Message, override: RowOverride | null): boolean {
  return message.payloadType === PAYLOAD_SIP && message.sip !== null && (override === null || override.report === null);
}

function expand(name: TableName, message: Message, timeOf: TableTime): string {
  return name.at(name.suffixed ? timeOf(message) : 0);
}

/** One table for SIP, one for everything else. */
class PairLayout implements RowLayout {
  readonly namesTables = true;
  private readonly sipTable: TableName;
  private readonly reportTable: TableName;
  private readonly isHomer6: boolean;
  private readonly sipNames: readonly string[];
  private readonly reportNames: readonly string[];

  constructor(
    options: RowOptions,
    private readonly context: RowContext,
  ) {
    this.sipTable = new TableName(options.table);
    this.reportTable = new TableName(options.reportTable);
    this.isHomer6 = options.reportShape === 'homer6';
    const identity = context.streams === undefined ? [] : IDENTITY;
    this.sipNames = [...SIP_NAMES, ...identity];
    this.reportNames = [...(this.isHomer6 ? REPORT_NAMES_HOMER6 : REPORT_NAMES), ...identity];
  }

  table(message: Message, override: RowOverride | null, timeOf: TableTime): string {
    return expand(override?.table ?? (isSip(message, override) ? this.sipTable : this.reportTable), message, timeOf);
  }

  columns(message: Message, override: RowOverride | null): readonly string[] {
    return isSip(message, override) ? this.sipNames : this.reportNames;
  }

  push(message: Message, override: RowOverride | null, into: ColumnValue[], at: number): void {
    if (isSip(message, override)) {
      sipCaptureRow(message, this.context, into, at);
      return;
    }
    const { correlationId, payloadType } = override?.report ?? message;
    const make = this.isHomer6 ? reportRowHomer6 : reportRow;
    make(message, correlationId, payloadType, this.context, into, at);
  }
}

/** Homer 5's own tables: three a day for SIP, three for reports. */
class SplitLayout implements RowLayout {
  readonly namesTables = true;
  private readonly sip = named(SPLIT_SIP_TABLES);
  private readonly reports = named(SPLIT_REPORT_TABLES);

  constructor(private readonly context: RowContext) {}

  table(message: Message, override: RowOverride | null, timeOf: TableTime): string {
    const own = isSip(message, override)
      ? this.sip[methodClass(message.sip!)]
      : this.reports[splitReportTable((override?.report ?? message).payloadType)];
    return expand(override?.table ?? own, message, timeOf);
  }

  columns(message: Message, override: RowOverride | null): readonly string[] {
    return isSip(message, override) ? SPLIT_COLUMNS : REPORT_NAMES;
  }

  push(message: Message, override: RowOverride | null, into: ColumnValue[], at: number): void {
    if (isSip(message, override)) {
      splitRow(message, headerValue(message.sip!, 'expires'), this.context, into, at);
      return;
    }
    const { correlationId, payloadType } = override?.report ?? message;
    reportRow(message, correlationId, payloadType, this.context, into, at);
  }
}

function named<K extends string>(patterns: Readonly<Record<K, string>>): Record<K, TableName> {
  return Object.fromEntries(Object.entries<string>(patterns).map(([key, pattern]) => [key, new TableName(pattern)])) as Record<
    K,
    TableName
  >;
}

/** Homer 7's tables, whose names are fixed. */
class Homer7Layout implements RowLayout {
  readonly namesTables = false;

  constructor(private readonly rows: Homer7Rows) {}

  table(message: Message, override: RowOverride | null): string {
    return isSip(message, override) ? homer7SipTable(message.sip!) : homer7ReportTable((override?.report ?? message).payloadType);
  }

  columns(): readonly string[] {
    return HOMER7_COLUMNS;
  }

  push(message: Message, override: RowOverride | null, into: ColumnValue[], at: number, timeOf: TableTime): void {
    const storedAt = timeOf(message);
    if (isSip(message, override)) this.rows.sip(message, storedAt, into, at);
    else this.rows.report(message, override?.report ?? message, storedAt, into, at);
  }
}
