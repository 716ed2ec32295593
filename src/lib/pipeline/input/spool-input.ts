/**
 * Spools as an input of the relay: their backlog, to the end. A spool deletes what was read only when all of it
 * is delivered, or safe in the spool of a target; else it is sent again next time.
 */
import { statSync } from 'node:fs';
import { UsageError, type Gate, type Environment } from '../../base/index.js';
import { SpoolSource, type SpooledPacket } from '../../capture/spool.js';
import { RECORD_HEP_PACKET } from '../../format/spool/index.js';
import type { HepPeer } from '../../hep/index.js';
import { SpoolLog, findSpools } from '../../sink/spool/index.js';
import type { OnHepPacket } from './hep-file-input.js';
import type { InputSummary } from '../summary.js';

const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'tcp' };

export function isFolder(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

export class SpoolInput {
  private packets = 0;
  private bytes = 0;
  private problem = '';
  private source: SpoolSource;

  private constructor(
    private readonly directory: string,
    private readonly log: SpoolLog,
  ) {
    this.source = new SpoolSource({ read: () => this.next() });
  }

  /** The spools in a folder, or the folder itself; throws if there are none, or another process uses one. */
  static async openAll(directory: string, env: Environment): Promise<SpoolInput[]> {
    const found = findSpools(directory);
    if (found.length === 0) throw new UsageError(`no spool found in ${directory}`);
    const inputs: SpoolInput[] = [];
    try {
      for (const one of found)
        inputs.push(
          new SpoolInput(
            one,
            await SpoolLog.open({ directory: one, clock: env.clock, log: env.log, sync: 'interval', maxBytes: 0, maxAgeSeconds: 0 }),
          ),
        );
    } catch (error) {
      for (const input of inputs) await input.close(false);
      throw error;
    }
    return inputs;
  }

  /** Resolves at its end, or when stopped. */
  read(gate: Gate, onPacket: OnHepPacket): Promise<void> {
    return this.source.start(({ payload, recordedAt }) => {
      this.packets++;
      this.bytes += payload.length;
      return onPacket(payload, 0, payload.length, recordedAt, NO_PEER);
    }, gate);
  }

  stop(): void {
    void this.source.stop();
  }

  summary(): InputSummary {
    const lost = this.log.lost.entries().map(([reason, count]) => `records lost: ${count} (${reason})`);
    const problem = [...lost, ...(this.problem === '' ? [] : [this.problem])].join('; ');
    return { name: this.directory, packets: this.packets, bytes: this.bytes, problem };
  }

  /** `delivered`: what was read need not be kept any longer. */
  async close(delivered: boolean): Promise<void> {
    if (delivered && this.source.lastNumber > 0) this.log.acknowledge(this.source.lastNumber);
    await this.log.close();
  }

  /** Database rows wait in spools too: those are ignored, and stay. */
  private next(): SpooledPacket | null {
    const record = this.log.read();
    if (record === null && this.log.readFailure !== '') this.problem = `cannot be read: ${this.log.readFailure}`;
    if (record === null || record.type === RECORD_HEP_PACKET) return record;
    this.problem = 'holds rows of a database: sipcap db drain stores them';
    return null;
  }
}
