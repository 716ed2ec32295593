/**
 * The output of the capture process: packets, each after the 16-byte header that libpcap's record and the pcap file share
 * (seconds, microseconds, captured length, length on the wire), collected in a slab and written in large pieces. The
 * write waits while the reader is behind: then the kernel's ring fills, and the kernel counts what it drops.
 */
import { writeSync } from 'node:fs';
import { endianness } from 'node:os';

const SLAB_BYTES = 1024 * 1024;
/** Enough for the reader to begin while more arrives. */
const FLUSH_BYTES = 256 * 1024;
export const RECORD_HEADER_BYTES = 16;
const FILE_HEADER_BYTES = 24;
const MAGIC = 0xa1b2c3d4;

export class FramePipe {
  private readonly slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private filled = 0;

  /** `broken`: the reader is gone. */
  constructor(
    private readonly descriptor: number,
    private readonly broken: () => void,
  ) {}

  /** The pcap file header (draft-ietf-opsawg-pcap section 4), in this machine's byte order as the record headers are. */
  begin(linkType: number, snapLength: number): void {
    const header = Buffer.alloc(FILE_HEADER_BYTES);
    const put =
      endianness() === 'LE'
        ? (value: number, at: number) => header.writeUInt32LE(value, at)
        : (value: number, at: number) => header.writeUInt32BE(value, at);
    put(MAGIC, 0);
    if (endianness() === 'LE') header.set([2, 0, 4, 0], 4);
    else header.set([0, 2, 0, 4], 4);
    put(snapLength, 16);
    put(linkType, 20);
    this.filled = header.copy(this.slab, 0);
    this.flush();
  }

  packet(header: Buffer, bytes: Buffer, length: number): void {
    let at = this.filled;
    if (at + RECORD_HEADER_BYTES + length > SLAB_BYTES) {
      this.flush();
      at = 0;
    }
    const { slab } = this;
    header.copy(slab, at, 0, RECORD_HEADER_BYTES);
    bytes.copy(slab, at + RECORD_HEADER_BYTES, 0, length);
    this.filled = at + RECORD_HEADER_BYTES + length;
    if (this.filled >= FLUSH_BYTES) this.flush();
  }

  flush(): void {
    let from = 0;
    try {
      while (from < this.filled) from += writeSync(this.descriptor, this.slab, from, this.filled - from);
    } catch {
      this.broken();
    }
    this.filled = 0;
  }
}
