/**
 * Rows that are RowBinary from the moment they are added to a batch: the values of a row need not live until it is sent.
 * Tables whose columns have other types than those that we create get rows made of the values again.
 */
import { Counters, type ColumnValue, type PackedRows, type RowPacker, type TableRows } from '../../base/index.js';
import { REPORT_COLUMNS, SIP_CAPTURE_COLUMNS } from '../../row/index.js';
import { timeText } from '../period.js';
import type { TableColumn } from '../sql/table-column.js';
import type { Target } from '../sql/target.js';
import { bareType, clickhouseColumn } from './columns.js';
import { rowEncoder, RowBinaryEncoder, type WriteRow } from './row-binary.js';

const MAX_SPARE = 4;
const DAY_SECONDS = 86_400;
const TWO_32 = 2 ** 32;

/** Types of the tables that we create; all other columns are of the type String. */
const TYPES: Readonly<Record<string, string>> = {
  date: "DateTime('UTC')",
  micro_ts: 'Int64',
  source_port: 'UInt16',
  destination_port: 'UInt16',
  contact_port: 'UInt16',
  originator_port: 'UInt16',
  proto: 'UInt8',
  family: 'UInt8',
  type: 'UInt8',
  stream: 'UInt64',
  sequence: 'UInt64',
};

/** Lists of columns of these tables begin with the time and end with the identity. */
const PACKED = [SIP_CAPTURE_COLUMNS, REPORT_COLUMNS].map((columns) => [...columns.map(({ name }) => name), 'stream', 'sequence'].join());

interface Layout {
  names: readonly string[];
  columns: readonly TableColumn[];
  write: WriteRow;
}

export class ClickhousePacker implements RowPacker {
  /** Null for lists of columns that are not packed. */
  private readonly layouts = new Map<readonly string[], Layout | null>();
  private readonly spare: PackedTable[] = [];

  rows(table: string, columns: readonly string[]): PackedTable | null {
    let layout = this.layouts.get(columns);
    if (layout === undefined) {
      layout = PACKED.includes(columns.join()) ? layoutOf(columns) : null;
      this.layouts.set(columns, layout);
    }
    if (layout === null) return null;
    const rows = this.spare.pop() ?? new PackedTable();
    rows.begin(table, layout);
    return rows;
  }

  release(rows: TableRows): void {
    if (rows instanceof PackedTable && this.spare.length < MAX_SPARE) this.spare.push(rows);
  }
}

function layoutOf(names: readonly string[]): Layout {
  const columns = names.map((name) => clickhouseColumn({ name, type: TYPES[name] ?? 'String' }));
  return { names, columns, write: rowEncoder({ columns, places: names.map((_, place) => place) }) };
}

export class PackedTable implements PackedRows {
  table = '';
  columns: readonly string[] = [];
  count = 0;
  compared: PackedRows['compared'];
  /** Values that were changed to fit. */
  adjusted = new Counters();
  private layout: Layout | null = null;
  private readonly encoder = new RowBinaryEncoder();
  /** Where each row begins. */
  private readonly starts: number[] = [];
  /** Days since 1970 of the rows while they are all of one day, else -1. */
  private day = 0;
  private unpacked: ColumnValue[] | null = null;
  private readonly fitting = new WeakMap<Target, boolean>();

  begin(table: string, layout: Layout): void {
    this.table = table;
    this.columns = layout.names;
    this.layout = layout;
    this.count = 0;
    this.compared = undefined;
    this.unpacked = null;
    this.adjusted = new Counters();
    this.encoder.begin(this.adjusted);
  }

  add(values: readonly ColumnValue[]): void {
    const start = this.encoder.row(this.layout!.write, values, 0);
    const day = this.dayAt(start);
    if (this.count === 0) this.day = day;
    else if (day !== this.day) this.day = -1;
    this.starts[this.count++] = start;
  }

  get values(): ColumnValue[] {
    if (this.unpacked?.length !== this.count * this.columns.length) {
      this.unpacked = [];
      for (let row = 0; row < this.count; row++) this.unpack(row, this.unpacked);
    }
    return this.unpacked;
  }

  valuesOf(row: number): ColumnValue[] {
    return this.unpack(row, []);
  }

  /** Whether the table takes the bytes as they are. */
  fits(target: Target): boolean {
    let fits = this.fitting.get(target);
    if (fits === undefined) {
      const { columns } = this.layout!;
      fits =
        target.columns.length === columns.length &&
        target.columns.every(({ type }, i) => target.places[i] === i && !type.includes('Nullable') && sameType(type, columns[i].type));
      this.fitting.set(target, fits);
    }
    return fits;
  }

  /** The bytes of rows from..to, those of each day in one piece. */
  byDay(from: number, to: number): Buffer[] {
    if (this.day >= 0 || to - from < 2) return [this.encoder.part(this.starts[from], this.endOf(to - 1))];
    const days = new Map<number, Buffer[]>();
    for (let first = from; first < to;) {
      const day = this.dayAt(this.starts[first]);
      let last = first;
      while (last + 1 < to && this.dayAt(this.starts[last + 1]) === day) last++;
      const runs = days.get(day) ?? [];
      runs.push(this.encoder.part(this.starts[first], this.endOf(last)));
      days.set(day, runs);
      first = last + 1;
    }
    return [...days.values()].map((runs) => (runs.length === 1 ? runs[0] : Buffer.concat(runs)));
  }

  private endOf(row: number): number {
    return row + 1 < this.count ? this.starts[row + 1] : this.encoder.end;
  }

  /** The time is the first column. */
  private dayAt(start: number): number {
    return Math.floor(this.encoder.second(start) / DAY_SECONDS);
  }

  private unpack(row: number, into: ColumnValue[]): ColumnValue[] {
    const bytes = this.encoder.part(this.starts[row], this.endOf(row));
    let at = 0;
    for (const { name, kind, type } of this.layout!.columns) {
      if (kind === 'time') {
        into.push(timeText(bytes.readUInt32LE(at)));
        at += 4;
      } else if (kind === 'integer') {
        const width = Number(/\d+$/.exec(type)![0]) / 8;
        into.push(name === 'stream' ? String(bytes.readBigUInt64LE(at)) : integerAt(bytes, at, width));
        at += width;
      } else {
        let length = 0;
        for (let shift = 0; ; shift += 7) {
          const byte = bytes[at++];
          length |= (byte & 0x7f) << shift;
          if (byte < 0x80) break;
        }
        // Not a view: the memory is used again.
        into.push(kind === 'bytes' ? Buffer.from(bytes.subarray(at, at + length)) : bytes.toString('utf8', at, at + length));
        at += length;
      }
    }
    return into;
  }
}

/** Of 64 bits those that sipcap writes are exact: times and numbers of messages. */
function integerAt(bytes: Buffer, at: number, width: number): number {
  return width < 8 ? bytes.readUIntLE(at, width) : bytes.readInt32LE(at + 4) * TWO_32 + bytes.readUInt32LE(at);
}

function sameType(one: string, other: string): boolean {
  const plain = (type: string) => bareType(type).replace(/^DateTime\('[^']*'\)$/, 'DateTime');
  return plain(one) === plain(other);
}
