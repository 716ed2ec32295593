/** Creates capture files record by record, in every variant, optionally malformed. */

export type ByteOrder = 'little' | 'big';

export interface PlainRecord {
  /** Ticks since 1970 in the file's own unit. */
  seconds: number;
  fraction: number;
  bytes: Buffer;
  /** Captured length to write, if not the true one. */
  claimed?: number;
  originalLength?: number;
}

export interface PcapMembers {
  order?: ByteOrder;
  magic?: number;
  linkType?: number;
  records?: readonly PlainRecord[];
}

export const MICROSECONDS = 0xa1b2c3d4;
export const NANOSECONDS = 0xa1b23c4d;
export const MODIFIED = 0xa1b2cd34;

export function pcap(members: PcapMembers = {}): Buffer {
  const order = members.order ?? 'little';
  const magic = members.magic ?? MICROSECONDS;
  const header = Buffer.concat([
    long(magic, order),
    word(2, order),
    word(4, order),
    long(0, order),
    long(0, order),
    long(65_535, order),
    long(members.linkType ?? 1, order),
  ]);
  const records = (members.records ?? []).map(({ seconds, fraction, bytes, claimed, originalLength }) =>
    Buffer.concat([
      long(seconds, order),
      long(fraction, order),
      long(claimed ?? bytes.length, order),
      long(originalLength ?? bytes.length, order),
      ...(magic === MODIFIED ? [long(3, order), Buffer.from([8, 0, 4, 0])] : []),
      bytes,
    ]),
  );
  return Buffer.concat([header, ...records]);
}

/** One pcapng block; the body is padded to 32 bits. */
export function block(order: ByteOrder, type: number, body: Buffer, lengths: { first?: number; last?: number } = {}): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
  const length = padded.length + 12;
  return Buffer.concat([long(type, order), long(lengths.first ?? length, order), padded, long(lengths.last ?? length, order)]);
}

export function section(order: ByteOrder, version = 1): Buffer {
  return block(order, 0x0a0d0d0a, Buffer.concat([long(0x1a2b3c4d, order), word(version, order), word(0, order), Buffer.alloc(8, 0xff)]));
}

export interface InterfaceMembers {
  linkType?: number;
  snapLength?: number;
  /** The byte of if_tsresol. */
  resolution?: number;
  /** if_tsoffset, seconds. */
  offset?: number;
}

export function describe(order: ByteOrder, members: InterfaceMembers = {}): Buffer {
  const options: Buffer[] = [];
  const name = Buffer.from('eth0');
  options.push(word(2, order), word(name.length, order), name);
  if (members.resolution !== undefined) options.push(word(9, order), word(1, order), Buffer.from([members.resolution, 0, 0, 0]));
  if (members.offset !== undefined) {
    const value = Buffer.alloc(8);
    if (order === 'little') value.writeBigInt64LE(BigInt(members.offset));
    else value.writeBigInt64BE(BigInt(members.offset));
    options.push(word(14, order), word(8, order), value);
  }
  options.push(word(0, order), word(0, order));
  return block(
    order,
    1,
    Buffer.concat([word(members.linkType ?? 1, order), word(0, order), long(members.snapLength ?? 0, order), ...options]),
  );
}

export interface PacketMembers {
  index?: number;
  ticks?: bigint;
  claimed?: number;
  originalLength?: number;
}

export function enhanced(order: ByteOrder, bytes: Buffer, members: PacketMembers = {}): Buffer {
  return block(order, 6, Buffer.concat([long(members.index ?? 0, order), packetBody(order, bytes, members)]));
}

export function obsolete(order: ByteOrder, bytes: Buffer, members: PacketMembers = {}): Buffer {
  return block(order, 2, Buffer.concat([word(members.index ?? 0, order), word(7, order), packetBody(order, bytes, members)]));
}

export function simple(order: ByteOrder, bytes: Buffer, originalLength = bytes.length): Buffer {
  return block(order, 3, Buffer.concat([long(originalLength, order), bytes]));
}

/** A vendor's own block, type 0xbad. */
export function custom(order: ByteOrder): Buffer {
  return block(order, 0xbad, Buffer.concat([long(32_473, order), Buffer.from('whatever the vendor says')]));
}

function packetBody(order: ByteOrder, bytes: Buffer, members: PacketMembers): Buffer {
  const ticks = members.ticks ?? 1_700_000_000_000_000n;
  const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([
    long(Number(ticks >> 32n), order),
    long(Number(ticks & 0xffff_ffffn), order),
    long(members.claimed ?? bytes.length, order),
    long(members.originalLength ?? bytes.length, order),
    padded,
  ]);
}

export function long(value: number, order: ByteOrder): Buffer {
  const bytes = Buffer.alloc(4);
  if (order === 'little') bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}

export function word(value: number, order: ByteOrder): Buffer {
  const bytes = Buffer.alloc(2);
  if (order === 'little') bytes.writeUInt16LE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
}
