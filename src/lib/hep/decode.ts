/**
 * HEP packets to messages: versions 1, 2 and 3, distinguished by their first bytes. HEP3 (HEP3 Network Protocol
 * Specification rev. 37): magic 4, total length 2, chunks of vendor 2, type 2, length 2 (including these six bytes),
 * data. Vendor and type together identify a chunk: another vendor's chunk never replaces a generic one.
 */
import {
  Counters,
  FAMILY_IPV4,
  FAMILY_IPV6,
  NO_FRAMES,
  NO_SEQUENCE,
  NO_STREAM,
  PAYLOAD_SIP,
  fault,
  isFault,
  putU16,
  u32,
  type AddressTextCache,
  type Fault,
  type Message,
} from '../base/index.js';
import { AuthKey } from './auth-key.js';
import { CHUNK_HEADER_BYTES } from './chunks.js';
import { RepeatedText, textOf } from './chunk-text.js';
import { Hep3Fields } from './chunk-walk.js';
import { envelope, type HepPeer } from './envelope.js';
import { IdentityReader } from './identity-chunk.js';
import { notHep } from './not-hep.js';
import { payloadWithoutPadding, unwrapJson } from './payload.js';
import { microsecondsOf, plausibleTime } from './time.js';
import { MAX_DECOMPRESSED_BYTES, decompressDatagram, decompressPayload } from './decompress.js';
import { decodeHep12 } from './version12.js';

const MAGIC_HEP3 = 0x48455033;
const MAGIC_EEP3 = 0x45455033;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

export interface HepDecoderOptions {
  addressTexts: AddressTextCache;
  /** Packets without this key (chunk 0x000e) are refused; absent: every packet is accepted. */
  authKey?: Buffer;
  /** Limit for decompressed payloads in bytes. */
  maxDecompressedBytes?: number;
  /** Prefers the correlation map (chunk 0x0065) to the correlation id, as OpenSIPS does with `homer5_on=0`. */
  prefersCorrelationMap?: boolean;
}

export class HepDecoder {
  /** What was corrected or guessed, by name; nothing here is a loss. */
  readonly counters = new Counters();
  private readonly fields = new Hep3Fields();
  private readonly addressTexts: AddressTextCache;
  private readonly authKey: AuthKey | null;
  private readonly maxDecompressedBytes: number;
  private readonly prefersCorrelationMap: boolean;
  private readonly captureNames = new RepeatedText();
  private readonly identity = new IdentityReader();

  constructor(options: HepDecoderOptions) {
    this.addressTexts = options.addressTexts;
    this.authKey = options.authKey === undefined ? null : new AuthKey(options.authKey);
    this.maxDecompressedBytes = options.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES;
    this.prefersCorrelationMap = options.prefersCorrelationMap ?? false;
  }

  /** One packet, `bytes[from, to)`, that arrived at `receivedAt` (microseconds since 1970). */
  decode(bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer): Message | Fault {
    if (to - from < 4) return fault('too_short', 'hep', from, 4, to - from);
    const magic = u32(bytes, from);
    if (magic === MAGIC_HEP3 || magic === MAGIC_EEP3) return this.version3(bytes, from, to, receivedAt, peer);
    if (bytes[from] === 0x1f && bytes[from + 1] === 0x8b) {
      const decompressed = decompressDatagram(bytes, from, to, this.maxDecompressedBytes);
      if (isFault(decompressed)) return decompressed;
      this.counters.add('compressed_datagram');
      if (decompressed[0] === 0x1f) return fault('decompress_failed', 'hep datagram', from);
      return this.decode(decompressed, 0, decompressed.length, receivedAt, peer);
    }
    if (bytes[from] !== 1 && bytes[from] !== 2) return notHep(bytes, from, to);
    // Versions 1 and 2 have no key.
    if (this.authKey !== null) return fault('bad_auth_key', `hep${bytes[from]}`, from);
    const message = decodeHep12(bytes, from, to, receivedAt, peer, this.addressTexts, this.counters);
    return isFault(message) ? message : this.finish(message);
  }

