/** HEP from files, captures, standard input and spools, one after the other, each to its end. */
import { NO_STREAM, PLACE_KINDS, Places, streamOfBytes, type Environment } from '../../base/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import type { InputSummary } from '../summary.js';
import type { RunSource, SourceIntake } from '../source.js';
import { readHepFiles, type OnHepPacket } from './hep-file-input.js';
import { SpoolInput, isFolder } from './spool-input.js';

export class HepFileSource implements RunSource {
  readonly kind = 'files';
  readonly unit = 'HEP packets';
  readonly isLive = false;
  private readonly summaries: InputSummary[] = [];
  private readonly spools: SpoolInput[] = [];
  private isStopped = false;
  private stopCurrent: () => void = () => {};

  /** Paths of files and of folders that are spools; `-` is standard input. */
  constructor(
    private readonly names: readonly string[],
    private readonly env: Environment,
    readonly rejectsAreBad = false,
  ) {}

  async open(): Promise<void> {}

  async read(intake: SourceIntake): Promise<void> {
    for (const name of this.names) {
      if (this.isStopped) return;
      if (isFolder(name)) await this.readSpools(name, intake, arrivals(intake, false));
      else
        this.summaries.push(...(await readHepFiles([name], this.env, intake, (stop) => (this.stopCurrent = stop), arrivals(intake, true))));
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopCurrent();
  }

  async updateLosses(): Promise<void> {}

  inputs(): readonly InputSummary[] {
    return this.summaries;
  }

  /** A spool deletes what was read only when all of it is delivered, or safe in the spool of a target. */
  async commit(delivered: boolean): Promise<void> {
    await Promise.all(this.spools.map((spool) => spool.close(delivered)));
  }

  private async readSpools(name: string, intake: SourceIntake, onPacket: OnHepPacket): Promise<void> {
    for (const spool of await SpoolInput.openAll(name, this.env)) {
      this.spools.push(spool);
      this.stopCurrent = () => spool.stop();
      if (!this.isStopped) await spool.read(intake, onPacket);
      this.summaries.push(spool.summary());
    }
  }
}

/**
 * Packets as arrivals; the object is reused. In a file they have places: the file is known by its first packet, and its packets
 * are numbered.
 */
function arrivals(intake: SourceIntake, isFile: boolean): OnHepPacket {
  const arrival = { stream: NO_STREAM, sequence: 0 } as HepArrival;
  const places = new Places();
  let packets = 0;
  return (bytes, from, to, receivedAt, peer) => {
    if (isFile) {
      if (packets++ === 0) arrival.stream = streamOfBytes(bytes.subarray(from, to));
      places.clear();
      arrival.sequence = places.next(packets, to - from, PLACE_KINDS.hep);
    }
    return intake.packet(Object.assign(arrival, { bytes, from, to, receivedAt, peer }));
  };
}
