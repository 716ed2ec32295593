/** Messages and reports from databases, whoever filled them. */
export { findReports, reportsBeside, type ReportFilter } from './find-reports.js';
export { MessageReader, type ReaderOptions } from './message-reader.js';
export { allOf, anyOf, type Condition, type MessageQuery, type QueryField } from './query.js';
export { reportOfMessage } from './row-message.js';
