/** RTCP packets for tests, written field by field. */

const u16 = (value: number) => Buffer.from([value >>> 8, value & 255]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** Header and body, padded to 32 bits. */
export function packet(packetType: number, count: number, ...body: Buffer[]): Buffer {
  const contents = Buffer.concat(body);
  const padded = Buffer.concat([contents, Buffer.alloc((4 - (contents.length % 4)) % 4)]);
  return Buffer.concat([Buffer.from([0x80 | count, packetType]), u16(padded.length / 4), padded]);
}

export interface BlockValues {
  source: number;
  fractionLost: number;
  packetsLost: number;
  highestSequence: number;
  jitter: number;
  lastSr: number;
  delaySinceLastSr: number;
}

export function block(values: BlockValues): Buffer {
  const lost = values.packetsLost & 0xffffff;
  return Buffer.concat([
    u32(values.source),
    Buffer.from([values.fractionLost, lost >>> 16, (lost >>> 8) & 255, lost & 255]),
    u32(values.highestSequence),
    u32(values.jitter),
    u32(values.lastSr),
    u32(values.delaySinceLastSr),
  ]);
}

export function senderReport(ssrc: number, ntpSeconds: number, ntpFraction: number, blocks: BlockValues[] = []): Buffer {
  return packet(200, blocks.length, u32(ssrc), u32(ntpSeconds), u32(ntpFraction), u32(160), u32(50), u32(8000), ...blocks.map(block));
}

export function receiverReport(ssrc: number, blocks: BlockValues[]): Buffer {
  return packet(201, blocks.length, u32(ssrc), ...blocks.map(block));
}

/** One chunk of items. */
export function sourceDescription(ssrc: number, items: [type: number, text: string][]): Buffer {
  const encoded = items.map(([type, text]) => Buffer.concat([Buffer.from([type, Buffer.byteLength(text)]), Buffer.from(text)]));
  return packet(202, 1, u32(ssrc), ...encoded, Buffer.from([0]));
}

export function goodbye(ssrc: number, reason = ''): Buffer {
  return packet(203, 1, u32(ssrc), ...(reason === '' ? [] : [Buffer.from([reason.length]), Buffer.from(reason)]));
}

export function extendedReport(ssrc: number, ...blocks: Buffer[]): Buffer {
  return packet(207, 0, u32(ssrc), ...blocks);
}

export function xrBlock(blockType: number, specific: number, ...body: Buffer[]): Buffer {
  const contents = Buffer.concat(body);
  return Buffer.concat([Buffer.from([blockType, specific]), u16(contents.length / 4), contents]);
}

export const bytesOf = { u16, u32 };

export const plainBlock: BlockValues = {
  source: 0x11223344,
  fractionLost: 64,
  packetsLost: -3,
  highestSequence: 70_000,
  jitter: 160,
  lastSr: 0xabcd1234,
  delaySinceLastSr: 65_536,
};
