/**
 * UDP through the addon: a thread of its own reads the datagrams in batches, with the kernel's time stamps, so that no pause
 * of the event loop overflows the socket's buffer. They arrive here one slab at a time.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import {
  AddressTextCache,
  DATAGRAM_RECORD_BYTES,
  asSystemError,
  u16le,
  u32le,
  type DatagramAddon,
  type Gate,
  type ReceiverHandle,
} from '../../base/index.js';
import type { DatagramOwner, DatagramSocket } from './datagram-socket.js';

/** Size of the ring: two seconds at 40,000 packets per second. */
const RING_BYTES = 64 * 1024 * 1024;
const PORT_AT = 4;
const FAMILY_AT = 6;
const ADDRESS_AT = 8;
const SECONDS_AT = 24;
const MICROSECONDS_AT = 28;

export class BatchSocket implements DatagramSocket {
  address = '';
  port = 0;
  grantedBytes = 0;
  private receiver: ReceiverHandle | null = null;
  private started = false;
  private gate: Gate | null = null;
  /** The slab being delivered when the gate closed, and how far it was delivered. */
  private held: { slab: Buffer; at: number } | null = null;
  private turn: NodeJS.Immediate | null = null;
  private lost = 0;
  private readonly addresses = new AddressTextCache();

  constructor(
    private readonly owner: DatagramOwner,
    private readonly addon: DatagramAddon,
    /** Other processes bind the same address. */
    private readonly isShared = false,
  ) {}

  async open(host: string, port: number, bufferBytes: number): Promise<void> {
    this.address = isIP(host) === 0 ? await addressOf(host) : host;
    try {
      this.receiver = this.addon.receive(this.address, port, bufferBytes, RING_BYTES, this.drain, this.isShared);
    } catch (error) {
      throw asSystemError(error, `bind ${host}:${port}`);
    }
    [this.port, this.grantedBytes] = this.addon.describe(this.receiver);
  }

  start(gate: Gate | null): void {
    this.started = true;
    this.gate = gate;
    this.drain();
  }

  async drops(): Promise<number> {
    if (this.receiver !== null) [, , this.lost] = this.addon.describe(this.receiver);
    return this.lost;
  }

  async close(): Promise<void> {
    const { receiver, addon } = this;
    if (receiver === null) return;
    addon.halt(receiver);
    this.gate = null;
    const { held } = this;
    this.held = null;
    if (held !== null) this.deliver(held.slab, held.at);
    for (let slab = addon.take(receiver); slab !== null && this.started; slab = addon.take(receiver)) this.deliver(slab, 0);
    await this.drops();
    this.receiver = null;
    addon.closeReceiver(receiver);
    if (this.turn !== null) clearImmediate(this.turn);
  }

  /** One slab per turn of the event loop, so that the sinks get theirs. */
  private readonly drain = (): void => {
    this.turn = null;
    if (!this.started || this.receiver === null || this.held !== null) return;
    const slab = this.addon.take(this.receiver);
    if (slab === null) return;
    this.turn = setImmediate(this.drain);
    this.deliver(slab, 0);
  };

  private deliver(slab: Buffer, start: number): void {
    const { owner, addresses, gate } = this;
    for (let at = start; at < slab.length;) {
      const length = u32le(slab, at);
      const from = at + DATAGRAM_RECORD_BYTES;
      const address = slab[at + FAMILY_AT] === 4 ? addresses.ipv4(slab, at + ADDRESS_AT) : addresses.ipv6(slab, at + ADDRESS_AT);
      const receivedAt = u32le(slab, at + SECONDS_AT) * 1e6 + u32le(slab, at + MICROSECONDS_AT);
      at = from + length;
      if (!owner.datagram(slab, from, at, receivedAt, address, u16le(slab, from - DATAGRAM_RECORD_BYTES + PORT_AT)) && gate !== null) {
        this.held = { slab, at };
        void gate.ready().then(this.resume);
        return;
      }
    }
  }

  private readonly resume = (): void => {
    const { held } = this;
    this.held = null;
    if (held === null || this.receiver === null || this.gate === null) return;
    this.deliver(held.slab, held.at);
    this.drain();
  };
}

/** Like Node's own sockets: the IPv4 address of a name if it has one. */
async function addressOf(name: string): Promise<string> {
  const addresses = await lookup(name, { all: true });
  return (addresses.find(({ family }) => family === 4) ?? addresses[0]).address;
}
