/**
 * The call that a media or RTCP packet belongs to, by the addresses in offers and answers. Behind NAT a side sends from
 * another address than it announced: then the other side's address decides, and the new one is remembered.
 */
import { LinkedTable, Words, detached, type LinkedEntry, type SipFields } from '../base/index.js';
import { readSdp, type SdpDirection, type SdpMedia, type SdpPayload } from './sdp.js';
import { UnreadDescriptions } from './unread-descriptions.js';

export interface MediaCall {
  callId: string;
  /** First codec for audio or video, '' if unknown; and its clock rate, 0 if unknown. */
  codec: string;
  clockRate: number;
  /** RTCP is encrypted too (SRTP, RFC 3711). */
  encrypted: boolean;
  /** Of the m= lines, from 0. */
  index: number;
  /** audio, video, image... */
  kind: string;
  /** One of the descriptions was T.38. */
  hasFax: boolean;
  /** As the newest description has it. */
  direction: SdpDirection;
  /** Microseconds since 1970 of the first 2xx to INVITE with a description; 0 before it. */
  answeredAt: number;
  /** Its payload types from all descriptions so far; the newest takes precedence. */
  readonly payloads: Map<number, SdpPayload>;
}

export interface MediaLimits {
  maxEndpoints: number;
  /** Endpoints without packets for this long are dropped. */
  idleSeconds: number;
}

class Endpoint implements LinkedEntry<Endpoint> {
  older: Endpoint | null = null;
  newer: Endpoint | null = null;

  constructor(
    readonly key: string,
    public call: MediaCall,
    public heardAt: number,
  ) {}
}

class KnownCall implements LinkedEntry<KnownCall> {
  older: KnownCall | null = null;
  newer: KnownCall | null = null;

  constructor(
    readonly key: string,
    readonly media: MediaCall,
  ) {}
}

/** Number of lines of a description that are searched for fax. */
const MAX_LOOKED_AT = 16;
const LIMITS: MediaLimits = { maxEndpoints: 100_000, idleSeconds: 4 * 3600 };
/** Payloads that accompany the codec. */
const COMPANIONS: ReadonlySet<string> = new Set(['telephone-event', 'cn', 'red', 'rtx', 'ulpfec', 'flexfec-03']);

export class MediaIndex {
  /** By address and port, least recently used first. */
  private readonly endpoints = new LinkedTable<string, Endpoint>();
  /** By Call-ID and index of the media, so that offer and answer share a record; oldest first. */
  private readonly calls = new LinkedTable<string, KnownCall>();
  private readonly words = new Words();
  private readonly unread: UnreadDescriptions;
  private evicted = 0;
  /** One of the descriptions so far has announced T.38. */
  hasFaxes = false;
  private changes = 0;

  constructor(private readonly limits: MediaLimits = LIMITS) {
    this.unread = new UnreadDescriptions(limits.maxEndpoints);
  }

  get size(): number {
    this.settle();
    return this.endpoints.size;
  }

  /** Endpoints, and descriptions of media before the first packet of any, that made room for others. */
  get forgotten(): number {
    return this.evicted;
  }

  /** Changes with every description: what was unknown before may be known now. */
  get version(): number {
    this.settle();
    return this.changes;
  }

  /** Notes the media of a message's session description, if it has one. Time in microseconds. */
  note(sip: SipFields, payload: Buffer, capturedAt: number): void {
    if (sip.callId === '') return;
    this.unread.add(sip, payload, capturedAt);
    if (this.unread.areUrgent) this.settle();
  }

  /** Reads what has not been read; afterwards each `MediaCall` is as the newest description has it. */
  settle(): void {
    if (this.unread.isEmpty) return;
    const { descriptions, dropped } = this.unread.take();
    this.evicted += dropped;
    for (const { callId, text, answeredAt, capturedAt } of descriptions)
      for (const [index, media] of readSdp(text).entries()) {
        const call = this.noteMedia(callId, index, media, capturedAt);
        if (answeredAt > 0 && call?.answeredAt === 0) call.answeredAt = answeredAt;
      }
  }

  /** The only media of a call, null if it has several or is unknown. */
  onlyMedia(callId: string): MediaCall | null {
    this.settle();
    return this.calls.get(`${callId} 1`) !== undefined ? null : (this.calls.get(`${callId} 0`)?.media ?? null);
  }

