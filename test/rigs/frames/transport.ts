/** UDP, TCP and SCTP. */
import { words, long, padded } from './bytes.js';

export interface UdpMembers {
  sourcePort?: number;
  destinationPort?: number;
  length?: number;
  checksum?: number;
}

export function udp(members: UdpMembers, payload: Buffer): Buffer {
  return Buffer.concat([
    words(members.sourcePort ?? 5060, members.destinationPort ?? 5080, members.length ?? payload.length + 8, members.checksum ?? 0),
    payload,
  ]);
}

export interface TcpMembers {
  sourcePort?: number;
  destinationPort?: number;
  sequence?: number;
  acknowledgement?: number;
  /** Letters of S, A, F, R, P; default A. */
  flags?: string;
  options?: Buffer;
  checksum?: number;
}

export function tcp(members: TcpMembers, payload: Buffer = Buffer.alloc(0)): Buffer {
  const options = members.options ?? Buffer.alloc(0);
  const bits: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16 };
  const flags = [...(members.flags ?? 'A')].reduce((sum, letter) => sum | bits[letter], 0);
  return Buffer.concat([
    words(members.sourcePort ?? 5060, members.destinationPort ?? 5080),
    long(members.sequence ?? 0),
    long(members.acknowledgement ?? 0),
    Buffer.from([((20 + options.length) >>> 2) << 4, flags]),
    words(65_535, members.checksum ?? 0, 0),
    options,
    payload,
  ]);
}

export function sctp(members: { sourcePort?: number; destinationPort?: number; tag?: number }, ...chunks: Buffer[]): Buffer {
  return Buffer.concat([words(members.sourcePort ?? 5060, members.destinationPort ?? 5080), long(members.tag ?? 7), long(0), ...chunks]);
}

export function sctpData(members: { transmission: number; first?: boolean; last?: boolean; stream?: number }, payload: Buffer): Buffer {
  const flags = (members.first === false ? 0 : 2) | (members.last === false ? 0 : 1);
  return padded(
    Buffer.concat([
      Buffer.from([0, flags]),
      words(16 + payload.length),
      long(members.transmission),
      words(members.stream ?? 0, 0),
      long(0),
      payload,
    ]),
  );
}

export function sctpInterleavedData(
  members: { transmission: number; message: number; fragment: number; last: boolean },
  payload: Buffer,
): Buffer {
  const flags = (members.fragment === 0 ? 2 : 0) | (members.last ? 1 : 0);
  return padded(
    Buffer.concat([
      Buffer.from([64, flags]),
      words(20 + payload.length),
      long(members.transmission),
      words(0, 0),
      long(members.message),
      long(members.fragment),
      payload,
    ]),
  );
}

export function sctpHeartbeat(): Buffer {
  return Buffer.from([4, 0, 0, 9, 1, 2, 3, 4, 5, 0, 0, 0]);
}
