/** Byte formats of capture files, reading and writing. */
export { Crc32c, checksumAdd, checksumFold } from './checksum.js';
export { PcapReader } from './pcap-reader.js';
export { PcapWriter } from './pcap-writer.js';
export { PcapngReader } from './pcapng-reader.js';
export { PcapngWriter } from './pcapng-writer.js';
export type { CaptureReader } from './reader.js';
export { SNIFF_BYTES, readerFor, sniff, type FileKind } from './sniff.js';
export { FrameSynthesizer } from './synthetic-frame.js';
export type { CaptureWriter } from './writer.js';
