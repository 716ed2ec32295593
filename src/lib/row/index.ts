/** What is stored: columns and table formats as lists, and the functions that fill a row from a message. Pure. */
export { cut, rowWriter, type Column, type ColumnKind, type RowContext } from './column.js';
export { DateText, NodeText, StreamText } from './texts.js';
export { SIP_CAPTURE_COLUMNS, sipCaptureRow } from './sip-columns.js';
export { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, reportRow, reportRowHomer6 } from './report-columns.js';
