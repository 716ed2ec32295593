/**
 * What a script needs from its host: the message, its HEP packet, and the sinks. The host is asked only for what a
 * statement uses, so that SIP is parsed when something wants it and a packet is taken apart when a chunk is touched.
 */
import type { HepEndpoint, Message, SipFields } from '../base/index.js';
import type { ScriptCache, ScriptStatistics } from './script-memory.js';
import type { Value } from './value.js';

/** Why something could not be done, in words; null where it was done. */
export type Refused = string | null;

export interface RouteContext {
  /** The message as it was captured; its envelope is the HEP packet, null where it came in none. */
  readonly message: Message;
  /** 'hep' in the route that hep_route names, 'sip' in the main route and in onreply_route. */
  readonly stage: 'hep' | 'sip';
  /** What the payload says as SIP; null where it is none. */
  sip(): SipFields | null;
  /** A header by name; index 0 is the first, -1 the last; null where there is none. */
  header(name: string, index: number): string | null;
  /** All values of a header, in order. */
  headers(name: string): readonly string[];
  /** The value of a chunk as hep_get shows it; null where the packet has none. Only for HEP version 3. */
  getChunk(chunk: ChunkHandle): Value;
  /** The vendor of the chunk that `getChunk` shows, -1 where the packet has none. */
  chunkVendor(chunk: ChunkHandle): number;
  setChunk(assignment: ChunkAssignmentHandle): Refused;
  deleteChunk(chunk: ChunkHandle): Refused;
  /** The same target text gives the same endpoint object. */
  relay(target: HepEndpoint): Refused;
  /** Empty positions are null. */
  store(table: string | null, custom1: string | null, custom2: string | null, custom3: string | null): Refused;
  /** `payloadType` is -1 where the script gives none. */
  report(correlationId: string, table: string | null, payloadType: number): Refused;
  /** xlog(): levels are OpenSIPS', -3 alert to 4 debug. */
  log(level: number, text: string): void;
  /** A statement failed; logged once for each place, counted always. */
  failed(place: string, reason: string): void;
  /** A function that is skipped was called; logged once for each name, counted always. */
  skipped(name: string): void;
  /** A variable of the environment. */
  environment(name: string): string | null;
  /** Counters of update_stat(). */
  readonly statistics: ScriptStatistics;
  /** What cache_store() keeps. */
  readonly cache: ScriptCache;
  /** When the host began, microseconds since 1970. */
  readonly startedAt: number;
  /** Microseconds since 1970. */
  now(): number;
  /** Now by a strftime format, UTC. */
  time(format: string): string;
}

/**
 * The chunks of HEP as the host knows them. Scripts name chunks in text; what the host makes of a name is checked and
 * made once, when the script is loaded, and handed back to it as it is.
 */
export interface ChunkVocabulary {
  /** Names that are known, for suggestions. */
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** A chunk by name or number, with the type and vendor that the script gives or null. */
  name(chunk: string, type: string | null, vendor: string | null): ChunkHandle | ChunkRefusal;
  /** The assignment of a value, its range checked. */
  assign(chunk: ChunkHandle, value: string): ChunkAssignmentHandle | ChunkRefusal;
}

export interface ChunkRefusal {
  refused: string;
}

export interface ChunkHandle {
  readonly text: string;
  /** The row of the table where the name means a generic chunk. */
  readonly row: { readonly name: string; readonly builtIn: boolean; readonly forcedOnly: boolean } | null;
}

export interface ChunkAssignmentHandle {
  readonly name: ChunkHandle;
  readonly data: Buffer;
}

export function isChunkRefusal(value: object): value is ChunkRefusal {
  return 'refused' in value;
}
