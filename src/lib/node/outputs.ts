/**
 * What messages leave through: databases and HEP targets, each under a key of its settings. At a reload what has the
 * same key goes on as it is; what changed is drained and opened anew, the old one first because it may hold a spool.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { hepEndpointText, type Message, type Sink, type SinkCounts, type Ledger, type Environment } from '../base/index.js';
import type { TargetCounts } from '../sink/relay/index.js';
import { Database } from '../pipeline/output/database-output.js';
import { openHepTargets, type HepTargetOptions, type HepTargetSink } from '../pipeline/output/hep-output.js';
import type { RowOverride } from '../pipeline/output/message-rows.js';
import type { DatabaseSettings, Settings } from '../config/index.js';

interface Output<T> {
  key: string;
  settings: T;
}

export interface DatabaseOutput extends Output<DatabaseSettings> {
  database: Database;
  sink: Sink;
}

export interface TargetOutput extends Output<HepTargetOptions> {
  /** Names by which a script may mean it. */
  names: readonly string[];
  sink: HepTargetSink;
}

/** What closed outlets leave to the sums. */
export interface ClosedCounts {
  name: string;
  counts: SinkCounts;
}

export class Outputs {
  databases: DatabaseOutput[] = [];
  targets: TargetOutput[] = [];
  /** Opened because a script named them: they get what the script sends, and nothing else. */
  scriptTargets: TargetOutput[] = [];
  readonly closed: ClosedCounts[] = [];
  /** Told of each batch that was brought to a database. */
  onBatch: (sink: string, seconds: number, outcome: string) => void = () => {};

  constructor(
    private readonly ledger: Ledger,
    private readonly env: Environment,
  ) {}

  /** Closes what is not wanted any more, then opens what is new. */
  async apply(settings: Settings): Promise<void> {
    const wantedDatabases = settings.databases.map((own, at) => ({
      own,
      key: JSON.stringify([own, settings.relay.spool, settings.relay.spoolSync, settings.authKey, at]),
    }));
    const wantedTargets = targetGroups(settings).map((options) => ({ options, key: JSON.stringify(options) }));
    const scriptKey = keyByScript(settings, '');
    await this.closeAll(
      (key) =>
        !key.startsWith(scriptKey) &&
        !wantedDatabases.some((wanted) => wanted.key === key) &&
        !wantedTargets.some((wanted) => wanted.key === key),
      settings.drainSeconds,
    );
    for (const [at, { own, key }] of wantedDatabases.entries()) {
      if (this.databases.some((known) => known.key === key)) continue;
      const sinks = {
        ...own,
        hep: { ...settings.relay, targets: [] },
        write: undefined,
        rotation: { maxBytes: 0, everySeconds: 0, keep: 0, compress: false },
        format: undefined,
      };
      const database = await Database.open({
        sinks,
        env: this.env,
        live: true,
        ledger: this.ledger,
        authKey: settings.authKey,
        spoolName: at === 0 ? 'database' : `database-${at + 1}`,
      });
      database.onBatch = (seconds, outcome) => this.onBatch(databaseName(at), seconds, outcome);
      this.databases.push({ key, settings: own, database, sink: database.sink() });
    }
    for (const { options, key } of wantedTargets) {
      if (this.targets.some((known) => known.key === key)) continue;
      const [sink] = await openHepTargets(options, this.env);
      this.targets.push({ key, settings: options, names: options.targets, sink });
    }
  }

  /** The target that a script names; the same text gives the same sink as long as the settings of targets are the same. */
  async openForScript(settings: Settings, target: string): Promise<HepTargetSink> {
    const key = keyByScript(settings, target);
    const known = this.scriptTargets.find((outlet) => outlet.key === key);
    if (known !== undefined) return known.sink;
    const options: HepTargetOptions = { ...settings.relay, targets: [target], policy: 'all' };
    const [sink] = await openHepTargets(options, this.env);
    this.scriptTargets.push({ key, settings: options, names: [target], sink });
    return sink;
  }

