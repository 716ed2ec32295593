/**
 * One RTP stream: packets from one address to another with one SSRC. What it keeps does not grow with the packets, so
 * that 100,000 streams at once take less than 1 kB each.
 */
import { i32, u16, type LinkedEntry } from '../base/index.js';
import { staticPayload, type MediaCall, type SdpPayload } from '../sip/index.js';
import { Jitter } from './jitter.js';
import type { Moments } from './moments.js';
import type { Peer } from './turn.js';
import { SEQUENCE_AT, TIMESTAMP_AT } from './rtp-header.js';
import { DUPLICATE, IN_ORDER, STRAY, SequenceWindow } from './sequence-window.js';
import { TelephoneEvents } from './telephone-events.js';

/** What a payload type is. */
const CODEC = 0;
const EVENT = 1;
const COMFORT_NOISE = 2;
/** Repair packets, gateway signals, unannounced types beside a known codec: counted, not measured. */
const OTHER = 3;
type Role = typeof CODEC | typeof EVENT | typeof COMFORT_NOISE | typeof OTHER;

const NO_TYPE = -1;
/** CN of RFC 3389, and its number before. */
const CN = 13;
const OLD_CN = 19;
/** A pause of a sender that continues with the next sequence number. */
export const SILENCE_MS = 200;
/** Payload types of one stream that are named. */
const MAX_CODECS = 4;
/** Packets after which an unknown clock is estimated, and at least this time. */
const CLOCK_PACKETS = 50;
const CLOCK_MICROSECONDS = 500_000;
const CLOCKS = [8000, 16_000, 24_000, 32_000, 44_100, 48_000, 90_000];

export class RtpStream implements LinkedEntry<RtpStream> {
  older: RtpStream | null = null;
  newer: RtpStream | null = null;
  /** The next stream with the same hash. */
  next: RtpStream | null = null;
  /** The call media it belongs to; null until announced. */
  media: MediaCall | null = null;
  /** Of the media index, when it was searched last. */
  version = -1;
  /** Who is behind the TURN server, where one relays it; `UNKNOWN_PEER` where that was not captured. */
  peer: Peer | null = null;
  /** What streams of the same call were to it that have been removed since: bits of siblings.ts. */
  removed = 0;
  readonly sequence = new SequenceWindow();
  readonly jitter = new Jitter();
  events: TelephoneEvents | null = null;
  startedAt = 0;
  lastAt = 0;
  /** Longest time from one packet to the next within a talkspurt, milliseconds. */
  maxDelta = 0;
  maxDeltaAt = 0;
  silences = 0;
  silenceMs = 0;
  comfortNoise = 0;
  /** Packets of which the snap length cut something. */
  cut = 0;
  /** The codec's payload type; -1 before there was one. */
  payloadType = NO_TYPE;
  /** Ticks of the codec's clock in a second, 0 if unknown. */
  clockRate = 0;
  isClockEstimated = false;
  codec = '';
  /** All of them, where it changed. */
  codecs: string[] | null = null;
  codecChanges = 0;
  private firstTimestamp = 0;
  private lastTimestamp = 0;
  private followsNoise = false;
  /** Last payload type looked up that is not the codec's. */
  private otherType = NO_TYPE;
  private otherRole: Role = OTHER;

  constructor(
    /** IPv4 as a number; 0 for IPv6. */
    readonly source4: number,
    readonly destination4: number,
    readonly sourceAddress: string,
    readonly destinationAddress: string,
    readonly sourcePort: number,
    readonly destinationPort: number,
    readonly ssrc: number,
    readonly hash: number,
    /** Of `Moments`, -1 without. */
    public row: number,
  ) {}

  /** The packet bytes[from..to), whose payload begins at `payloadAt`. */
  add(bytes: Buffer, from: number, payloadAt: number, to: number, at: number, moments: Moments): void {
    const { sequence } = this;
    const type = bytes[from + 1] & 0x7f;
    const timestamp = i32(bytes, from + TIMESTAMP_AT);
    const { restarts } = sequence;
    const arrival = sequence.add(u16(bytes, from + SEQUENCE_AT));
    if (arrival === STRAY || arrival === DUPLICATE) return;
    const role = type === this.payloadType ? CODEC : this.roleOf(type, timestamp);
    if (sequence.restarts !== restarts) this.jitter.restart();
    const isInOrder = arrival === IN_ORDER;
    if (this.startedAt === 0) this.begin(at, timestamp);
    else if (isInOrder) this.pause(at, timestamp, (bytes[from + 1] & 0x80) !== 0, role);
    // Comfort noise has the clock of the codec; events have the time of their beginnings (RFC 4733 section 2.2.1).
    if ((role === CODEC || role === COMFORT_NOISE) && this.clockRate > 0) {
      const isRegular = role === CODEC && (bytes[from + 1] & 0x80) === 0 && !this.followsNoise;
      this.jitter.add(at, timestamp, this.clockRate, isInOrder, isRegular);
    }
    if (role === EVENT) (this.events ??= new TelephoneEvents()).add(bytes, payloadAt, to, timestamp);
    else if (role === COMFORT_NOISE) this.comfortNoise++;
    if (isInOrder) {
      this.lastAt = at;
      this.followsNoise = role === COMFORT_NOISE;
      if (role !== EVENT) this.lastTimestamp = timestamp;
    }
    if (this.row >= 0) moments.add(this.row, at - this.startedAt, 1, isInOrder ? sequence.missing : -1, this.jitter.value);
    if (this.clockRate === 0) this.estimateClock();
  }

