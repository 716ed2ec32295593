/** The lane of an endpoint: a port, a host, a box of several addresses, or a name. */
import { PROTOCOL_UDP, endpointText, type Message } from '../../base/index.js';
import type { Participant } from './ladder.js';
import type { Names } from './names.js';

/** `auto`: a lane for each port of a host, labelled without the port if there is only one; ports of TCP clients stand for their host. */
export type LaneBy = 'auto' | 'host' | 'port' | 'box';

/** Where clients' own ports begin (Linux; elsewhere 49152). */
const FIRST_CLIENT_PORT = 32_768;

interface Endpoint {
  address: string;
  port: number;
  isClientPort: boolean;
}

export class Participants {
  readonly list: Participant[] = [];
  private readonly lanes = new Map<string, number>();
  private readonly boxes = new Map<string, string>();
  private readonly ports = new Map<string, Set<number>>();

  /** In the order of the ladder, so that the caller is on the left. */
  constructor(
    messages: readonly Message[],
    private readonly by: LaneBy,
    private readonly names: Names | null,
  ) {
    for (const message of messages) for (const end of [source(message), destination(message)]) this.notePort(end);
    if (by === 'box') for (const message of messages) this.learnBox(message);
    for (const message of messages) for (const end of [source(message), destination(message)]) this.place(end);
  }

  sourceLane(message: Message): number {
    return this.lanes.get(this.keyOf(source(message)))!;
  }

  destinationLane(message: Message): number {
    return this.lanes.get(this.keyOf(destination(message)))!;
  }

  private notePort({ address, port, isClientPort }: Endpoint): void {
    const ports = this.ports.get(address) ?? new Set();
    this.ports.set(address, ports);
    if (!isClientPort) ports.add(port);
  }

  private place(end: Endpoint): void {
    const key = this.keyOf(end);
    const text = endpointText(end.address, end.port);
    const lane = this.lanes.get(key);
    if (lane === undefined) this.lanes.set(key, this.list.push({ label: this.labelOf(end, key), endpoints: [text] }) - 1);
    else if (!this.list[lane].endpoints.includes(text)) this.list[lane].endpoints.push(text);
  }

  private keyOf(end: Endpoint): string {
    const { address, port } = end;
    const name = this.names?.nameOf(address, port) ?? '';
    if (name !== '') return `name ${name}`;
    if (this.by === 'box') return this.boxOf(address);
    if (this.by === 'host') return address;
    if (this.by === 'port') return endpointText(address, port);
    const ports = this.ports.get(address)!;
    if (end.isClientPort && ports.size <= 1) return ports.size === 0 ? address : endpointText(address, [...ports][0]);
    return ports.size === 0 ? address : endpointText(address, port);
  }

  private labelOf({ address, port }: Endpoint, key: string): string {
    if (key.startsWith('name ')) return key.slice(5);
    const isOne = this.by !== 'port' && (this.by !== 'auto' || this.ports.get(address)!.size <= 1);
    return isOne ? address : endpointText(address, port);
  }

  /** The address in a sender's Via, if traffic also goes to that address. */
  private learnBox({ sip, sourceAddress }: Message): void {
    if (sip!.kind !== 1) return;
    const sentBy = /^\s*SIP\s*\/\s*2\.0\s*\/\s*\w+\s+(\[[^\]]+\]|[^\s:;,]+)/i.exec(sip!.via)?.[1] ?? '';
    const named = sentBy.replace(/^\[|\]$/g, '');
    if (named === sourceAddress || !this.ports.has(named)) return;
    const [a, b] = [this.boxOf(sourceAddress), this.boxOf(named)];
    if (a !== b) this.boxes.set(b, a);
  }

  private boxOf(address: string): string {
    let box = address;
    for (let next = this.boxes.get(box); next !== undefined; next = this.boxes.get(box)) box = next;
    return box;
  }
}

function source({ sourceAddress, sourcePort, protocol }: Message): Endpoint {
  return endpoint(sourceAddress, sourcePort, protocol);
}

function destination({ destinationAddress, destinationPort, protocol }: Message): Endpoint {
  return endpoint(destinationAddress, destinationPort, protocol);
}

function endpoint(address: string, port: number, protocol: number): Endpoint {
  return { address, port, isClientPort: protocol !== PROTOCOL_UDP && port >= FIRST_CLIENT_PORT };
}