  /** Hands the message to all databases. */
  store(message: Message, override: RowOverride | null = null): boolean {
    let room = true;
    for (const { database, sink } of this.databases) {
      database.rows.override = override;
      if (!sink.accept(message)) room = false;
      database.rows.override = null;
    }
    return room;
  }

  /** Hands the message to all targets. */
  relay(message: Message): boolean {
    let room = true;
    for (const { sink } of this.targets) if (!sink.accept(message)) room = false;
    return room;
  }

  async ready(): Promise<void> {
    for (const { sink } of [...this.databases, ...this.targets, ...this.scriptTargets]) await sink.ready();
  }

  counts(): { sink: string; counts: SinkCounts }[] {
    const open = [
      ...this.databases.map(({ sink }, at) => ({ sink: databaseName(at), counts: sink.counts() })),
      ...[...this.targets, ...this.scriptTargets].map(({ sink }) => ({ sink: sink.name, counts: sink.counts() })),
    ];
    return [...open, ...this.closed.map(({ name, counts }) => ({ sink: name, counts }))];
  }

  /** What waits for each outlet. */
  depths(): { sink: string; memory: number; spool: number }[] {
    const targets = this.openTargets().map(({ sink }) => {
      const counts = sink.targets();
      const spool = counts.reduce((sum, each) => sum + each.spooled, 0);
      return { sink: sink.name, memory: counts.reduce((sum, each) => sum + each.waiting, 0) - spool, spool };
    });
    return [...this.databases.map(({ database }, at) => ({ sink: databaseName(at), ...database.depth })), ...targets];
  }

  targetCounts(): TargetCounts[] {
    return this.openTargets().flatMap(({ sink }) => sink.targets());
  }

  private openTargets(): TargetOutput[] {
    return [...this.targets, ...this.scriptTargets];
  }

  get unreachable(): boolean {
    return (
      this.databases.some(({ database }) => database.unreachable) ||
      [...this.targets, ...this.scriptTargets].some(({ sink }) => sink.counts().waiting > 0)
    );
  }

  get undecodedPackets(): number {
    return this.databases.reduce((sum, { database }) => sum + database.undecodedPackets, 0);
  }

  /** Drains and closes those whose key is named; what is not done in time is left, and said. */
  async closeAll(which: (key: string) => boolean, seconds: number): Promise<void> {
    const going = [...this.databases, ...this.targets, ...this.scriptTargets].filter(({ key }) => which(key));
    if (going.length === 0) return;
    this.databases = this.databases.filter(({ key }) => !which(key));
    this.targets = this.targets.filter(({ key }) => !which(key));
    this.scriptTargets = this.scriptTargets.filter(({ key }) => !which(key));
    const closing = Promise.all(going.map(({ sink }) => sink.close())).then(() => true);
    const done = await Promise.race([closing, sleep(seconds * 1000, false, { ref: false })]);
    for (const outlet of going) {
      const counts = outlet.sink.counts();
      const name = `${outlet.sink.name} (closed)`;
      if ('database' in outlet) outlet.database.note(this.ledger);
      this.closed.push({ name, counts });
      if (!done && counts.waiting > 0)
        this.env.log.warn(
          `${outlet.sink.name}: ${counts.waiting} messages were not delivered within ${seconds} s${counts.before === undefined ? '' : '; what is in the spool stays there'}`,
        );
    }
  }
}

function databaseName(at: number): string {
  return at === 0 ? 'database' : `database ${at + 1}`;
}

function keyByScript({ relay }: Settings, target: string): string {
  return `script ${JSON.stringify(relay)} ${target}`;
}

/** One relay for each target, or one for all of them under failover and balance. */
function targetGroups({ targets, relay }: Settings): HepTargetOptions[] {
  const options = (group: typeof targets): HepTargetOptions => ({
    ...relay,
    targets: group.map(({ endpoint }) => hepEndpointText(endpoint)),
    encoder: { ...relay.encoder, version: group[0].version },
  });
  if (targets.length === 0) return [];
  return relay.policy === 'all' ? targets.map((target) => options([target])) : [options(targets)];
}
