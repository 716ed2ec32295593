/** `db drain`: stores the backlog of a database's spool: a run without input, whose database output stores the backlog. */
import { readdirSync } from 'node:fs';
import { UnreachableError, UsageError, type Environment, type Log, type Sink } from '../../base/index.js';
import { StoreAndRelay } from '../../pipeline/handler.js';
import type { SinkOptions } from '../../pipeline/options.js';
import { DATABASE_SPOOL } from '../../pipeline/output/database-lane.js';
import type { Database } from '../../pipeline/output/database-output.js';
import { databaseSpec } from '../../pipeline/output/output-specs.js';
import { run } from '../../pipeline/run.js';
import type { RunSource } from '../../pipeline/source.js';
import { expectSpoolFolder } from '../../sink/spool/index.js';
import { DRAIN_SECONDS } from '../plan.js';

export interface DbDrainOptions {
  sinks: Omit<SinkOptions, 'hep' | 'write' | 'rotation' | 'format'>;
  spool: string;
}

const NO_ROTATION = { maxBytes: 0, everySeconds: 0, keep: 0, compress: false };

export async function dbDrain({ sinks, spool }: DbDrainOptions, env: Environment): Promise<number> {
  expectSpoolFolder(spool);
  if (!readdirSync(spool).some((name) => name === DATABASE_SPOOL || name.startsWith(`${DATABASE_SPOOL}-`)))
    throw new UsageError(`no database spool found in ${spool}`);
  const source = new BacklogSource(env.log);
  const options: SinkOptions = { ...sinks, hep: spoolAlone(spool), write: undefined, rotation: NO_ROTATION, format: 'none' };
  let sink: Sink | null = null;
  const code = await run(
    {
      source,
      outputs: ({ ledger }) => {
        const spec = databaseSpec('database', { sinks: options, env, live: false, drains: true, ledger });
        const open = async () => {
          const opened = await spec.open();
          source.database = opened.database!;
          ({ sink } = opened);
          return opened;
        };
        return [{ ...spec, open }];
      },
      handler: ({ intake, ledger }) => new StoreAndRelay(intake.preparer, ledger),
      undecoded: false,
      count: 0,
      durationSeconds: 0,
      drainSeconds: DRAIN_SECONDS,
      advice: () => '',
      quiet: false,
      summary: 'full',
      uniform: true,
    },
    env,
  );
  const { written, refused, lost } = sink!.counts();
  env.stdout.write(`${written} rows stored, ${refused} refused, ${lost} lost, ${source.database!.batchesLeft} batches left\n`);
  return code;
}

/** No targets, and a spool that evicts nothing. */
function spoolAlone(spool: string): SinkOptions['hep'] {
  return {
    targets: [],
    policy: 'all',
    spool,
    spoolSync: 'interval',
    spoolRate: -1,
    spoolMaxBytes: 0,
    spoolMaxAgeSeconds: 0,
    tlsCa: '',
    tlsCertificate: '',
    tlsKey: '',
    encoder: { version: 3, captureId: 0, authKey: null, captureName: '', compress: false },
    waits: true,
  };
}

/** Delivers nothing, and ends when the backlog of the database is stored, when the database refuses, or when stopped. */
class BacklogSource implements RunSource {
  readonly kind = 'inputs';
  readonly unit = 'HEP packets';
  readonly isLive = false;
  gaveUp = false;
  database: Database | null = null;
  private readonly stopped: Promise<void>;
  private end!: () => void;

  constructor(private readonly log: Log) {
    this.stopped = new Promise((resolve) => (this.end = resolve));
  }

  async open(): Promise<void> {}

  async read(): Promise<void> {
    try {
      // An unresponsive server must not delay a stopped run.
      await Promise.race([this.database!.drain(), this.stopped]);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      this.log.error(error.message);
      this.gaveUp = true;
    }
  }

  async stop(): Promise<void> {
    this.database?.stopDraining();
    this.end();
  }

  async updateLosses(): Promise<void> {}

  inputs() {
    return [];
  }

  async commit(): Promise<void> {}
}
