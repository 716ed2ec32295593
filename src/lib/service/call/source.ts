/** Where the messages of calls come from: capture files, interfaces, HEP. */
import { UsageError, type Environment, type PortRange } from '../../base/index.js';
import { CaptureFileSource } from '../../pipeline/input/capture-file-source.js';
import type { ListenerSettings } from '../../pipeline/input/hep-listeners.js';
import { InterfaceSource } from '../../pipeline/input/interface-source.js';
import { ListenerSource } from '../../pipeline/input/listener-source.js';
import type { RunSource } from '../../pipeline/source.js';

export interface CallSourceOptions {
  /** Paths and globs; `-` is standard input. */
  files: readonly string[];
  interfaces: readonly string[];
  /** hep_udp:host:port and so on. */
  listeners: readonly string[];
  ports: readonly PortRange[];
  /** Decode HEP found in captures. */
  parseHep: boolean;
  /** Options of interfaces. */
  live: { filter: string; promiscuous: boolean; snapLength: number; bufferBytes: number };
  listening: ListenerSettings;
  authKey: string;
  /** Live sources stop after so many seconds; 0 is no limit. */
  durationSeconds: number;
}

export interface CallSource {
  source: RunSource;
  isLive: boolean;
}

/** `keepFrames`: messages keep the frames they came in. */
export function callSource(options: CallSourceOptions, { keepFrames }: { keepFrames: boolean }, env: Environment): CallSource {
  const { files, interfaces, listeners, ports, parseHep, live } = options;
  const kinds = [files, interfaces, listeners].filter((each) => each.length > 0).length;
  if (kinds === 0) throw new UsageError('no input: specify -r FILE, -i IF or --hep-listen ENDPOINT');
  if (kinds > 1) throw new UsageError('-r, -i and --hep-listen exclude each other');
  const isLive = files.length === 0;
  if (listeners.length > 0) return { source: new ListenerSource(listeners, options.listening, env), isLive };
  const selection = { ports, parseHep, rtcp: true, tunnelTo: null, keepFrames, workers: 0, isLive };
  const source = isLive
    ? new InterfaceSource({ interfaces, selection, ...live, giveUpSeconds: 0 }, env)
    : new CaptureFileSource({ files, selection, write: undefined, digests: false }, env);
  return { source, isLive };
}
