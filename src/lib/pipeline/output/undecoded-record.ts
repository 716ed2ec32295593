/**
 * A record of undecoded HEP packets: their bytes one after the other, with times, lengths and peers. What
 * is read back from disk is checked before anything is decoded.
 */
import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { HepPeer } from '../../hep/index.js';
import { isListOf, isObject, isSequence, isStreamName } from '../../sink/batch-spool/index.js';

/** Type of such records in the spool. */
export const RECORD_ARRIVALS = 3;
const VERSION = 1;

export interface ArrivalRecord {
  stream: string;
  sequence: number;
  peers: HepPeer[];
  /** Of each packet: microseconds since 1970, index of its peer, length. */
  times: Float64Array;
  peerOf: Uint16Array;
  lengths: Uint32Array;
  bytes: Buffer;
}

const TRANSPORTS: ReadonlySet<unknown> = new Set(['udp', 'tcp', 'tls']);
const MAX_PORT = 65_535;
const MAX_ADDRESS_CHARACTERS = 255;

export function arrivalRecordBytes(record: ArrivalRecord): Buffer {
  return serialize({ version: VERSION, ...record });
}

/** Null where the bytes are not such a record of this version. */
export function readArrivalRecord(bytes: Buffer): ArrivalRecord | null {
  let content: unknown;
  try {
    content = deserialize(bytes);
  } catch {
    return null;
  }
  if (!isObject(content) || content.version !== VERSION) return null;
  const { stream, sequence, peers, times, peerOf, lengths, bytes: packets } = content;
  if (!isStreamName(stream) || !isSequence(sequence) || !isListOf(peers, isPeer)) return null;
  if (!(types.isFloat64Array(times) && types.isUint16Array(peerOf) && types.isUint32Array(lengths))) return null;
  if (!Buffer.isBuffer(packets) || times.length !== lengths.length || peerOf.length !== lengths.length) return null;
  if (!times.every((time) => Number.isFinite(time) && time >= 0) || !peerOf.every((peer) => peer < peers.length)) return null;
  if (lengths.reduce((sum, length) => sum + length, 0) !== packets.length) return null;
  return { stream, sequence, peers, times, peerOf, lengths, bytes: packets };
}

function isPeer(value: unknown): value is HepPeer {
  return (
    isObject(value) &&
    isAddress(value.peerAddress) &&
    isAddress(value.localAddress) &&
    isPort(value.peerPort) &&
    isPort(value.localPort) &&
    TRANSPORTS.has(value.transport)
  );
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ADDRESS_CHARACTERS;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_PORT;
}
