/** `--route FILE`: a script decides in a run that flags describe, as in `serve`: what is stored, shown, relayed. */
import { hepEndpointText, type Message, type Sink, type Ledger, type NamedCounts, type Environment } from '../base/index.js';
import type { Program } from '../route/index.js';
import type { Database } from '../pipeline/output/database-output.js';
import { openHepTargets, type HepTargetOptions, type HepTargetSink } from '../pipeline/output/hep-output.js';
import { ScriptPolicy } from './script-policy.js';
import { SipTally } from './sip-tally.js';

export interface ScriptedOptions {
  ledger: Ledger;
  env: Environment;
  database: Database | null;
  /** The database's sink, and what shows or writes: what sip_capture() stores into. */
  stores: readonly Sink[];
  /** Targets that get every message, as edited. */
  targets: readonly HepTargetSink[];
  /** How targets are opened that the script names. */
  opening: Omit<HepTargetOptions, 'targets'>;
  /** What is done where no route runs; enters the books. */
  storeByDefault(message: Message): boolean;
  /** Stop after so many delivered messages; 0 is no limit. */
  count: number;
  onCount(): void;
}

export class ScriptedRun {
  private readonly policy: ScriptPolicy;
  /** Targets that the script named. */
  private readonly named: HepTargetSink[] = [];

  constructor(
    { program, hepRoute }: { program: Program; hepRoute: string },
    private readonly options: ScriptedOptions,
  ) {
    const { ledger, env, database, stores, targets, opening } = options;
    const each = (sinks: readonly Sink[], message: Message) => {
      let room = true;
      for (const sink of sinks) if (!sink.accept(message)) room = false;
      return room;
    };
    this.policy = new ScriptPolicy(
      program,
      hepRoute,
      {
        ledger,
        env,
        tally: new SipTally(),
        captureOn: true,
        outputs: {
          databases: stores,
          targets,
          store: (message, override) => {
            if (database !== null) database.rows.override = override;
            const room = each(stores, message);
            if (database !== null) database.rows.override = null;
            return room;
          },
          relay: (message) => each(targets, message),
        },
        storeByDefault: options.storeByDefault,
      },
      async (endpoint) => {
        const [sink] = await openHepTargets({ ...opening, policy: 'all', targets: [hepEndpointText(endpoint)] }, env);
        this.named.push(sink);
        return sink;
      },
    );
  }

  /** False when a sink is full. */
  dispatch(message: Message): boolean {
    const { ledger, count, onCount } = this.options;
    if (count > 0 && ledger.delivered >= count) {
      ledger.filtered.add('after_count');
      return true;
    }
    const room = this.policy.message(message);
    if (count > 0 && ledger.delivered === count) onCount();
    return room;
  }

  counts(): NamedCounts[] {
    return this.named.map((sink) => ({ sink: sink.name, counts: sink.counts() }));
  }

  async close(): Promise<void> {
    for (const sink of this.named) await sink.close();
  }
}