  /** Whether one of the call's descriptions has announced T.38 (RFC 3362: an image over UDPTL). */
  hasFax(callId: string): boolean {
    if (!this.hasFaxes) return false;
    this.settle();
    for (let index = 0; index < MAX_LOOKED_AT; index++) if (this.calls.get(`${callId} ${index}`)?.media.hasFax === true) return true;
    return false;
  }

  private noteMedia(callId: string, index: number, media: SdpMedia, capturedAt: number): MediaCall | null {
    if (media.port === 0) return null;
    const payload = media.payloads.find((each) => each.codec !== '' && !COMPANIONS.has(each.codec.toLowerCase())) ?? media.payloads[0];
    const key = `${callId} ${index}`;
    const known = this.calls.get(key) ?? new KnownCall(detached(key), emptyCall(callId, index));
    const call = known.media;
    this.changes++;
    // The answer comes last, and lists first the codec that will be used (RFC 3264 section 6.1).
    call.codec = this.words.own(payload?.codec ?? '');
    call.clockRate = payload?.clockRate ?? 0;
    call.encrypted = media.protocol.toUpperCase().includes('/SAVP');
    call.kind = this.words.own(media.kind);
    call.hasFax ||= media.kind === 'image' && /udptl/i.test(media.protocol);
    this.hasFaxes ||= call.hasFax;
    call.direction = media.direction;
    for (const { number, codec, clockRate } of media.payloads)
      if (number <= 127) call.payloads.set(number, { number, codec: this.words.own(codec), clockRate });
    if (this.calls.has(known)) this.calls.renew(known);
    else this.calls.add(known);
    if (this.calls.size > this.limits.maxEndpoints) this.calls.delete(this.calls.oldest!);
    this.remember(media.address, media.port, call, capturedAt);
    this.remember(media.rtcpAddress, media.rtcpPort, call, capturedAt);
    for (const { address, port } of media.candidates) this.remember(address, port, call, capturedAt);
    return call;
  }

  /** The call of a packet between these endpoints, or null. */
  find(
    sourceAddress: string,
    sourcePort: number,
    destinationAddress: string,
    destinationPort: number,
    capturedAt: number,
  ): MediaCall | null {
    this.settle();
    const destination = this.heard(destinationAddress, destinationPort, capturedAt);
    const source = this.heard(sourceAddress, sourcePort, capturedAt);
    if (destination !== null && source === null) this.remember(sourceAddress, sourcePort, destination, capturedAt);
    if (source !== null && destination === null) this.remember(destinationAddress, destinationPort, source, capturedAt);
    return destination ?? source;
  }

  /** The same, without learning addresses. */
  announced(
    sourceAddress: string,
    sourcePort: number,
    destinationAddress: string,
    destinationPort: number,
    capturedAt: number,
  ): MediaCall | null {
    this.settle();
    return this.heard(destinationAddress, destinationPort, capturedAt) ?? this.heard(sourceAddress, sourcePort, capturedAt);
  }

  private heard(address: string, port: number, capturedAt: number): MediaCall | null {
    const endpoint = this.endpoints.get(`${address} ${port}`);
    if (endpoint === undefined) return null;
    if (capturedAt - endpoint.heardAt > this.limits.idleSeconds * 1e6) {
      this.endpoints.delete(endpoint);
      return null;
    }
    endpoint.heardAt = capturedAt;
    this.endpoints.renew(endpoint);
    return endpoint.call;
  }

  private remember(address: string, port: number, call: MediaCall, capturedAt: number): void {
    if (port === 0 || address === '' || address === '0.0.0.0' || address === '::') return;
    const key = `${address} ${port}`;
    const known = this.endpoints.get(key);
    if (known !== undefined) {
      known.call = call;
      known.heardAt = capturedAt;
      this.endpoints.renew(known);
      return;
    }
    if (this.endpoints.size >= this.limits.maxEndpoints) this.makeRoom(capturedAt);
    this.endpoints.add(new Endpoint(detached(key), call, capturedAt));
  }

  private makeRoom(capturedAt: number): void {
    const oldest = this.endpoints.oldest!;
    this.endpoints.delete(oldest);
    if (capturedAt - oldest.heardAt <= this.limits.idleSeconds * 1e6) this.evicted++;
  }
}

function emptyCall(callId: string, index: number): MediaCall {
  const payloads = new Map<number, SdpPayload>();
  return {
    callId: detached(callId),
    codec: '',
    clockRate: 0,
    encrypted: false,
    index,
    kind: '',
    hasFax: false,
    direction: 'sendrecv',
    answeredAt: 0,
    payloads,
  };
}
