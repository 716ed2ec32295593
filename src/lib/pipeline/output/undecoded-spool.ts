/**
 * HEP packets that arrive faster than the database takes rows, spooled undecoded: a copy into a slab and a record in the
 * spool cost a fraction of decoding. They are decoded when it is their turn to be stored; each record is one batch with
 * its own stream and sequence number, so that it is stored once however often it is retried.
 */
import { randomUUID } from 'node:crypto';
import type { HepArrival } from '../../capture/hep/index.js';
import type { HepPeer } from '../../hep/index.js';
import { RECEIVED_BATCHES, receivedName } from './live-stream.js';
import { arrivalRecordBytes } from './undecoded-record.js';

const MAX_PACKETS = 1000;
const SLAB_BYTES = 1024 * 1024;
const AGE_MS = 100;

export class ArrivalSpool {
  private readonly plain = `live:${randomUUID()}`;
  private readonly received: string;
  /** Records with identities so far; some packet of the current one has an identity. */
  private records = 0;
  private hasIdentities = false;
  /** Of each stream, the number of its last record. */
  private readonly sequences = new Map<string, number>();
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
    now = 0,
  ) {
    this.received = receivedName(now);
  }

  take({ bytes, from, to, receivedAt, peer }: HepArrival, isIdentified = false): void {
    if (this.packets === MAX_PACKETS || this.used + to - from > SLAB_BYTES) this.flush();
    if (this.peers[this.peers.length - 1] !== peer) this.peers.push(peer);
    this.times[this.packets] = receivedAt;
    this.peerOf[this.packets] = this.peers.length - 1;
    this.lengths[this.packets] = to - from;
    this.packets++;
    this.hasIdentities ||= isIdentified;
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
    // As those of batches of rows: live-stream.ts.
    const stream = this.hasIdentities ? `${this.received}:${this.records % RECEIVED_BATCHES}` : this.plain;
    const sequence = (this.sequences.get(stream) ?? 0) + 1;
    const record = arrivalRecordBytes({
      stream,
      sequence,
      peers: this.peers,
      times: this.times.slice(0, packets),
      peerOf: this.peerOf.slice(0, packets),
      lengths: this.lengths.slice(0, packets),
      bytes: this.slab.subarray(0, this.used),
    });
    const refused = this.keep(record, packets) ? [] : this.arrivals();
    if (refused.length === 0) {
      this.sequences.set(stream, sequence);
      if (this.hasIdentities) this.records++;
    }
    this.hasIdentities = false;
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
