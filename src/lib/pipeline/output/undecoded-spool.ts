/**
 * HEP packets that arrive faster than the database takes rows, spooled undecoded: a copy into a slab and a record in the
 * spool cost a fraction of decoding. They are decoded when it is their turn to be stored; each record is one batch with
 * its own stream and sequence number, so that it is stored once however often it is retried.
 */
import { randomUUID } from 'node:crypto';
import type { HepArrival } from '../../capture/hep/index.js';
import type { HepPeer } from '../../hep/index.js';
import { arrivalRecordBytes } from './undecoded-record.js';

const MAX_PACKETS = 1000;
const SLAB_BYTES = 1024 * 1024;
const AGE_MS = 100;

export class ArrivalSpool {
  private readonly stream = `live:${randomUUID()}`;
  private sequence = 0;
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private used = 0;
  private packets = 0;
  private peers: HepPeer[] = [];
  private readonly times = new Float64Array(MAX_PACKETS);
  private readonly peerOf = new Uint16Array(MAX_PACKETS);
  private readonly lengths = new Uint32Array(MAX_PACKETS);
  private timer: NodeJS.Timeout | null = null;

  /** `keep` takes a record with that many packets; false when the spool refuses it: then each of them goes to `decode`. */
  constructor(
    private readonly keep: (record: Buffer, packets: number) => boolean,
    private readonly decode: (arrival: HepArrival) => void,
  ) {}

  take({ bytes, from, to, receivedAt, peer }: HepArrival): void {
    if (this.packets === MAX_PACKETS || this.used + to - from > SLAB_BYTES) this.flush();
    if (this.peers[this.peers.length - 1] !== peer) this.peers.push(peer);
    this.times[this.packets] = receivedAt;
    this.peerOf[this.packets] = this.peers.length - 1;
    this.lengths[this.packets] = to - from;
    this.packets++;
    this.used += bytes.copy(this.slab, this.used, from, to);
    this.timer ??= setTimeout(() => this.flush(), AGE_MS);
  }

  /** Packets that are in no record yet. */
  get waiting(): number {
    return this.packets;
  }

  /** Makes a record of the packets taken; false if there are none. */
  flush(): boolean {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { packets } = this;
    if (packets === 0) return false;
    const record = arrivalRecordBytes({
      stream: this.stream,
      sequence: this.sequence + 1,
      peers: this.peers,
      times: this.times.slice(0, packets),
      peerOf: this.peerOf.slice(0, packets),
      lengths: this.lengths.slice(0, packets),
      bytes: this.slab.subarray(0, this.used),
    });
    const refused = this.keep(record, packets) ? [] : this.arrivals();
    if (refused.length === 0) this.sequence++;
    this.packets = 0;
    this.used = 0;
    this.peers = [];
    for (const arrival of refused) this.decode(arrival);
    return true;
  }

  /** The packets taken, with bytes of their own. */
  private arrivals(): HepArrival[] {
    const bytes = Buffer.from(this.slab.subarray(0, this.used));
    let to = 0;
    return Array.from({ length: this.packets }, (_, at) => {
      const from = to;
      to += this.lengths[at];
      return { bytes, from, to, receivedAt: this.times[at], peer: this.peers[this.peerOf[at]] };
    });
  }
}
