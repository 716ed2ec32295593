/** The shapes that tables of ours have. */
export type TableShape = 'sip_capture' | 'rtcp_capture' | 'rtcp_capture_homer6';

/** What the rows of a partitioned table are spread by. */
export type PartitionBy = 'none' | 'day' | 'hour';

/** Which of them a set of columns is. */
export function shapeOf(columns: readonly string[]): TableShape {
  if (columns.includes('tss')) return 'rtcp_capture_homer6';
  return columns.includes('callid') ? 'sip_capture' : 'rtcp_capture';
}

/** The column that says when a row was captured. */
export function timeColumn(shape: TableShape): string {
  return shape === 'rtcp_capture_homer6' ? 'tss' : 'date';
}
