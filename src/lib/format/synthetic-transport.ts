/** UDP (RFC 768), TCP (RFC 9293) and SCTP (RFC 9260) around the payload of a message that has no frames of its own. */
import { putU16, putU32, type Message } from '../base/index.js';
import { Crc32c } from './checksum.js';
import { FlowNumbers } from './flow-numbers.js';

const UDP_HEADER_BYTES = 8;
const TCP_HEADER_BYTES = 20;
/** RFC 9293 section 3.1. */
const TCP_ACK_PUSH = 0x18;
const TCP_SYN = 0x02;
/** Common header 12 and DATA chunk header 16. */
export const SCTP_HEADER_BYTES = 28;
/** RFC 9260 section 3.3.1: beginning and end, a whole user message. */
const SCTP_WHOLE_MESSAGE = 0x03;
const MAX_FLOWS = 65_536;

export function udpDatagram(message: Message): Buffer {
  const bytes = Buffer.alloc(UDP_HEADER_BYTES + message.payload.length);
  putPorts(bytes, message);
  putU16(bytes, 4, bytes.length);
  message.payload.copy(bytes, UDP_HEADER_BYTES);
  return bytes;
}

/** Keeps each flow's numbers, so that the segments of one connection are consecutive and reassemble. */
export class SyntheticTransport {
  private readonly crc = new Crc32c();
  private readonly tcpNumbers = new FlowNumbers(MAX_FLOWS);
  private readonly sctpNumbers = new FlowNumbers(MAX_FLOWS);

  /** The SYN of a flow that has no segment yet, else null: a capture may hold real segments on the same ports. */
  tcpOpening(message: Message): Buffer | null {
    const flow = flowOf(message);
    if (this.tcpNumbers.has(flow)) return null;
    const bytes = this.segmentHeader(message, this.tcpNumbers.peek(flow) - 1, TCP_SYN);
    // Nothing is acknowledged.
    putU32(bytes, 8, 0);
    return bytes;
  }

  /** Skips `missing` bytes in the stream, which were not captured. */
  tcpSegment(message: Message, payload: Buffer, missing = 0): Buffer {
    const number = this.tcpNumbers.take(flowOf(message), payload.length + missing);
    return Buffer.concat([this.segmentHeader(message, number, TCP_ACK_PUSH), payload]);
  }

  private segmentHeader(message: Message, number: number, flags: number): Buffer {
    const bytes = Buffer.alloc(TCP_HEADER_BYTES);
    putPorts(bytes, message);
    putU32(bytes, 4, number);
    putU32(bytes, 8, this.tcpNumbers.peek(reverseFlowOf(message)));
    bytes[12] = (TCP_HEADER_BYTES / 4) << 4;
    bytes[13] = flags;
    putU16(bytes, 14, 0xffff);
    return bytes;
  }

  /** One DATA chunk, padded to 32 bits outside its length. */
  sctpPacket(message: Message): Buffer {
    const { payload } = message;
    const flow = flowOf(message);
    const number = this.sctpNumbers.take(flow, 1);
    const bytes = Buffer.alloc(SCTP_HEADER_BYTES + ((payload.length + 3) & ~3));
    putPorts(bytes, message);
    putU32(bytes, 4, verificationTag(flow));
    bytes[13] = SCTP_WHOLE_MESSAGE;
    putU16(bytes, 14, 16 + payload.length);
    putU32(bytes, 16, number);
    // Stream 0; its own sequence counts whole messages, as the transmission number does here.
    putU16(bytes, 22, number - 1);
    payload.copy(bytes, SCTP_HEADER_BYTES);
    // Appendix A: the checksum stands with its lowest byte first, computed over zeros in its place.
    bytes.writeUInt32LE(this.crc.of(bytes), 8);
    return bytes;
  }
}

function putPorts(bytes: Buffer, message: Message): void {
  putU16(bytes, 0, message.sourcePort);
  putU16(bytes, 2, message.destinationPort);
}

function flowOf(message: Message): string {
  return `${message.sourceAddress} ${message.sourcePort} ${message.destinationAddress} ${message.destinationPort}`;
}

function reverseFlowOf(message: Message): string {
  return `${message.destinationAddress} ${message.destinationPort} ${message.sourceAddress} ${message.sourcePort}`;
}

/** Readers identify an association by its tag and ports alone, so every flow has its own tag. RFC 9260 section 3.1: zero belongs to INIT. */
function verificationTag(flow: string): number {
  let tag = 0;
  for (let i = 0; i < flow.length; i++) tag = (Math.imul(tag, 31) + flow.charCodeAt(i)) | 0;
  return tag === 0 ? 1 : tag >>> 0;
}
