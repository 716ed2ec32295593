/** What is stored: columns and table formats as lists, and the functions that fill a row from a message. Pure. */
export { cut, rowWriter, type Column, type ColumnKind, type RowContext } from './column.js';
export { Homer7Rows, HOMER7_DATA_MEMBERS, type Homer7Context } from './homer7-row.js';
export {
  HOMER7_CALL,
  HOMER7_COLUMNS,
  HOMER7_TABLES,
  homer7ReportTable,
  homer7SipTable,
  homer7Table,
  methodClass,
  type Homer7Index,
  type Homer7Table,
  type MethodClass,
} from './homer7-tables.js';
export { fixedProblem, SHAPES, shapeEngine, shapeReports, type ShapeName } from './shapes.js';
export { SPLIT_COLUMNS, SPLIT_REPORT_TABLES, SPLIT_SIP_TABLES, splitReportTable, splitRow } from './homer5-split.js';
export { DateText, NodeText, StreamText } from './texts.js';
export { SIP_CAPTURE_COLUMNS, sipCaptureRow } from './sip-columns.js';
export { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, reportRow, reportRowHomer6 } from './report-columns.js';
