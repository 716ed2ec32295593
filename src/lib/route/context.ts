/**
 * What a script needs from its host: the message, its HEP packet, and the sinks. The host provides only what a
 * statement uses, so that SIP is parsed on demand and a packet is split into chunks when one is accessed.
 */
import type { HepEndpoint, Message, SipFields } from '../base/index.js';
import type { ScriptCache, ScriptStatistics } from './script-memory.js';
import type { Value } from './value.js';

/** Why something could not be done, as text; null on success. */
export type Refused = string | null;

export interface RouteContext {
  /** The message as captured; its envelope is the HEP packet, null if it did not arrive by HEP. */
  readonly message: Message;
  /** 'hep' in the route named by hep_route, 'sip' in the main route and in onreply_route. */
  readonly stage: 'hep' | 'sip';
  /** The payload parsed as SIP; null if it is not SIP. */
  sip(): SipFields | null;
  /** A header by name; index 0 is the first, -1 the last; null if there is none. */
  header(name: string, index: number): string | null;
  /** All values of a header, in order. */
  headers(name: string): readonly string[];
  /** The value of a chunk as hep_get shows it; null if the packet has none. Only for HEP version 3. */
  getChunk(chunk: ChunkHandle): Value;
  /** The vendor of the chunk that `getChunk` shows, -1 if the packet has none. */
  chunkVendor(chunk: ChunkHandle): number;
  setChunk(assignment: ChunkAssignmentHandle): Refused;
  deleteChunk(chunk: ChunkHandle): Refused;
  /** The same target text gives the same endpoint object. */
  relay(target: HepEndpoint): Refused;
  /** Empty positions are null. */
  store(table: string | null, custom1: string | null, custom2: string | null, custom3: string | null): Refused;
  /** `payloadType` is -1 if the script gives none. */
  report(correlationId: string, table: string | null, payloadType: number): Refused;
  /** xlog(): levels are OpenSIPS', -3 alert to 4 debug. */
  log(level: number, text: string): void;
  /** A statement failed; logged once per position, always counted. */
  failed(place: string, reason: string): void;
  /** A skipped function was called; logged once per name, always counted. */
  skipped(name: string): void;
  /** A variable of the environment. */
  environment(name: string): string | null;
  /** Counters of update_stat(). */
  readonly statistics: ScriptStatistics;
  /** The storage of cache_store(). */
  readonly cache: ScriptCache;
  /** When the host started, microseconds since 1970. */
  readonly startedAt: number;
  /** Microseconds since 1970. */
  now(): number;
  /** The current time in a strftime format, UTC. */
  time(format: string): string;
}

/**
 * The chunks of HEP as known to the host. Scripts name chunks in text; a name is resolved and checked by the host
 * once, when the script is loaded, and the result is passed back to it unchanged.
 */
export interface ChunkVocabulary {
  /** Known names, for suggestions. */
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** A chunk by name or number, with the type and vendor that the script gives or null. */
  name(chunk: string, type: string | null, vendor: string | null): ChunkHandle | ChunkRefusal;
  /** The assignment of a value, with its range checked. */
  assign(chunk: ChunkHandle, value: string): ChunkAssignmentHandle | ChunkRefusal;
}

export interface ChunkRefusal {
  refused: string;
}

export interface ChunkHandle {
  readonly text: string;
  /** The row of the table if the name means a generic chunk. */
  readonly row: { readonly name: string; readonly builtIn: boolean; readonly forcedOnly: boolean } | null;
}

export interface ChunkAssignmentHandle {
  readonly name: ChunkHandle;
  readonly data: Buffer;
}

export function isChunkRefusal(value: object): value is ChunkRefusal {
  return 'refused' in value;
}
