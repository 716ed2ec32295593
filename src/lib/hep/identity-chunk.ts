/** The identity chunk of sipcap (vendor 0x5343, type 0x0101): stream and sequence, 8 bytes each, big-endian. */
import { NO_STREAM, u32 } from '../base/index.js';

const HALF = 0x100000000;
/** Sequences are safe integers: what is larger is none of ours. */
const MAX_HIGH = 0x1fffff;

/** Reads identities; packets of the same stream share its number. */
export class IdentityReader {
  /** Of the last chunk that was read; NO_STREAM and 0 if it is invalid. */
  stream = NO_STREAM;
  sequence = 0;
  private high = 0;
  private low = 0;
  private known = NO_STREAM;

  /** `at` is the chunk's first data byte, -1 if there is no chunk. */
  read(bytes: Buffer, at: number): void {
    this.stream = NO_STREAM;
    this.sequence = 0;
    if (at < 0) return;
    const sequenceHigh = u32(bytes, at + 8);
    const sequence = sequenceHigh * HALF + u32(bytes, at + 12);
    if (sequenceHigh > MAX_HIGH || sequence === 0) return;
    const high = u32(bytes, at);
    const low = u32(bytes, at + 4);
    if (high !== this.high || low !== this.low) {
      this.high = high;
      this.low = low;
      this.known = (BigInt(high) << 32n) | BigInt(low);
    }
    if (this.known === NO_STREAM) return;
    this.stream = this.known;
    this.sequence = sequence;
  }
}
