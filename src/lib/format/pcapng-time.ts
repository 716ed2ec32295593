/** Time stamps of pcapng interfaces: if_tsresol (option 9) and if_tsoffset (option 14), draft-ietf-opsawg-pcapng section 4.2. */
import { u16, u16le } from '../base/index.js';

const END_OF_OPTIONS = 0;
const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;

/** One tick is 10^-exponent or 2^-exponent seconds; the offset is added. */
export interface TimeUnit {
  binary: boolean;
  exponent: number;
  offsetSeconds: number;
}

export const DEFAULT_UNIT: TimeUnit = { binary: false, exponent: 6, offsetSeconds: 0 };

/** Reads the options between the offsets; invalid ones are skipped. */
export function interfaceOptions(bytes: Buffer, from: number, to: number, littleEndian: boolean): TimeUnit {
  const unit = { ...DEFAULT_UNIT };
  const read16 = littleEndian ? u16le : u16;
  let at = from;
  while (at + 4 <= to) {
    const code = read16(bytes, at);
    const length = read16(bytes, at + 2);
    if (code === END_OF_OPTIONS || at + 4 + length > to) break;
    if (code === TIME_RESOLUTION && length === 1) {
      unit.binary = (bytes[at + 4] & 0x80) !== 0;
      unit.exponent = bytes[at + 4] & 0x7f;
    }
    if (code === TIME_OFFSET && length === 8)
      unit.offsetSeconds = Number(littleEndian ? bytes.readBigInt64LE(at + 4) : bytes.readBigInt64BE(at + 4));
    at += 4 + ((length + 3) & ~3);
  }
  return unit;
}

/** Whole microseconds since 1970 of a 64-bit count of ticks; never below 1970, never more than a number can hold exactly. */
export function microseconds(high: number, low: number, unit: TimeUnit): number {
  const time = ticksToMicroseconds(high, low, unit) + unit.offsetSeconds * 1e6;
  return time < 0 ? 0 : Math.min(time, Number.MAX_SAFE_INTEGER);
}

/** Nanoseconds beyond the whole microseconds of the count; -1 for a resolution of microseconds or coarser. */
export function nanoseconds(high: number, low: number, { binary, exponent }: TimeUnit): number {
  if (binary ? exponent < 20 : exponent <= 6) return -1;
  if (!binary && exponent <= 12) {
    const divisor = 10 ** (exponent - 6);
    const rest = ((high % divisor) * 0x1_0000_0000 + low) % divisor;
    return Math.floor((rest * 1000) / divisor);
  }
  const billionfold = ((BigInt(high) << 32n) | BigInt(low)) * 1_000_000_000n;
  return Number((binary ? billionfold >> BigInt(exponent) : billionfold / 10n ** BigInt(exponent)) % 1000n);
}

function ticksToMicroseconds(high: number, low: number, { binary, exponent }: TimeUnit): number {
  if (!binary && exponent === 6) return high * 0x1_0000_0000 + low;
  if (!binary && exponent > 6 && exponent <= 12) {
    // Divided in two steps: the count of nanoseconds itself does not fit a double.
    const divisor = 10 ** (exponent - 6);
    return Math.floor(high / divisor) * 0x1_0000_0000 + Math.floor(((high % divisor) * 0x1_0000_0000 + low) / divisor);
  }
  const millionfold = ((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n;
  return Number(binary ? millionfold >> BigInt(exponent) : millionfold / 10n ** BigInt(exponent));
}
