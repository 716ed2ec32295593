/** Numbers and sizes of pcapng blocks (draft-ietf-opsawg-pcapng), for reading and writing. */

/** Section 4.1; a palindrome, so that it reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
/** Section 4.2. */
export const INTERFACE_DESCRIPTION = 1;
/** Appendix A. */
export const PACKET_OBSOLETE = 2;
/** Section 4.4. */
export const SIMPLE_PACKET = 3;
/** Section 4.3. */
export const ENHANCED_PACKET = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const MAJOR_VERSION = 1;

/** Type and total length, before every body. */
export const BLOCK_HEAD_BYTES = 8;
/** Head, and the total length again after the body. */
export const MIN_BLOCK_BYTES = 12;
export const MIN_SECTION_BYTES = 28;
export const MIN_INTERFACE_BYTES = 20;
/** Interface 4, time 8, captured length 4, length on the wire 4. */
export const PACKET_HEAD_BYTES = 20;
/** Length on the wire. */
export const SIMPLE_HEAD_BYTES = 4;
