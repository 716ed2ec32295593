/**
 * SCTP messages from the chunks of packets: whole ones are delivered in place, fragmented ones reassembled (RFC 9260
 * section 6.9). Bounded by number, bytes and idle time; each message is delivered once, however often it was sent. What is
 * given up is counted, and the beginning of a message passed to `onGivenUp`.
 */
import { FAMILY_IPV4, LinkedTable, i32, type Counters } from '../base/index.js';
import { checksumField, crc32c } from './crc32c.js';
import type { DecodeHandler } from './handler.js';
import { heldBytes, heldFrames } from './held-frames.js';
import type { Packet } from './packet.js';
import { Endpoints } from './endpoints.js';
import { bareFrame } from './frame-copies.js';
import { SctpAssociation, type AssembledMessage } from './sctp-association.js';
import { DataChunk, nextDataChunk } from './sctp-chunks.js';
import { SCTP_BYTES } from './sctp.js';
import type { Walk } from './walk.js';

export interface SctpLimits {
  /** Directions of associations held at a time. */
  associations: number;
  /** Bytes of incomplete messages. */
  bytes: number;
  idleSeconds: number;
}

/** More VLANs or tunnels than a capture plausibly repeats the same addresses in. */
const MAX_TWINS = 16;

export const SCTP_LIMITS: SctpLimits = { associations: 4096, bytes: 16 * 1024 * 1024, idleSeconds: 60 };

export class SctpTable {
  /** Most recently seen last. */
  private readonly associations = new LinkedTable<string, SctpAssociation>();
  private readonly chunk = new DataChunk();
  private weight = 0;
  /** What became of the current packet. */
  delivered = false;
  held = false;

  constructor(
    private readonly handler: DecodeHandler,
    private readonly limits: SctpLimits,
    private readonly counters: Counters,
    private readonly onGivenUp: (message: AssembledMessage, endpoints: Endpoints) => void,
  ) {}

  get size(): number {
    return this.associations.size;
  }

  get bytes(): number {
    return this.weight;
  }

  /** Takes the packet whose chunks the walk is at; the walk may have a fault afterwards. */
  packet(walk: Walk): void {
    this.delivered = false;
    this.held = false;
    const { chunk } = this;
    let association = this.association(walk);
    if (!isBelievable(walk, association)) {
      this.counters.add('sctp_bad_checksum');
      return;
    }
    while (nextDataChunk(walk, chunk)) {
      const digest = digestOf(walk.bytes, chunk.from, chunk.to);
      association.isMixed ||= association.scope !== walk.scope;
      let verdict = association.transmissions.note(chunk.transmission, digest);
      if (verdict === 'contradicted' && association.isMixed) {
        association = this.twin(walk);
        verdict = association.transmissions.note(chunk.transmission, digest);
      }
      this.enter(association, walk.packet.capturedAt);
      if (verdict !== 'new') this.counters.add('sctp_retransmission');
      else if (chunk.first && chunk.last) this.whole(walk);
      else this.fragment(walk, association);
    }
    this.makeRoom();
  }

  /** Fragments are given up when the message got no more of them, whatever else the association carries. */
  expire(now: number): void {
    const limit = this.limits.idleSeconds * 1e6;
    for (let oldest = this.associations.oldest; oldest !== null; oldest = this.associations.oldest) {
      if (Math.abs(now - oldest.placedAt) <= limit) return;
      if (Math.abs(now - oldest.lastSeenAt) > limit) this.giveUp(oldest, 'fragment_age');
      else {
        this.giveUpFragments(oldest, 'fragment_age');
        this.place(oldest, now);
      }
    }
  }

  finish(): void {
    for (let oldest = this.associations.oldest; oldest !== null; oldest = this.associations.oldest) this.giveUp(oldest, 'fragment_age');
  }

  private whole(walk: Walk): void {
    const { chunk } = this;
    const { packet } = walk;
    packet.bytes = walk.bytes;
    packet.from = chunk.from;
    packet.to = chunk.to;
    packet.cut = chunk.cut;
    if (chunk.cut) this.counters.add('cut_by_snap_length');
    this.delivered = true;
    this.handler.datagram(packet);
  }

