/**
 * Which call a media or RTCP packet belongs to: by the addresses that offers and answers name. Behind NAT one side
 * sends from another address than it named; then the other side's address tells, and the new one is remembered.
 */
import type { SipFields } from '../base/index.js';
import { readSdp, sdpOf, type SdpMedia } from './sdp.js';

export interface MediaCall {
  callId: string;
  /** First codec that carries sound or pictures, '' where unknown; and its clock rate, 0 where unknown. */
  codec: string;
  clockRate: number;
  /** RTCP comes encrypted as well (SRTP, RFC 3711). */
  encrypted: boolean;
}

export interface MediaLimits {
  maxEndpoints: number;
  /** Endpoints of which nothing was heard for so long are forgotten. */
  idleSeconds: number;
}

interface Endpoint {
  call: MediaCall;
  heardAt: number;
}

const LIMITS: MediaLimits = { maxEndpoints: 100_000, idleSeconds: 4 * 3600 };
/** Payloads beside the codec: they have no quality of their own. */
const COMPANIONS: ReadonlySet<string> = new Set(['telephone-event', 'cn', 'red', 'rtx', 'ulpfec', 'flexfec-03']);

export class MediaIndex {
  /** By address and port, those longest unheard of first. */
  private readonly endpoints = new Map<string, Endpoint>();
  /** By Call-ID and the media's place: what both sides say of one media meets in one record, the oldest first. */
  private readonly calls = new Map<string, MediaCall>();
  /** Endpoints that made room for newer ones before their time. */
  forgotten = 0;

  constructor(private readonly limits: MediaLimits = LIMITS) {}

  get size(): number {
    return this.endpoints.size;
  }

  /** Notes the media of a message's session description, if it has one. Time in microseconds. */
  note(sip: SipFields, payload: Buffer, capturedAt: number): void {
    if (sip.callId === '') return;
    for (const [index, media] of readSdp(sdpOf(sip, payload)).entries()) this.noteMedia(sip.callId, index, media, capturedAt);
  }

  /** The only media of a call, null where it has several or is not known. */
  onlyMedia(callId: string): MediaCall | null {
    return this.calls.has(`${callId} 1`) ? null : (this.calls.get(`${callId} 0`) ?? null);
  }

  private noteMedia(callId: string, index: number, media: SdpMedia, capturedAt: number): void {
    if (media.port === 0) return;
    const payload = media.payloads.find((each) => each.codec !== '' && !COMPANIONS.has(each.codec.toLowerCase())) ?? media.payloads[0];
    const key = `${callId} ${index}`;
    const call = this.calls.get(key) ?? { callId, codec: '', clockRate: 0, encrypted: false };
    // The answer comes last, and names first what both will speak (RFC 3264 section 6.1).
    call.codec = payload?.codec ?? '';
    call.clockRate = payload?.clockRate ?? 0;
    call.encrypted = media.protocol.toUpperCase().includes('/SAVP');
    this.calls.delete(key);
    this.calls.set(key, call);
    if (this.calls.size > this.limits.maxEndpoints) this.calls.delete(this.calls.keys().next().value as string);
    this.remember(media.address, media.port, call, capturedAt);
    this.remember(media.rtcpAddress, media.rtcpPort, call, capturedAt);
  }

  /** The call of a packet between these endpoints, or null. */
  find(
    sourceAddress: string,
    sourcePort: number,
    destinationAddress: string,
    destinationPort: number,
    capturedAt: number,
  ): MediaCall | null {
    const destination = this.heard(destinationAddress, destinationPort, capturedAt);
    const source = this.heard(sourceAddress, sourcePort, capturedAt);
    if (destination !== null && source === null) this.remember(sourceAddress, sourcePort, destination, capturedAt);
    if (source !== null && destination === null) this.remember(destinationAddress, destinationPort, source, capturedAt);
    return destination ?? source;
  }

  private heard(address: string, port: number, capturedAt: number): MediaCall | null {
    const key = `${address} ${port}`;
    const endpoint = this.endpoints.get(key);
    if (endpoint === undefined) return null;
    this.endpoints.delete(key);
    if (capturedAt - endpoint.heardAt > this.limits.idleSeconds * 1e6) return null;
    endpoint.heardAt = capturedAt;
    this.endpoints.set(key, endpoint);
    return endpoint.call;
  }

  private remember(address: string, port: number, call: MediaCall, capturedAt: number): void {
    if (port === 0 || address === '' || address === '0.0.0.0' || address === '::') return;
    const key = `${address} ${port}`;
    this.endpoints.delete(key);
    if (this.endpoints.size >= this.limits.maxEndpoints) this.makeRoom(capturedAt);
    this.endpoints.set(key, { call, heardAt: capturedAt });
  }

  private makeRoom(capturedAt: number): void {
    const [key, oldest] = this.endpoints.entries().next().value as [string, Endpoint];
    this.endpoints.delete(key);
    if (capturedAt - oldest.heardAt <= this.limits.idleSeconds * 1e6) this.forgotten++;
  }
}
