/** Types of values that name something: endpoints, networks, ports, databases, tables, files. */
import { UsageError, parseHepEndpoint, parsePortRanges, parseRawListen, type PortRange } from '../base/index.js';
import { AllowList } from '../capture/hep/index.js';
import { TableName, parseDatabaseUrl } from '../store/index.js';
import { parseHepId, type HepId } from './hep-id.js';
import { valueType, textOf, type ValueType, type RawValue } from './kind.js';

/** Kept as written: the port may come from `hep_port`. */
export const hepEndpoint: ValueType<string> = valueType(
  { type: 'string', pattern: '^([hH][eE][pP]_)?([uU][dD][pP]|[tT][cC][pP]|[tT][lL][sS]):' },
  (text) => {
    if (!/^(?:hep_)?(?:udp|tcp|tls):/i.test(text))
      throw new UsageError(
        `invalid HEP endpoint '${text}': expected hep_udp:host:port, hep_tcp:host:port or hep_tls:host:port, IPv6 in brackets`,
      );
    parseHepEndpoint(text);
    return text;
  },
);

/** A HEP endpoint, or the name of a hep_id. */
export const hepTarget: ValueType<string> = valueType({ type: 'string' }, (text) => {
  if (!/^[\w.-]+$/.test(text)) hepEndpoint.read(text);
  return text;
});

export const hepId: ValueType<HepId> = valueType({ type: 'string' }, parseHepId);

export const cidr: ValueType<string> = valueType({ type: 'string' }, (text) => {
  void new AllowList([text]);
  return text;
});

/** `raw_socket_listen`; '' is every address and port. */
export const rawListen: ValueType<string> = valueType({ type: 'string' }, (text) => {
  if (text !== '') parseRawListen(text);
  return text;
});

export const ports: ValueType<readonly PortRange[]> = {
  json: { type: ['string', 'integer', 'array'], items: { type: ['string', 'integer'] } },
  read: (leaf: RawValue) => {
    const text = Array.isArray(leaf) ? (leaf as readonly RawValue[]).map(textOf).join(',') : textOf(leaf);
    return text === '' ? [] : parsePortRanges(text);
  },
};

/** A port, or an address with a port; the address is 127.0.0.1 where there is none. */
export const socketAddress: ValueType<string> = valueType({ type: ['string', 'integer'] }, (text) => {
  if (text !== '') splitSocketAddress(text);
  return text;
});

export interface SocketAddress {
  host: string;
  port: number;
}

export function splitSocketAddress(text: string): SocketAddress {
  const match = /^(?:(\[[^\]]+\]|[^:[\]]*):)?(\d+)$/.exec(text);
  const port = match === null ? NaN : Number(match[2]);
  if (match === null || !(port <= 65_535))
    throw new UsageError(`invalid address and port '${text}': expected 127.0.0.1:9464, IPv6 in brackets`);
  return { host: match[1] === undefined || match[1] === '' ? '127.0.0.1' : match[1].replace(/^\[|\]$/g, ''), port };
}

/** `udp:127.0.0.1:8080`, or the path of a UNIX socket. */
export const datagramSocket: ValueType<string> = valueType({ type: 'string' }, (text) => {
  if (text === '' || /^(?:unix:)?\//.test(text)) return text;
  const match = /^udp:(.+)$/i.exec(text);
  if (match === null) throw new UsageError(`invalid datagram socket '${text}': expected udp:127.0.0.1:8080 or the path of a UNIX socket`);
  splitSocketAddress(match[1]);
  return text;
});

/** '' means no database. */
export const databaseUrl: ValueType<string> = valueType({ type: 'string' }, (text) => {
  if (text !== '') parseDatabaseUrl(/^text:/i.test(text) ? `dbtext:${text.slice(5)}` : text);
  return text;
});

/** Shards of places that hold the same data: [[ch1, ch1b], [ch2]], or as text `ch1,ch1b;ch2`. */
export const shards: ValueType<readonly (readonly string[])[]> = {
  json: {
    anyOf: [{ type: 'array', items: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] } }, { type: 'string' }],
  },
  read: (leaf: RawValue) => {
    const each = Array.isArray(leaf) ? (leaf as readonly RawValue[]) : textOf(leaf).split(';');
    return each
      .map((one) => (Array.isArray(one) ? (one as readonly RawValue[]) : textOf(one).split(',')).map((place) => placeOf(textOf(place))))
      .filter((places) => places.join('') !== '');
  },
};

function placeOf(text: string): string {
  const place = text.trim();
  if (place !== '' && !/^(?:\[[\da-fA-F:.]+\]|[^\s:;,@/[\]]+)(?::\d+)?$/.test(place))
    throw new UsageError(`invalid server '${place}': expected host or host:port, IPv6 in brackets`);
  return place;
}

export const tableName: ValueType<string> = valueType({ type: 'string', minLength: 1 }, (text) => {
  if (text === '') throw new UsageError('table name missing');
  void new TableName(text);
  return text;
});

/** Of a file or folder; '' is none. */
export const path: ValueType<string> = valueType({ type: 'string' }, (text) => {
  if (text.includes('\0')) throw new UsageError('invalid path: contains a NUL character');
  return text;
});
