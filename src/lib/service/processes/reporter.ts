/** Reports what a process has counted: every second, when asked, and at its end. */
import { ledgerCounts } from '../../base/index.js';
import type { MediaCounts } from '../../media/index.js';
import type { Running } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import type { ParentLink } from './parent-link.js';
import type { ProcessReport } from './protocol.js';

const EVERY_MS = 1000;
/** Of batches between two reports: more are not expected. */
const MAX_BATCHES = 10_000;

/** What a node counts besides. */
export interface NodeCounts {
  methods: Record<string, number>;
  statuses: Record<string, number>;
  statistics: [string, number][];
  media: MediaCounts;
}

export class Reporter {
  private batches: ProcessReport['batches'] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly link: ParentLink,
    private readonly running: Running,
    private readonly source: RunSource,
    private readonly nodeCounts: () => NodeCounts | null = () => null,
  ) {
    running.outputs.onBatch = (output, seconds, outcome) => {
      if (this.batches.length < MAX_BATCHES) this.batches.push({ output, seconds, outcome });
    };
  }

  start(): void {
    this.timer = setInterval(() => void this.report(), EVERY_MS);
    this.timer.unref();
    this.link.send({ kind: 'ready' });
    void this.report();
  }

  async report(): Promise<void> {
    try {
      await this.source.updateLosses(this.running.ledger);
      this.link.send({ kind: 'report', report: this.take() });
    } catch (error) {
      this.link.log.error(`internal error, reporting: ${(error as Error).stack ?? String(error)}`);
    }
  }

  /** At the end. */
  last(): ProcessReport {
    if (this.timer !== null) clearInterval(this.timer);
    return this.take();
  }

  private take(): ProcessReport {
    const { ledger, outputs, inputs, intake } = this.running;
    const node = this.nodeCounts();
    const { batches } = this;
    this.batches = [];
    ledger.undecoded = outputs.undecodedPackets;
    return {
      ledger: ledgerCounts(ledger),
      sinks: outputs.counts(),
      depths: outputs.depths(),
      states: outputs.states(),
      failingTables: outputs.failingTables(),
      targets: outputs.targetCounts(),
      inputs: [...this.source.inputs()],
      status: inputs.status().map(({ name, problem, lastPacketAt, isSilent }) => ({ name, problem, lastPacketAt, isSilent })),
      statistics: [...(node?.statistics ?? intake.statistics())],
      captured: outputs.captured,
      methods: node?.methods ?? {},
      statuses: node?.statuses ?? {},
      media: node?.media ?? null,
      batches,
    };
  }
}
