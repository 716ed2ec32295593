/** Output of edited packets: as a stream, hex lines, JSON, or frames of a capture. */
import {
  FAMILY_IPV4,
  FAMILY_IPV6,
  LINK_ETHERNET,
  NO_FRAMES,
  PROTOCOL_UDP,
  isFault,
  type Frame,
  type Message,
  safeJson,
} from '../../../base/index.js';
import { FrameSynthesizer, PcapWriter, PcapngWriter, type CaptureWriter } from '../../../format/index.js';
import { EditablePacket, describeChunk, type HepPeer } from '../../../hep/index.js';

export type OutputKind = 'hep' | 'pcap' | 'hex' | 'json';

/** Collects output into large chunks; waits if the reader of the output is slow. */
export interface PieceWriter {
  write(bytes: Buffer | string): void;
  ready(): Promise<void>;
}

/** The packet in that format; for a capture, `peer` is its sender and `at` its time (microseconds since 1970). */
export class PacketOutput {
  private readonly synthesizer = new FrameSynthesizer();
  private writer: CaptureWriter | null = null;

  /** `pcapng` if the input was: frames of several link types are possible. */
  constructor(
    readonly kind: OutputKind,
    private readonly to: PieceWriter,
    private readonly pcapng: boolean,
  ) {}

  packet(packet: Buffer, at: number, peer: HepPeer): void {
    switch (this.kind) {
      case 'hep':
        this.to.write(packet);
        return;
      case 'hex':
        this.to.write(`${packet.toString('hex')}\n`);
        return;
      case 'json':
        this.to.write(jsonOf(packet, at));
        return;
      case 'pcap':
        for (const frame of this.synthesizer.frames(asMessage(packet, at, peer))) this.frame(frame);
    }
  }

  /** An unchanged frame of a capture. */
  frame(frame: Frame): void {
    if (this.writer === null) this.begin(frame.linkType);
    if (!this.writer!.takes(frame.linkType)) throw new Error(`link type ${frame.linkType} in a pcap of another`);
    const bytes = Buffer.allocUnsafe(this.writer!.bytesFor(frame));
    const end = this.writer!.write(frame, bytes, 0);
    this.to.write(bytes.subarray(0, end));
  }

  /** Even an empty capture needs its header. */
  end(): void {
    if (this.kind === 'pcap' && this.writer === null) this.begin(LINK_ETHERNET);
  }

  private begin(linkType: number): void {
    this.writer = this.pcapng ? new PcapngWriter() : new PcapWriter(linkType);
    this.to.write(this.writer.fileHeader());
  }
}

function jsonOf(packet: Buffer, at: number): string {
  const editable = EditablePacket.read(packet, at);
  if (isFault(editable)) return `${safeJson({ fault: editable.fault, bytes: packet.toString('hex') })}\n`;
  return `${safeJson({ version: editable.version, chunks: editable.list().map(describeChunk) })}\n`;
}

/** The HEP packet as the payload of a datagram (or of segments, as it came) between the nodes. */
function asMessage(packet: Buffer, at: number, peer: HepPeer): Message {
  return {
    capturedAt: at,
    sourceAddress: peer.peerAddress,
    sourcePort: peer.peerPort,
    destinationAddress: peer.localAddress,
    destinationPort: peer.localPort,
    protocol: peer.transport === 'udp' ? PROTOCOL_UDP : 6,
    family: peer.peerAddress.includes(':') ? FAMILY_IPV6 : FAMILY_IPV4,
    payloadType: 0,
    payload: packet,
    captureId: -1,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: 0n,
    sequence: 0,
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
  };
}
