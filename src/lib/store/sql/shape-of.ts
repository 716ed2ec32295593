/** The formats of our tables, and what is special about each. */
import type { ShapeName } from '../../row/index.js';

export type TableShape = 'sip_capture' | 'rtcp_capture' | 'rtcp_capture_homer6' | 'homer5_sip' | 'homer5_report' | 'homer7';

/** The period of each partition of a table. */
export type PartitionBy = 'none' | 'day' | 'hour';

/** `steps`: ranges of any length without a default partition, that others may create too. */
export type Partitioning = PartitionBy | 'steps';

interface ShapeTraits {
  /** Column of the capture time. */
  time: string;
  /** How it is always partitioned; null as requested. */
  partitioning: Partitioning | null;
  /** Defined by us alone: later versions may change it. */
  isOurs: boolean;
}

const DATED: ShapeTraits = { time: 'date', partitioning: null, isOurs: true };
const TRAITS: Readonly<Record<TableShape, ShapeTraits>> = {
  sip_capture: DATED,
  rtcp_capture: DATED,
  rtcp_capture_homer6: { time: 'tss', partitioning: null, isOurs: true },
  // Their tables are of one day, with its partitions.
  homer5_sip: { time: 'date', partitioning: 'none', isOurs: false },
  homer5_report: { time: 'date', partitioning: 'none', isOurs: false },
  homer7: { time: 'create_date', partitioning: 'steps', isOurs: false },
};

/** Formats that a set of tables has instead of ours. */
const INSTEAD: Partial<Record<ShapeName, Partial<Record<TableShape, TableShape>>>> = {
  'homer5-split': { sip_capture: 'homer5_sip', rtcp_capture: 'homer5_report' },
};

/** The format of a set of columns. */
export function shapeOf(columns: readonly string[], of: ShapeName = 'sipcapture'): TableShape {
  const shape = columns.includes('protocol_header')
    ? 'homer7'
    : columns.includes('tss')
      ? 'rtcp_capture_homer6'
      : columns.includes('callid')
        ? 'sip_capture'
        : 'rtcp_capture';
  return INSTEAD[of]?.[shape] ?? shape;
}

/** The column of the capture time. */
export function timeColumn(shape: TableShape): string {
  return TRAITS[shape].time;
}

/** False for the tables of others, whose definition stays as it is. */
export function isOurFormat(shape: TableShape): boolean {
  return TRAITS[shape].isOurs;
}

/** How a table of that format is partitioned if `asked` is requested. */
export function partitioningOf(shape: TableShape, asked: Partitioning): Partitioning {
  return TRAITS[shape].partitioning ?? asked;
}