  private version3(bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer): Message | Fault {
    const { fields } = this;
    const wrong = fields.walk(bytes, from, to);
    if (wrong !== null) return wrong;
    const {
      protocol,
      source4,
      destination4,
      source6,
      destination6,
      payloadType,
      payloadFrom,
      payloadTo,
      correlationFrom,
      mapFrom,
      nameFrom,
      end,
    } = fields;
    let { family } = fields;
    if (end < to) this.counters.add('trailing_bytes_hep', to - end);
    if (fields.wrongSizes > 0) this.counters.add('bad_chunk_size', fields.wrongSizes);
    if (fields.isCut) this.counters.add('cut');

    // A greeting carries no key and no message.
    if (payloadType === 0 && protocol === 0 && payloadFrom >= 0 && isHello(bytes, payloadFrom, payloadTo))
      return fault('hello', 'hep3', from);
    if (this.authKey !== null && !this.authKey.agrees(bytes, fields.keyFrom, fields.keyTo)) return fault('bad_auth_key', 'hep3', from);
    if (payloadFrom < 0) return fault('no_payload', 'hep3', from);
    // Control packets of OpenSIPS have an empty payload and carry everything in other chunks.
    if (payloadFrom === payloadTo && payloadType === PAYLOAD_SIP) return fault('empty_payload', 'hep3', payloadFrom);
    let payload: Buffer;
    if (fields.compressed) {
      const decompressed = decompressPayload(bytes, payloadFrom, payloadTo, this.maxDecompressedBytes);
      if (isFault(decompressed)) return decompressed;
      payload = decompressed;
    } else {
      payload = bytes.subarray(payloadFrom, payloadTo);
    }

    if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6) {
      this.counters.add('family_inferred');
      family = inferFamily(bytes, family, source4, destination4, source6, destination6);
    }
    // Each side by the family, or by whichever address is present.
    const sourceIs6 = source6 >= 0 && (family === FAMILY_IPV6 || source4 < 0);
    const destinationIs6 = destination6 >= 0 && (family === FAMILY_IPV6 || destination4 < 0);
    const source = sourceIs6 ? source6 : source4;
    const destination = destinationIs6 ? destination6 : destination4;
    if (source < 0 || destination < 0) this.counters.add('incomplete_addresses');
    const correlatesByMap = mapFrom >= 0 && (correlationFrom < 0 || this.prefersCorrelationMap);
    const { identity } = this;
    const isIdentified = fields.identityFrom >= 0 && identity.read(bytes, fields.identityFrom);
    const message: Message = {
      capturedAt: this.time(fields.seconds, fields.micros, receivedAt),
      sourceAddress: source < 0 ? '' : sourceIs6 ? this.addressTexts.ipv6(bytes, source) : this.addressTexts.ipv4(bytes, source),
      sourcePort: fields.sourcePort,
      destinationAddress:
        destination < 0 ? '' : destinationIs6 ? this.addressTexts.ipv6(bytes, destination) : this.addressTexts.ipv4(bytes, destination),
      destinationPort: fields.destinationPort,
      protocol,
      family: source < 0 && destination < 0 ? 0 : sourceIs6 || destinationIs6 ? FAMILY_IPV6 : FAMILY_IPV4,
      payloadType,
      payload,
      captureId: this.agentId(fields.captureId),
      captureName: nameFrom < 0 ? '' : this.captureNames.of(bytes, nameFrom, fields.nameTo),
      correlationId: correlatesByMap
        ? textOf(bytes, mapFrom, fields.mapTo)
        : correlationFrom >= 0
          ? textOf(bytes, correlationFrom, fields.correlationTo)
          : '',
      vlan: fields.vlan,
      outerSource: '',
      outerDestination: '',
      frameNumber: 0,
      sourceIndex: 0,
      stream: isIdentified ? identity.stream : NO_STREAM,
      sequence: isIdentified ? identity.sequence : NO_SEQUENCE,
      envelope: envelope(3, fields.isTruncated ? withTrueLengths(bytes, from, fields) : packetOf(bytes, from, end), peer, isIdentified),
      sip: null,
      frames: NO_FRAMES,
    };
    return this.finish(message);
  }

  /** sngrep writes its 16-bit id into the upper half of the chunk. */
  private agentId(id: number): number {
    if (id <= 0xffff || (id & 0xffff) !== 0) return id;
    this.counters.add('capture_id_corrected');
    return id >>> 16;
  }

  private time(seconds: number, micros: number, receivedAt: number): number {
    if (micros < 1_000_000 && plausibleTime(seconds, receivedAt)) return seconds * 1e6 + micros;
    return microsecondsOf(seconds, micros, receivedAt, this.counters);
  }

  /** Common to all versions: removes padding, and unwraps SIP from JSON. */
  private finish(message: Message): Message | Fault {
    const { payload } = message;
    if (message.payloadType !== PAYLOAD_SIP) return message;
    if (payload[payload.length - 1] === 0) {
      message.payload = payloadWithoutPadding(payload);
      if (message.payload.length === 0) return fault('empty_payload', 'hep');
      this.counters.add('padding_bytes', payload.length - message.payload.length);
    }
    if (payload[0] === 0x7b) {
      const inner = unwrapJson(payload);
      if (inner !== null) {
        message.payload = inner;
        this.counters.add('json_wrapped_sip');
      }
    }
    return message;
  }
}

function packetOf(bytes: Buffer, from: number, end: number): Buffer {
  return from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end);
}

/** What there is of a truncated packet, so that whoever it is relayed to can read it. */
function withTrueLengths(bytes: Buffer, from: number, { isCut, payloadFrom, payloadTo, end }: Hep3Fields): Buffer {
  // Chunks after a whole payload may be incomplete.
  const packet = Buffer.from(bytes.subarray(from, payloadTo));
  putU16(packet, 4, packet.length);
  if (isCut) putU16(packet, payloadFrom - from - 2, end - payloadFrom + CHUNK_HEADER_BYTES);
  return packet;
}

/** AF_INET6 on systems other than Linux. */
const OTHER_IPV6_FAMILIES: ReadonlySet<number> = new Set([23, 24, 26, 28, 30]);

/** By the addresses that are set, else by the AF_INET6 numbers of other systems. */
function inferFamily(bytes: Buffer, family: number, source4: number, destination4: number, source6: number, destination6: number): number {
  const has4 = isSet(bytes, source4, IPV4_BYTES) || isSet(bytes, destination4, IPV4_BYTES);
  const has6 = isSet(bytes, source6, IPV6_BYTES) || isSet(bytes, destination6, IPV6_BYTES);
  if (has4 !== has6) return has6 ? FAMILY_IPV6 : FAMILY_IPV4;
  return OTHER_IPV6_FAMILIES.has(family) ? FAMILY_IPV6 : FAMILY_IPV4;
}

/** True if there is an address and it is not all zeros. */
function isSet(bytes: Buffer, at: number, size: number): boolean {
  if (at < 0) return false;
  for (let i = 0; i < size; i++) if (bytes[at + i] !== 0) return true;
  return false;
}

/** heplify's first packet has the payload "HEP3" and nothing else. */
function isHello(bytes: Buffer, from: number, to: number): boolean {
  return to - from <= 8 && to - from >= 4 && u32(bytes, from) === MAGIC_HEP3;
}