  private fragment(walk: Walk, association: SctpAssociation): void {
    const { packet } = walk;
    const frames = heldFrames(packet);
    if (this.chunk.cut) this.counters.add('cut_by_snap_length');
    association.endpoints ??= new Endpoints(packet);
    this.weight -= association.weight;
    const message = association.add(walk.bytes, this.chunk, bareFrame(packet.frame), frames, heldBytes(frames));
    this.weight += association.weight;
    this.place(association, packet.capturedAt);
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

  /** The direction that a packet belongs to. The verification tag distinguishes associations that reuse ports. */
  private association(walk: Walk): SctpAssociation {
    const key = keyOf(walk.packet, walk.sequence);
    const first = this.associations.get(key);
    return first === undefined ? new SctpAssociation(key, walk.scope) : (first.twins?.get(walk.scope) ?? first);
  }

  /** The same direction in another VLAN or tunnel: unlike a copy, it carries other data under the same numbers. */
  private twin(walk: Walk): SctpAssociation {
    const key = keyOf(walk.packet, walk.sequence);
    const first = this.associations.get(key)!;
    const known = first.twins?.get(walk.scope);
    if (known !== undefined) return known;
    first.twins ??= new Map();
    if (first.twins.size === MAX_TWINS) return first;
    const twin = new SctpAssociation(`${key} ${walk.scope}`, walk.scope);
    first.twins.set(walk.scope, twin);
    return twin;
  }

  /** The association carried data. */
  private enter(association: SctpAssociation, now: number): void {
    association.lastSeenAt = now;
    if (!this.associations.has(association)) this.associations.add(association);
    if (association.unfinished === 0) this.place(association, now);
  }

  private place(association: SctpAssociation, now: number): void {
    association.placedAt = now;
    this.associations.renew(association);
  }

  private makeRoom(): void {
    while (this.associations.size > this.limits.associations || this.weight > this.limits.bytes) {
      this.giveUp(this.associations.oldest!, 'fragment_limit');
    }
  }

  private giveUp(association: SctpAssociation, reason: 'fragment_age' | 'fragment_limit'): void {
    this.associations.delete(association);
    this.giveUpFragments(association, reason);
  }

  private giveUpFragments(association: SctpAssociation, reason: 'fragment_age' | 'fragment_limit'): void {
    if (association.unfinished === 0) return;
    this.weight -= association.weight;
    this.counters.add(reason, association.unfinished);
    const beginnings = association.takeBeginnings();
    association.clear();
    for (const message of beginnings) this.onGivenUp(message, association.endpoints!);
  }
}

/** Offload and old stacks leave wrong CRC32c values: one counts only after right ones were seen. */
function isBelievable(walk: Walk, association: SctpAssociation): boolean {
  const from = walk.at - SCTP_BYTES;
  const field = checksumField(walk.bytes, from);
  if (field === 0 || walk.missing > 0) return true;
  if (field !== crc32c(walk.bytes, from, walk.end)) return !association.hasChecksums;
  association.hasChecksums = true;
  return true;
}

function keyOf(packet: Packet, verificationTag: number): string {
  const size = packet.family === FAMILY_IPV4 ? 4 : 16;
  return (
    packet.addresses.latin1Slice(packet.sourceAt, packet.sourceAt + size) +
    packet.addresses.latin1Slice(packet.destinationAt, packet.destinationAt + size) +
    String.fromCharCode(packet.sourcePort, packet.destinationPort, verificationTag >>> 16, verificationTag & 0xffff)
  );
}

/** Tells contents apart; four bytes at a time. */
function digestOf(bytes: Buffer, from: number, to: number): number {
  let digest = to - from;
  let at = from;
  for (; at + 4 <= to; at += 4) digest = Math.imul(digest ^ i32(bytes, at), 0x01000193);
  for (; at < to; at++) digest = Math.imul(digest ^ bytes[at], 0x01000193);
  return digest;
}
