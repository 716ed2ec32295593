/** The formats of our tables. */
export type TableShape = 'sip_capture' | 'rtcp_capture' | 'rtcp_capture_homer6';

/** The period of each partition of a table. */
export type PartitionBy = 'none' | 'day' | 'hour';

/** The format of a set of columns. */
export function shapeOf(columns: readonly string[]): TableShape {
  if (columns.includes('tss')) return 'rtcp_capture_homer6';
  return columns.includes('callid') ? 'sip_capture' : 'rtcp_capture';
}

/** The column of the capture time. */
export function timeColumn(shape: TableShape): string {
  return shape === 'rtcp_capture_homer6' ? 'tss' : 'date';
}
