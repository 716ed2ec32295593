/** The options from the flags shared by all capturing commands. */
import type { RotationOptions } from '../sink/capture-file/rotating-file.js';
import type { TimeStyle } from '../sink/terminal/line-times.js';
import type { PartitionBy } from '../store/index.js';
import type { HepTargetOptions } from './output/hep-output.js';
import type { RowOptions } from './output/message-rows.js';
import type { SummaryForm } from './summary.js';

export interface SinkOptions extends RowOptions {
  db: string | undefined;
  /** Rows in one batch (`max_async_queries`). */
  batchRows: number;
  /** Partitions of tables that are created on demand. */
  partition: PartitionBy;
  /** Names of our columns in the user's tables (`*_column`). */
  renames: Readonly<Record<string, string>>;
  /** HEP targets and how packets for them are made. */
  hep: HepTargetOptions;
  write: string | undefined;
  /** When a new file is begun. */
  rotation: RotationOptions;
  format: 'text' | 'json' | 'none' | undefined;
  /** The layout of text lines; by default as in a pipe. */
  lines?: LineOptions;
  /** File for rows that the database rejects, NDJSON; '' for the default in the current folder. */
  quarantine: string;
}

export interface LineOptions {
  time: TimeStyle;
  /** Time zone, '' for the system's. */
  zone: string;
  /** File with names of addresses, '' for none. */
  names: string;
}

/** A script that decides. */
export interface RouteChoice {
  file: string;
  /** `none`, `sip` or a route's name; '' as set in the file. */
  hepRoute: string;
  scriptVersion: '' | '2' | '3';
  /** Treatment of unavailable functions; undefined as set in the file. */
  unknownFunctions?: 'error' | 'skip';
}

export interface RunOptions {
  sinks: SinkOptions;
  /** Null if every message goes to every sink. */
  route: RouteChoice | null;
  /** Stop after this many messages; 0 is unlimited. */
  count: number;
  /** Live sources stop after this many seconds; 0 is unlimited. */
  durationSeconds: number;
  /** Seconds that outputs have to finish once the run is stopping. */
  drainSeconds: number;
  /** Warn of a live input that receives nothing for this many seconds; 0: never. */
  silentAfterSeconds: number;
  quiet: boolean;
  verbose: boolean;
  /** Form of the summary at the end. */
  summary: SummaryForm;
}
