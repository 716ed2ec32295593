/** Lines and files as reports: a log, RTCP JSON, a QoS record, wrapped so that they are handled like HEP. */
import { FAMILY_IPV4, FAMILY_IPV6, NO_FRAMES, PROTOCOL_UDP, UsageError, type Message } from '../../base/index.js';
import { member } from './correlation.js';

export interface Endpoint {
  address: string;
  port: number;
}

export interface LineOptions {
  source: Endpoint;
  destination: Endpoint;
  payloadType: number;
  captureId: number;
  /** Path of a JSON member that holds the time, '' for now. */
  timeField: string;
}

/** `127.0.0.1:5060`, `[::1]:5060`, or an address alone. */
export function parseEndpoint(text: string, option: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)|([0-9a-fA-F:]+:[0-9a-fA-F:]*))(?::(\d+))?$/.exec(text);
  const port = match?.[4] === undefined ? 0 : Number(match[4]);
  if (match === null || port > 65_535) throw new UsageError(`${option} ${text}: write address:port, IPv6 in brackets`);
  return { address: match[1] ?? match[2] ?? match[3], port };
}

/** The line as a message; the time is microseconds since 1970. */
export function lineMessage(payload: Buffer, now: number, options: LineOptions, number: number): Message {
  const { source, destination } = options;
  return {
    capturedAt: options.timeField === '' ? now : (timeIn(payload, options.timeField) ?? now),
    sourceAddress: source.address,
    sourcePort: source.port,
    destinationAddress: destination.address,
    destinationPort: destination.port,
    protocol: PROTOCOL_UDP,
    family: source.address.includes(':') ? FAMILY_IPV6 : FAMILY_IPV4,
    payloadType: options.payloadType,
    payload,
    captureId: options.captureId,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: number,
    sourceIndex: 0,
    stream: 0n,
    sequence: 0,
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
  };
}

/** Seconds, milliseconds, microseconds since 1970 (by their size), or a date as text; null if there is none. */
function timeIn(payload: Buffer, field: string): number | null {
  let value: unknown;
  try {
    value = member(JSON.parse(payload.toString('utf8')), field.split('.'));
  } catch {
    return null;
  }
  if (typeof value === 'string' && Number.isNaN(Number(value))) {
    const time = Date.parse(value);
    return Number.isNaN(time) ? null : time * 1000;
  }
  const number = Number(value);
  if (value === null || value === undefined || value === '' || !(number > 0)) return null;
  return Math.round(number < 1e11 ? number * 1e6 : number < 1e14 ? number * 1e3 : number);
}
