/** The list as a table, CSV or NDJSON: a head, and a piece of text for each call. */
import { csvCell } from '../../../base/index.js';
import { CALL_MEMBERS, callCells, callLine, type CallSummary } from '../../../calls/index.js';
import type { Zone } from '../../../base/time/index.js';
import type { Paint } from '../../../sink/terminal/text-format.js';
import { tableColumns, tableLine, type TableColumn } from './columns.js';

export interface ListFormat {
  head: string;
  row(call: CallSummary): string;
}

export const ndjson: ListFormat = { head: '', row: (call) => `${callLine(call)}\n` };

export function csv(isRaw: boolean): ListFormat {
  return {
    head: `${CALL_MEMBERS.map(({ name }) => name).join(',')}\r\n`,
    row: (call) =>
      `${callCells(call)
        .map((cell) => csvCell(cell, isRaw))
        .join(',')}\r\n`,
  };
}

export function table(terminalColumns: number | undefined, times: Zone, paint: Paint, hasMedia = false): ListFormat {
  const columns = tableColumns(terminalColumns, times, hasMedia);
  const title = ({ title, width }: TableColumn) => (title !== 'start' ? title : width > 12 ? `start (${times.label})` : title);
  return {
    head: paint.dim(tableLine(columns, title)),
    row: (call) => {
      const colour = statePaint(call, paint);
      const of = (column: TableColumn) => column.of(call);
      if (colour === paint.plain) return tableLine(columns, of);
      return tableLine(columns, of, ({ title }, text) => (title === 'state' || title === 'st' || title === 'status' ? colour(text) : text));
    },
  };
}

const GOOD = new Set(['answered', 'in-call', 'ended', 'registered', 'removed', 'subscribed', 'terminated', 'succeeded']);
const PENDING = new Set(['trying', 'proceeding', 'ringing', 'challenged', 'cancelled', 'redirected', 'partial', 'lost']);

function statePaint({ state }: CallSummary, paint: Paint): (text: string) => string {
  return GOOD.has(state) ? paint.success : PENDING.has(state) ? paint.plain : paint.failure;
}
