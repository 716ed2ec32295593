/** A spool as a source: its backlog, in order, to the end. The spool itself is passed in. */
import { RoomWait, type Deliver, type Gate, type Source } from '../base/index.js';

export interface SpooledPacket {
  number: number;
  /** Microseconds since 1970 when it was spooled. */
  recordedAt: number;
  payload: Buffer;
}

/** What the source needs of a spool. */
export interface ReadableSpool {
  read(): SpooledPacket | null;
}

/** After this many packets, yields to other work. */
const PACKETS_PER_TURN = 1024;

export class SpoolSource implements Source<SpooledPacket> {
  /** Number of the last packet delivered, 0 before the first: what the spool's owner acknowledges once it is safe elsewhere. */
  lastNumber = 0;
  private readonly room = new RoomWait();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly spool: ReadableSpool) {}

  start(deliver: Deliver<SpooledPacket>, gate: Gate): Promise<void> {
    this.running = this.run(deliver, gate);
    return this.running;
  }

  async stop(): Promise<void> {
    this.room.stop();
    await this.running;
  }

  private async run(deliver: Deliver<SpooledPacket>, gate: Gate): Promise<void> {
    let turn = 0;
    while (!this.room.stopped) {
      const packet = this.spool.read();
      if (packet === null) return;
      this.lastNumber = packet.number;
      if (!deliver(packet)) await this.room.at(gate);
      if (++turn % PACKETS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
