/**
 * HEP in a capture: datagrams are rewritten in their frames (with lengths and checksums); packets from fragments,
 * tunnels or TCP are rebuilt, one packet per message; frames without HEP pass unchanged.
 */
import { gzipSync } from 'node:zlib';
import {
  FAMILY_IPV4,
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LOOP,
  LINK_NULL,
  LINK_RAW,
  LINK_SLL,
  LINK_SLL2,
  PROTOCOL_UDP,
  keepFrame,
  putU16,
  type Frame,
} from '../../../base/index.js';
import { FrameDecoder, type DecodeHandler, type Packet, type StreamReceiver } from '../../../decode/index.js';
import { checksumAdd, checksumFold } from '../../../format/index.js';
import { HepFramer, looksLikeHep, decompressHepDatagram, type HepPeer } from '../../../hep/index.js';

const UDP_BYTES = 8;
/** Link types without a length field: the payload is changed in place. */
const IN_PLACE: ReadonlySet<number> = new Set([LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_LOOP, LINK_SLL, LINK_IPV4, LINK_IPV6, LINK_SLL2]);
const MAX_DATAGRAM = 65_535;

export interface CaptureEditTarget {
  /** The edited packet; the same object if nothing was changed. */
  edit(packet: Buffer, at: number): Buffer;
  frame(frame: Frame): void;
  remade(packet: Buffer, at: number, peer: HepPeer): void;
}

export class CaptureEdit implements DecodeHandler {
  private readonly decoder = new FrameDecoder(this, { keepFrames: true });
  /** True if the current frame is written already, or is part of a rebuilt packet. */
  private taken = false;

  constructor(private readonly target: CaptureEditTarget) {}

  frame(frame: Frame): void {
    this.taken = false;
    this.decoder.decode(frame);
    if (!this.taken) this.target.frame(frame);
  }

  finish(): void {
    this.decoder.finish();
  }

  datagram(packet: Packet): void {
    const { bytes, from, to } = packet;
    if (packet.protocol !== PROTOCOL_UDP) return;
    const plain = looksLikeHep(bytes, from, to) ? null : decompressHepDatagram(bytes, from, to);
    if (plain === null && !looksLikeHep(bytes, from, to)) return;
    const before = plain ?? bytes.subarray(from, to);
    const edited = this.target.edit(before, packet.capturedAt);
    if (edited === before || edited.equals(before)) return;
    this.taken = true;
    // Compressed packets stay compressed.
    const after = plain === null ? edited : gzipSync(edited);
    const made =
      IN_PLACE.has(packet.frame.linkType) && packet.kept === null && packet.outerFamily === 0 && bytes === packet.frame.bytes
        ? inItsFrame(packet, after)
        : null;
    if (made === null) this.target.remade(after, packet.capturedAt, peerOf(packet, 'udp'));
    else this.target.frame(made);
  }

  stream(packet: Packet): StreamReceiver | null {
    const framer = new HepFramer();
    const peer = peerOf(packet, 'tcp');
    let isHep: boolean | null = null;
    return {
      push: (bytes, from, to, current) => {
        isHep ??= looksLikeHep(bytes, from, to);
        if (!isHep) return false;
        this.taken = true;
        const verdict = framer.push(bytes, from, to, (whole, begin, end) => {
          const before = Buffer.from(whole.subarray(begin, end));
          this.target.remade(this.target.edit(before, current.capturedAt), current.capturedAt, peer);
        });
        return verdict === 'ok';
      },
      gap() {},
      end() {},
    };
  }
}

/** The same frame with another payload; null if the headers do not directly precede it or the datagram would be too large. */
function inItsFrame(packet: Packet, payload: Buffer): Frame | null {
  const { frame, addresses, sourceAt, family, from, to } = packet;
  const ipAt = sourceAt - (family === FAMILY_IPV4 ? 12 : 8);
  const udpAt = from - UDP_BYTES;
  if (addresses !== frame.bytes || ipAt < frame.from || udpAt < sourceAt || packet.cut) return null;
  const length = UDP_BYTES + payload.length;
  const headersLength = udpAt - ipAt;
  if (headersLength + length > MAX_DATAGRAM) return null;
  const tail = frame.to - to;
  const bytes = Buffer.concat([frame.bytes.subarray(frame.from, from), payload, frame.bytes.subarray(to, frame.to)]);
  const ip = ipAt - frame.from;
  const udp = udpAt - frame.from;
  if (family === FAMILY_IPV4) {
    putU16(bytes, ip + 2, headersLength + length);
    putU16(bytes, ip + 10, 0);
    putU16(bytes, ip + 10, checksumFold(checksumAdd(bytes, ip, ip + (bytes[ip] & 15) * 4)));
  } else putU16(bytes, ip + 4, headersLength - 40 + length);
  putU16(bytes, udp + 4, length);
  const had = bytes.readUInt16BE(udp + 6) !== 0;
  putU16(bytes, udp + 6, 0);
  if (had || family !== FAMILY_IPV4) putU16(bytes, udp + 6, udpChecksum(bytes, ip, udp, length, family));
  return {
    ...keepFrame(frame),
    bytes,
    from: 0,
    to: bytes.length,
    originalLength: Math.max(frame.originalLength - (frame.to - frame.from) + bytes.length, bytes.length - tail),
  };
}

/** RFC 768, RFC 8200 section 8.1; zero is sent as all ones. */
function udpChecksum(bytes: Buffer, ip: number, udp: number, length: number, family: number): number {
  const [from, size] = family === FAMILY_IPV4 ? [ip + 12, 8] : [ip + 8, 32];
  const addresses = checksumAdd(bytes, from, from + size);
  const sum = checksumFold(checksumAdd(bytes, udp, udp + length, addresses + PROTOCOL_UDP + length));
  return sum === 0 ? 0xffff : sum;
}

function peerOf(packet: Packet, transport: 'udp' | 'tcp'): HepPeer {
  return {
    peerAddress: packet.sourceAddress(),
    peerPort: packet.sourcePort,
    localAddress: packet.destinationAddress(),
    localPort: packet.destinationPort,
    transport,
  };
}
