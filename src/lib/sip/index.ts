/** SIP: bytes to start line, headers, columns; framing in streams. */
export { DateText, SIP_CAPTURE_COLUMNS, sipCaptureRow, type Column, type RowContext } from './columns.js';
export { SipFramer, type FramingLosses } from './framing.js';
export { headerValues } from './header-values.js';
export { SipParser, parseSip } from './parse.js';
export { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, reportRow, reportRowHomer6 } from './report-columns.js';
export { looksLikeSip } from './start-line.js';
