/** Building blocks of frames. */

export const MAC_ADDRESSES = Buffer.from('020000000002020000000001', 'hex');

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export function padded(chunk: Buffer): Buffer {
  return Buffer.concat([chunk, Buffer.alloc(-chunk.length & 3)]);
}

/** RFC 1071; never 0, which means "none" in UDP. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff || 0xffff;
}

export function slices(payload: Buffer, size: number): [number, Buffer][] {
  const parts: [number, Buffer][] = [];
  for (let offset = 0; offset < payload.length; offset += size) parts.push([offset, payload.subarray(offset, offset + size)]);
  return parts;
}
