/**
 * Fax over UDPTL (T.38 section 9.1), which is not RTP: counted where a session description has announced it.
 *
 *   | sequence number of 16 bits | length, primary packet | 0x00, number, packets sent before | or 0x80, parity
 */
import { endpointText, u16 } from '../base/index.js';
import type { Packet } from '../decode/index.js';
import type { MediaIndex } from '../sip/index.js';
import { IN_ORDER, SequenceWindow } from './sequence-window.js';

export interface FaxReport {
  callId: string;
  source: string;
  destination: string;
  /** Microseconds since 1970. */
  startedAt: number;
  endedAt: number;
  packets: number;
  lost: number;
  /** Of those, the ones that later packets repeated. */
  recovered: number;
}

interface Flow extends Pick<FaxReport, 'callId' | 'source' | 'destination' | 'startedAt' | 'endedAt' | 'recovered'> {
  sequence: SequenceWindow;
}

const MAX_FLOWS = 10_000;
const REDUNDANCY = 0x00;
const PARITY = 0x80;
const MAX_REPEATED = 32;

export class FaxTable {
  /** Flows that made room for others. */
  evicted = 0;
  /** By addresses and Call-ID; oldest first. */
  private readonly flows = new Map<string, Flow>();

  constructor(private readonly index: MediaIndex) {}

  /** Takes a datagram if it is UDPTL of a call that has announced T.38. Sequence numbers from 0x8000 on look like RTP. */
  take(packet: Packet, isRtp: boolean): boolean {
    if (!this.index.hasFaxes || (isRtp && this.flows.size === 0)) return false;
    const repeated = udptlRepeats(packet.bytes, packet.from, packet.to);
    if (repeated < 0) return false;
    const [source, destination] = [packet.sourceAddress(), packet.destinationAddress()];
    const call = this.index.announced(source, packet.sourcePort, destination, packet.destinationPort, packet.capturedAt);
    if (call?.hasFax !== true) return false;
    const ends = [endpointText(source, packet.sourcePort), endpointText(destination, packet.destinationPort)] as const;
    const key = `${ends[0]} ${ends[1]} ${call.callId}`;
    const known = this.flows.get(key);
    if (isRtp && known === undefined) return false;
    this.count(known ?? this.begin(key, call.callId, ends, packet.capturedAt), packet, repeated);
    return true;
  }

  of(callId: string): FaxReport[] {
    return [...this.flows.values()].filter((flow) => flow.callId === callId).map(reportOf);
  }

  release(callId: string): void {
    for (const [key, flow] of this.flows) if (flow.callId === callId) this.flows.delete(key);
  }

  private begin(key: string, callId: string, [source, destination]: readonly [string, string], startedAt: number): Flow {
    if (this.flows.size >= MAX_FLOWS) {
      this.flows.delete(this.flows.keys().next().value!);
      this.evicted++;
    }
    const flow: Flow = { callId, source, destination, startedAt, endedAt: startedAt, recovered: 0, sequence: new SequenceWindow() };
    this.flows.set(key, flow);
    return flow;
  }

  private count(flow: Flow, packet: Packet, repeated: number): void {
    const { sequence } = flow;
    if (sequence.add(u16(packet.bytes, packet.from)) !== IN_ORDER) return;
    flow.endedAt = packet.capturedAt;
    flow.recovered += Math.min(sequence.missing, repeated);
  }
}

function reportOf({ sequence, recovered, ...flow }: Flow): FaxReport {
  const { lost } = sequence.losses();
  return { ...flow, packets: sequence.received, lost, recovered: Math.min(lost, recovered) };
}

/** How many packets before it a UDPTL packet repeats; -1 for what is none. */
export function udptlRepeats(bytes: Uint8Array, from: number, to: number): number {
  let at = elementEnd(bytes, from + 2, to);
  if (at < 0 || at >= to) return -1;
  if (bytes[at] === PARITY) return at + 3 <= to ? 0 : -1;
  if (bytes[at] !== REDUNDANCY || at + 1 >= to) return -1;
  const count = bytes[at + 1];
  if (count > MAX_REPEATED) return -1;
  at += 2;
  for (let i = 0; i < count && at >= 0; i++) at = elementEnd(bytes, at, to);
  return at === to ? count : -1;
}

/** A length of 7 or 14 bits (X.691 section 10.9), and so many bytes; -1 where it goes beyond the end. */
function elementEnd(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  const first = bytes[at];
  if (first >= 0xc0 || (first >= 0x80 && at + 1 >= to)) return -1;
  const end = first < 0x80 ? at + 1 + first : at + 2 + (((first & 0x3f) << 8) | bytes[at + 1]);
  return end <= to ? end : -1;
}
