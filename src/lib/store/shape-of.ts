/** Which of our table shapes a set of columns is. */
import type { TableShape } from './definitions.js';

export function shapeOf(columns: readonly string[]): TableShape {
  if (columns.includes('tss')) return 'rtcp_capture_homer6';
  return columns.includes('callid') ? 'sip_capture' : 'rtcp_capture';
}