  /** Its descriptions are known now, or have changed. */
  learn(media: MediaCall): void {
    this.media = media;
    this.otherType = NO_TYPE;
    if (this.payloadType !== NO_TYPE) this.take(this.payloadOf(this.payloadType), false);
  }

  private begin(at: number, timestamp: number): void {
    this.startedAt = at;
    this.lastAt = at;
    this.firstTimestamp = timestamp;
  }

  /** The time since the previous packet. */
  private pause(at: number, timestamp: number, isMarked: boolean, role: Role): void {
    const delta = (at - this.lastAt) / 1000;
    if (!isMarked && !this.followsNoise && role !== COMFORT_NOISE && delta > this.maxDelta) {
      this.maxDelta = delta;
      this.maxDeltaAt = at;
    }
    if (delta < SILENCE_MS || this.sequence.missing > 0 || this.clockRate === 0) return;
    // The sender's clock advanced as well: it had nothing to send. Else the packets were late.
    const sentMs = (((timestamp - this.lastTimestamp) | 0) * 1000) / this.clockRate;
    if (!isMarked && !this.followsNoise && sentMs < delta / 2) return;
    this.silences++;
    this.silenceMs += delta;
  }

  private roleOf(type: number, timestamp: number): Role {
    if (type === this.otherType) return this.otherRole;
    const payload = this.payloadOf(type);
    const name = payload.codec.toLowerCase();
    let role: Role = CODEC;
    if (name === 'telephone-event') role = EVENT;
    else if (name === 'cn' || type === CN || type === OLD_CN) role = COMFORT_NOISE;
    else if (name === '' && this.clockRate > 0 && !this.isClockEstimated) role = OTHER;
    else if (/^(?:red|rtx|ulpfec|flexfec.*|x-nse)$/.test(name)) role = OTHER;
    if (role !== CODEC) {
      this.otherType = type;
      this.otherRole = role;
      return role;
    }
    const isChange = this.payloadType !== NO_TYPE;
    this.payloadType = type;
    this.take(payload, isChange);
    if (isChange) this.firstTimestamp = timestamp;
    return CODEC;
  }

  /** From now on it is sent with this codec. */
  private take({ codec, clockRate, number }: SdpPayload, isChange: boolean): void {
    if (clockRate !== this.clockRate && !(clockRate === 0 && this.isClockEstimated)) {
      this.jitter.restart();
      this.clockRate = clockRate;
      this.isClockEstimated = false;
    }
    const name = codec === '' ? `type ${number}` : codec;
    if (isChange) {
      this.codecChanges++;
      this.codecs ??= [this.codec];
      if (!this.codecs.includes(name) && this.codecs.length < MAX_CODECS) this.codecs.push(name);
    }
    this.codec = name;
  }

  /** Announced values apply to dynamic types, and to static ones used otherwise. */
  private payloadOf(type: number): SdpPayload {
    const announced = this.media?.payloads.get(type);
    return announced !== undefined && announced.codec !== '' ? announced : staticPayload(type);
  }

  /** A dynamic type without description: the usual clock rate closest to its timestamps. */
  private estimateClock(): void {
    const elapsed = this.lastAt - this.startedAt;
    if (this.sequence.received < CLOCK_PACKETS || elapsed < CLOCK_MICROSECONDS || this.payloadType === NO_TYPE) return;
    const rate = (((this.lastTimestamp - this.firstTimestamp) >>> 0) * 1e6) / elapsed;
    const nearest = CLOCKS.reduce((best, clock) => (Math.abs(clock - rate) < Math.abs(best - rate) ? clock : best));
    if (Math.abs(nearest - rate) > nearest * 0.05) return;
    this.clockRate = nearest;
    this.isClockEstimated = true;
  }
}
