/** RTCP to decode. */
import { decodeRtcp } from '../../../src/lib/sip/rtcp/compound.js';
import type { RtcpCompound } from '../../../src/lib/sip/rtcp/packets.js';
import { bytesOf, xrBlock } from '../../rigs/rtcp.js';

export const { u16, u32 } = bytesOf;

export const decode = (bytes: Buffer): RtcpCompound => decodeRtcp(bytes, 0, bytes.length);

export const voip = xrBlock(
  7,
  0,
  u32(9),
  Buffer.from([1, 2, 3, 4]),
  u16(5),
  u16(6),
  u16(7),
  u16(8),
  Buffer.from([0xee, 0xce, 55, 16, 93, 127, 42, 39, 0xb0, 0]),
  u16(40),
  u16(80),
  u16(120),
);
