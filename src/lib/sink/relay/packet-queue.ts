/** A first-in first-out queue of packets that counts its bytes: a ring that doubles, without an allocation per packet. */
const MIN_SLOTS = 256;

export class PacketQueue {
  count = 0;
  bytes = 0;
  private slots: (Buffer | null)[] = new Array<Buffer | null>(MIN_SLOTS).fill(null);
  private head = 0;

  push(packet: Buffer): void {
    if (this.count === this.slots.length) this.resize(this.slots.length * 2);
    this.slots[(this.head + this.count) & (this.slots.length - 1)] = packet;
    this.count++;
    this.bytes += packet.length;
  }

  /** Inserts it before all others. */
  unshift(packet: Buffer): void {
    if (this.count === this.slots.length) this.resize(this.slots.length * 2);
    this.head = (this.head - 1) & (this.slots.length - 1);
    this.slots[this.head] = packet;
    this.count++;
    this.bytes += packet.length;
  }

  peek(): Buffer | null {
    return this.count === 0 ? null : this.slots[this.head];
  }

  shift(): Buffer | null {
    if (this.count === 0) return null;
    const packet = this.slots[this.head]!;
    this.slots[this.head] = null;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count--;
    this.bytes -= packet.length;
    if (this.count === 0 && this.slots.length > MIN_SLOTS * 64) this.resize(MIN_SLOTS); // a flood is over
    return packet;
  }

  private resize(slots: number): void {
    const grown = new Array<Buffer | null>(slots).fill(null);
    for (let i = 0; i < this.count; i++) grown[i] = this.slots[(this.head + i) & (this.slots.length - 1)];
    this.slots = grown;
    this.head = 0;
  }
}
