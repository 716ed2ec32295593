/** The columns of the table: their selection and width depend on the terminal, not on the data. */
import { columnsOf, cutTo, endpointText, isPrintableAscii, printable } from '../../../base/index.js';
import type { Zone } from '../../../base/time/index.js';
import type { CallSummary } from '../../../calls/index.js';

export interface TableColumn {
  title: string;
  width: number;
  align: 'left' | 'right';
  of(call: CallSummary): string;
}

/** In a pipe: everything, for grep. */
const PIPE_COLUMNS = 200;
const WIDEST = 180;
const WIDE = 150;
const MIDDLE = 110;
const USUAL = 80;
const NARROW = 65;
const SMALL = 56;
/** No column is wider. */
const SPACES = ' '.repeat(64);

export function tableColumns(terminalColumns: number | undefined, times: Zone, hasMedia = false): TableColumn[] {
  const width = terminalColumns ?? PIPE_COLUMNS;
  const columns: TableColumn[] = [
    ...(width >= SMALL ? [startColumn(width, times)] : []),
    left('state', 11, ({ state }) => state),
    left('from', 0, (call) => party(call.fromUser, call.fromDomain, endpointText(call.source, call.sourcePort))),
    left('to', 0, (call) => party(call.toUser, call.toDomain, endpointText(call.destination, call.destinationPort))),
  ];
  if (width >= MIDDLE) columns.push(left('status', width >= WIDEST ? 24 : width >= WIDE ? 20 : 16, statusText));
  else if (width >= SMALL) columns.push(left('st', 3, ({ status }) => numberText(status)));
  if (width >= USUAL) columns.push(right('setup s', 7, ({ setupMs }) => seconds(setupMs, 2)));
  if (width >= NARROW) columns.push(right('talk s', 7, ({ talkingMs }) => seconds(talkingMs, 1)));
  if (width >= USUAL) columns.push(right('msgs', 4, ({ messages }) => String(messages)));
  if (width >= MIDDLE) {
    columns.push(right('rtx', 3, ({ retransmissions }) => numberText(retransmissions)));
    columns.push(right('legs', 4, ({ legs }) => String(legs)));
  }
  if (width >= WIDE) {
    columns.push(right('MOS', 4, ({ mos }) => (mos === null ? '' : mos.toFixed(2))));
    if (hasMedia) columns.push(right('loss %', 6, ({ lossPercent }) => (lossPercent === null ? '' : lossPercent.toFixed(2))));
    columns.push(left('node', 8, ({ node }) => node));
  }
  if (width >= WIDEST) columns.push(left('flags', 18, ({ flags }) => flags.join(' ')));
  columns.push({ title: 'Call-ID', width: 0, align: 'left', of: ({ callId }) => callId });
  return spread(columns, width, terminalColumns === undefined);
}

/** The remaining width goes to From, To and the Call-ID; in a pipe the last cell is not padded or cut. */
function spread(columns: TableColumn[], width: number, isPipe: boolean): TableColumn[] {
  const fixed = columns.reduce((sum, column) => sum + column.width, 0) + 2 * (columns.length - 1);
  const left = Math.max(24, width - fixed);
  const party = Math.min(32, Math.max(8, Math.floor(left * 0.27)));
  return columns.map((column) => {
    if (column.width > 0) return column;
    if (column.title !== 'Call-ID') return { ...column, width: party };
    return { ...column, width: isPipe ? Infinity : Math.max(8, left - 2 * party) };
  });
}

function startColumn(width: number, times: Zone): TableColumn {
  if (width >= WIDEST) return left('start', 23, ({ startedAt }) => times.text(startedAt).slice(0, 23));
  if (width >= MIDDLE) return left('start', 14, ({ startedAt }) => times.text(startedAt).slice(5, 19));
  return left('start', 8, ({ startedAt }) => times.text(startedAt).slice(11, 19));
}

/** `paint`: of the text of a cell, without its padding. */
export function tableLine(
  columns: readonly TableColumn[],
  cell: (column: TableColumn) => string,
  paint: ((column: TableColumn, text: string) => string) | null = null,
): string {
  let line = '';
  for (const column of columns) {
    const { width } = column;
    const whole = cell(column);
    // Looked at once: there may be very many cells.
    const isPlain = isPrintableAscii(whole);
    const text = !isPlain ? cutTo(printable(whole), width) : whole.length <= width ? whole : `${whole.slice(0, width - 1)}…`;
    const padding = width === Infinity ? '' : spaces(width - (isPlain ? text.length : columnsOf(text)));
    const painted = paint === null ? text : paint(column, text);
    line += column.align === 'left' ? painted + padding : padding + painted;
    line += '  ';
  }
  return `${line.trimEnd()}\n`;
}

function spaces(count: number): string {
  return SPACES.slice(0, Math.max(0, count));
}

function left(title: string, width: number, of: (call: CallSummary) => string): TableColumn {
  return { title, width, align: 'left', of };
}

function right(title: string, width: number, of: (call: CallSummary) => string): TableColumn {
  return { title, width, align: 'right', of };
}

function party(user: string, domain: string, endpoint: string): string {
  if (user === '') return domain === '' ? endpoint : domain;
  return user;
}

function statusText({ status, reason }: CallSummary): string {
  return status === 0 ? '' : `${status} ${reason}`;
}

function numberText(number: number): string {
  return number === 0 ? '' : String(number);
}

function seconds(milliseconds: number | null, digits: number): string {
  return milliseconds === null ? '' : (milliseconds / 1000).toFixed(digits);
}
