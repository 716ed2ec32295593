/**
 * SCTP messages out of the chunks of packets: whole ones are handed on where they stand, fragmented ones put
 * together (RFC 9260 section 6.9). Bounded by number, bytes and silence; each message once, however often it was sent.
 */
import { FAMILY_IPV4, type Counters } from '../base/index.js';
import type { DecodeHandler } from './handler.js';
import { heldBytes, heldFrames } from './held-frames.js';
import type { Packet } from './packet.js';
import { SctpAssociation } from './sctp-association.js';
import { DataChunk, nextDataChunk } from './sctp-chunks.js';
import type { Walk } from './walk.js';

export interface SctpLimits {
  /** Directions of associations known at a time. */
  associations: number;
  /** Bytes of unfinished messages. */
  bytes: number;
  idleSeconds: number;
}

export const SCTP_LIMITS: SctpLimits = { associations: 4096, bytes: 16 * 1024 * 1024, idleSeconds: 60 };

export class SctpTable {
  /** Seen last at the end. */
  private readonly associations = new Map<string, SctpAssociation>();
  private readonly chunk = new DataChunk();
  private weight = 0;
  /** What became of the packet in hand. */
  delivered = false;
  held = false;

  constructor(
    private readonly handler: DecodeHandler,
    private readonly limits: SctpLimits,
    private readonly counters: Counters,
  ) {}

  get size(): number {
    return this.associations.size;
  }

  get bytes(): number {
    return this.weight;
  }

  /** Takes the packet whose chunks the walk stands on; a fault may be in the walk afterwards. */
  packet(walk: Walk): void {
    this.delivered = false;
    this.held = false;
    const { chunk } = this;
    let association: SctpAssociation | null = null;
    while (nextDataChunk(walk, chunk)) {
      association ??= this.association(walk);
      if (!association.isNew(chunk.transmission)) this.counters.add('sctp_retransmission');
      else if (chunk.first && chunk.last) this.whole(walk);
      else if (chunk.cut) this.counters.add('cut');
      else this.fragment(walk, association);
    }
    this.makeRoom();
  }

  expire(now: number): void {
    for (const [key, association] of this.associations) {
      if (Math.abs(now - association.lastSeenAt) <= this.limits.idleSeconds * 1e6) return;
      this.giveUp(key, association, 'fragment_age');
    }
  }

  finish(): void {
    for (const [key, association] of this.associations) this.giveUp(key, association, 'fragment_age');
  }

  private whole(walk: Walk): void {
    const { chunk } = this;
    const { packet } = walk;
    packet.bytes = walk.bytes;
    packet.from = chunk.from;
    packet.to = chunk.to;
    packet.cut = chunk.cut;
    if (chunk.cut) this.counters.add('cut');
    this.delivered = true;
    this.handler.datagram(packet);
  }

  private fragment(walk: Walk, association: SctpAssociation): void {
    const { packet } = walk;
    const frames = heldFrames(packet);
    this.weight -= association.weight;
    const message = association.add(walk.bytes, this.chunk, frames, heldBytes(frames));
    this.weight += association.weight;
    if (message === null) {
      this.held = true;
      return;
    }
    const { kept } = packet;
    packet.bytes = message.bytes;
    packet.from = 0;
    packet.to = message.bytes.length;
    packet.cut = false;
    packet.kept = message.frames;
    this.delivered = true;
    this.handler.datagram(packet);
    packet.kept = kept;
  }

  /** The direction that a packet belongs to. The verification tag tells an association from a later one on the same ports. */
  private association(walk: Walk): SctpAssociation {
    const key = keyOf(walk.packet, walk.sequence);
    let association = this.associations.get(key);
    if (association === undefined) association = new SctpAssociation();
    else this.associations.delete(key);
    association.lastSeenAt = walk.packet.capturedAt;
    this.associations.set(key, association);
    return association;
  }

  private makeRoom(): void {
    while (this.associations.size > this.limits.associations || this.weight > this.limits.bytes) {
      const [key, association] = this.associations.entries().next().value!;
      this.giveUp(key, association, 'fragment_limit');
    }
  }

  private giveUp(key: string, association: SctpAssociation, reason: 'fragment_age' | 'fragment_limit'): void {
    this.associations.delete(key);
    this.weight -= association.weight;
    if (association.unfinished > 0) this.counters.add(reason, association.unfinished);
  }
}

function keyOf(packet: Packet, verificationTag: number): string {
  const size = packet.family === FAMILY_IPV4 ? 4 : 16;
  return (
    packet.addresses.latin1Slice(packet.sourceAt, packet.sourceAt + size) +
    packet.addresses.latin1Slice(packet.destinationAt, packet.destinationAt + size) +
    String.fromCharCode(packet.sourcePort, packet.destinationPort, verificationTag >>> 16, verificationTag & 0xffff)
  );
}
