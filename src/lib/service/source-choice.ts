/** The input of queries: capture files and standard input, a database, interfaces, or HEP as it arrives; one of them. */
import { UsageError, type Environment, type PortRange } from '../base/index.js';
import type { MediaWatch } from '../extract/media-watch.js';
import type { CallNeed, DatabaseSourceOptions } from '../pipeline/input/database-source.js';
import type { ListenerSettings } from '../pipeline/input/hep-listeners.js';
import type { FrameSelection, RunSource } from '../pipeline/source.js';
import type { Filter } from '../script/filter/index.js';
import { MessageReader } from '../store/read/index.js';

export interface SourceChoice {
  /** Paths and globs; `-` is standard input. */
  files: readonly string[];
  /** '' for none. */
  db: string;
  /** Names of interfaces; `any` is all of them. */
  interfaces: readonly string[];
  /** hep_udp:host:port and so on. */
  listeners: readonly string[];
  listening: ListenerSettings;
  ports: readonly PortRange[];
  parseHep: boolean;
  /** Live sources stop after this many seconds; 0 is no limit. */
  durationSeconds: number;
  /** Tracks the RTP of files and interfaces. */
  media?: MediaWatch | null;
}

/** What to read if the source is a database. */
export type DatabaseChoice = Pick<DatabaseSourceOptions, 'table' | 'tableIsOptional' | 'wanted' | 'reportTable' | 'kept'>;

const SNAP_LENGTH = 262_144;
const BUFFER_BYTES = 32_000_000;

/**
 * `rtcp`: the RTCP of calls is read too. `keepFrames`: messages keep theirs. Throws where not exactly one source is named. Only the
 * selected source is loaded: queries are short-lived.
 */
export async function chosenSource(
  choice: SourceChoice,
  database: DatabaseChoice,
  rtcp: boolean,
  env: Environment,
  keepFrames = false,
): Promise<RunSource> {
  const { files, db, interfaces, listeners, listening, ports, parseHep, media } = choice;
  const named = [
    files.length > 0 ? '-r' : '',
    db !== '' ? '--db' : '',
    interfaces.length > 0 ? '-i' : '',
    listeners.length > 0 ? '--hep-listen' : '',
  ].filter((flag) => flag !== '');
  if (named.length === 0)
    throw new UsageError('no input: specify FILE (capture files; - is standard input), --db URL, -i IF or --hep-listen ENDPOINT');
  if (named.length > 1) throw new UsageError(`${named.join(' and ')} exclude each other: specify one input`);
  if (db !== '') {
    const { DatabaseSource } = await import('../pipeline/input/database-source.js');
    return new DatabaseSource({ url: db, ...database }, env);
  }
  if (listeners.length > 0) {
    const { ListenerSource } = await import('../pipeline/input/listener-source.js');
    return new ListenerSource(listeners, listening, env);
  }
  const isLive = interfaces.length > 0;
  const selection: FrameSelection = { ports, parseHep, rtcp, tunnelTo: null, keepFrames, workers: 0, isLive, media };
  if (!isLive) {
    const { CaptureFileSource } = await import('../pipeline/input/capture-file-source.js');
    return new CaptureFileSource({ files, selection, write: undefined, digests: false }, env);
  }
  const { InterfaceSource } = await import('../pipeline/input/interface-source.js');
  return new InterfaceSource(
    { interfaces, selection, filter: '', promiscuous: true, snapLength: SNAP_LENGTH, bufferBytes: BUFFER_BYTES, giveUpSeconds: 0 },
    env,
  );
}

export interface ExplainedQueries {
  lines: string[];
  /** Shards that did not answer. */
  missing: readonly string[];
}

/** The SQL of each query, a line for each table, and the conditions that are tested on each message. */
export async function explainedQueries(
  url: string,
  table: string,
  needs: readonly CallNeed[],
  env: Environment,
): Promise<ExplainedQueries> {
  const reader = await MessageReader.open(url, { table, log: env.log, clock: env.clock });
  try {
    const lines: string[] = [];
    for (const { query, filter } of needs)
      lines.push(...(await reader.explain(query)), ...((filter as Filter | null)?.rest.map((text) => `in each message: ${text}`) ?? []));
    return { lines, missing: reader.missing };
  } finally {
    await reader.close();
  }
}
