/** A link-layer frame as a capture source delivers it, and the supported tcpdump.org link types. */

export const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
export const LINK_RAW = 101;
export const LINK_LOOP = 108;
export const LINK_SLL = 113;
export const LINK_IPV4 = 228;
export const LINK_IPV6 = 229;
export const LINK_SLL2 = 276;

/**
 * One frame. The source reuses the object for every frame (only its members change):
 * to keep a frame beyond the call, copy the object (`keepFrame`), never the bytes.
 */
export interface Frame {
  /** tcpdump.org LINKTYPE_ number. */
  linkType: number;
  /** The buffer that holds the frame; it is never overwritten after delivery. */
  bytes: Buffer;
  /** First byte of the frame in `bytes`. */
  from: number;
  /** One past the last captured byte. */
  to: number;
  /** Length on the wire; larger than `to - from` where the snap length cut it. */
  originalLength: number;
  /** Microseconds since 1970 UTC. */
  capturedAt: number;
  /** Nanoseconds beyond `capturedAt`, 0 to 999; absent or -1 where the source has microseconds only. */
  nanoseconds?: number;
  /** Count of this frame in its file or interface, from 1. */
  number: number;
  /** Which of the source's files or interfaces it came from, from 0. */
  sourceIndex: number;
  /** Its comment in a pcapng file; absent for none. */
  comment?: string;
}

/** For a source or writer to fill, reused for every frame. */
export function emptyFrame(): Frame {
  return {
    linkType: 0,
    bytes: Buffer.alloc(0),
    from: 0,
    to: 0,
    originalLength: 0,
    capturedAt: 0,
    nanoseconds: -1,
    number: 0,
    sourceIndex: 0,
  };
}

export function hasNanoseconds(frame: Frame): boolean {
  return frame.nanoseconds !== undefined && frame.nanoseconds >= 0;
}

/** A copy of the record that stays valid after the call; the bytes are shared. */
export function keepFrame(frame: Frame): Frame {
  return {
    linkType: frame.linkType,
    bytes: frame.bytes,
    from: frame.from,
    to: frame.to,
    originalLength: frame.originalLength,
    capturedAt: frame.capturedAt,
    nanoseconds: frame.nanoseconds,
    number: frame.number,
    sourceIndex: frame.sourceIndex,
    comment: frame.comment,
  };
}
