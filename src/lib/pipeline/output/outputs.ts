/**
 * The outputs of a run: databases, files, the terminal, HEP targets; one class for flags and for `serve`.
 * At a reload outputs with the same key continue untouched, new ones are opened before anything old is closed, and if
 * that fails nothing has changed.
 */
import type { Gate, Ledger, Log, Message } from '../../base/index.js';
import type { HepArrival } from '../../capture/hep/index.js';
import { publishedReport } from '../../extract/published-report.js';
import type { FrameWriter } from '../../sink/capture-file/capture-file-sink.js';
import type { TargetCounts } from '../../sink/relay/index.js';
import type { MessageOutputs } from '../handler.js';
import type { Repeats } from '../repeats.js';
import { CapturedCounts } from './captured-counts.js';
import { ClosedOutputs } from './closed-outputs.js';
import type { Database } from './database-output.js';
import type { RowOverride } from './message-rows.js';
import { flushRegularly } from './regular-flush.js';
import { Reopening } from './reopening.js';
import { warnOfWaiting } from './waiting-warning.js';
import type { CloseDeadline, OpenedOutput, Output, OutputCounts, OutputSpec } from './output.js';
import { closeOutputs, inOrder, openSuccessors } from './successors.js';
import * as states from './output-states.js';

export class Outputs implements Gate, MessageOutputs {
  /** False where one was full since the intake set it. */
  room = true;
  readonly closed = new ClosedOutputs();
  frameWriter: FrameWriter | null = null;
  /** Takes back packets that cannot wait undecoded. */
  decodeNow: (arrival: HepArrival) => void = () => {};
  /** Drops repeats before they wait undecoded; null takes them. */
  repeats: Repeats | null = null;
  /** Called for each batch that was sent to a database. */
  onBatch: (sink: string, seconds: number, outcome: string) => void = () => {};
  private all: Output[] = [];
  private stores: Output[] = [];
  private targets: Output[] = [];
  /** Closed at this moment: still counted. */
  private leaving: Output[] = [];
  /** The database where it is the only output. */
  private sole: Database | null = null;
  private published = 0;
  private readonly counted = new CapturedCounts();
  /** Closing outputs removed by a reload. */
  private settling: Promise<unknown> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;
  private readonly reopening: Reopening;
  /** A reload is under way, or the end. */
  private isBusy = false;

  /** `undecoded`: packets may wait undecoded (nothing but the default is done with them). */
  constructor(
    private readonly ledger: Ledger,
    private readonly log: Log,
    public undecoded: boolean,
  ) {
    const has = (output: Output) => this.all.includes(output);
    this.reopening = new Reopening({ isBusy: () => this.isBusy, has, replace: this.replace }, this.closed, log);
    this.timer = flushRegularly(() => this.all, log);
  }

  /**
   * Opens what is new and switches to it; resolves then, while outputs no longer used are still being closed (`closed`,
   * bounded by `deadline`). Throws, with everything as before, where something cannot be opened. `hold` is called where an
   * output must be closed before its successor can be opened: until it resolves nothing may be delivered. `keepScripted`:
   * the targets that the script has opened stay; another script opens its own. `agreed` is called once everything new is
   * open; where it throws, too, nothing changes.
   */
  async apply(
    specs: readonly OutputSpec[],
    deadline: CloseDeadline,
    hold: () => void = () => {},
    keepScripted = true,
    agreed: () => Promise<void> = () => Promise.resolve(),
  ): Promise<{ closed: Promise<void> }> {
    this.isBusy = true;
    try {
      await this.reopening.settled();
      return await this.change(specs, deadline, hold, keepScripted, agreed);
    } finally {
      this.isBusy = false;
    }
  }

  private async change(
    specs: readonly OutputSpec[],
    deadline: CloseDeadline,
    hold: () => void,
    keepScripted: boolean,
    agreed: () => Promise<void>,
  ): Promise<{ closed: Promise<void> }> {
    const isWanted = ({ role, key }: Output) => (role === 'script' ? keepScripted : specs.some((spec) => spec.key === key));
    const going = this.all.filter((output) => !isWanted(output));
    const fresh = specs.filter(({ key }) => !this.all.some((output) => output.key === key));
    const opened: Output[] = [];
    const closedEarly: Output[] = [];
    try {
      const steps = {
        open: (spec: OutputSpec) => this.closed.open(spec),
        close: (holders: readonly Output[]) => this.closeSome(holders, deadline),
        hold,
      };
      await openSuccessors(fresh, going, steps, opened, closedEarly);
      await agreed();
    } catch (error) {
      await Promise.all(opened.map(({ sink }) => sink.close()));
      for (const output of closedEarly) this.all.push(await this.reopening.open(output));
      this.arrange();
      throw error;
    }
    // Another script may name the same targets and spools.
    const scripted = going.filter(({ role, holds }) => role === 'script' && holds.length > 0);
    if (scripted.length > 0) {
      closedEarly.push(...scripted);
      hold();
      await this.closeSome(scripted, deadline);
    }
    const leaving = going.filter((output) => !closedEarly.includes(output));
    this.leaving.push(...leaving);
    this.all = [...this.all.filter((output) => !going.includes(output)), ...opened];
    this.arrange(specs);
    const closed = this.closeSome(leaving, deadline);
    this.settling = Promise.allSettled([this.settling, closed]);
    return { closed };
  }

  private readonly replace = (absent: Output, opened: Output): void => {
    this.closed.add(states.countsOf(absent, this.published), absent);
    this.all = this.all.map((output) => (output === absent ? opened : output));
    this.arrange();
  };

  /** Opens one more under traffic (a target named by a script). */
  async add(spec: OutputSpec): Promise<OpenedOutput> {
    const known = this.all.find(({ key }) => key === spec.key);
    if (known !== undefined && known.absent === undefined) return known;
    const output = await this.closed.open(spec);
    this.all = [...this.all.filter(({ key }) => key !== spec.key), output];
    this.arrange();
    return output;
  }

  get hasStores() {
    return this.stores.length > 0;
  }
  get hasTargets() {
    return this.targets.length > 0;
  }

  store(message: Message, override: RowOverride | null = null): boolean {
    let room = true;
    for (const { sink, database } of this.stores) {
      if (database !== undefined) database.rows.override = override;
      if (!sink.accept(message)) room = false;
      if (database !== undefined) database.rows.override = null;
    }
    if (!override?.report) this.storePublished(message);
    if (this.stores.length > 0) this.counted.add(message, override);
    this.room &&= room;
    return room;
  }

  /** The quality report in a PUBLISH is a row of its own beside the SIP row; targets have it within the PUBLISH. */
  storePublished(message: Message): boolean {
    const report = message.sip && publishedReport(message, message.sip);
    if (report === null) return false;
    const databases = this.stores.filter(({ database }) => database !== undefined);
    for (const { sink } of databases) if (!sink.accept(report)) this.room = false;
    this.published += databases.length > 0 ? 1 : 0;
    return databases.length > 0;
  }

  relay(message: Message): boolean {
    let room = true;
    for (const { sink } of this.targets) room = sink.accept(message) && room;
    this.room &&= room;
    return room;
  }

  /** An unchanged packet, to every target. */
  send(packet: Buffer, key: string, capturedAt: number): boolean {
    let room = true;
    for (const { relay, absent } of this.targets) {
      absent?.accept();
      if (relay?.send(packet, key, capturedAt) === false) room = false;
    }
    this.room &&= room;
    return room;
  }

  /** Takes a packet undecoded where the only database is behind and has a spool; false where it is to be decoded now. */
  takeUndecoded(arrival: HepArrival): boolean {
    return this.undecoded && this.sole !== null && this.sole.takeUndecoded(arrival);
  }

  /** False while packets that cannot wait would be lost: better dropped before decoding than after. */
  get hasRoom(): boolean {
    return this.sole === null || this.sole.hasRoom;
  }

  /** Whether datagrams that can wait in a ring should: they wait cheaply there. */
  get datagramsWait(): boolean {
    return this.undecoded && this.sole !== null && !this.sole.hasSpool;
  }

  async ready(): Promise<void> {
    for (const { sink } of this.all) await sink.ready();
  }

  private get active(): Output[] {
    return [...this.all, ...this.leaving];
  }

  counts(): OutputCounts[] {
    return [...this.active.map((output) => states.countsOf(output, this.published)), ...this.closed.counts];
  }

  /** The backlog of each output. */
  depths(): states.OutputDepth[] {
    return states.depthsOf(this.all);
  }
  states(): states.OutputState[] {
    return states.statesOf(this.all);
  }
  /** SIP messages handed to databases. */
  get captured(): { requests: number; replies: number } {
    return states.capturedOf(this.active, this.counted);
  }
  targetCounts(): TargetCounts[] {
    return this.all.flatMap(({ relay }) => relay?.targets() ?? []);
  }

  /** True if a database or a target does not accept what it should. */
  get unreachable(): boolean {
    return states.isUnreachable(this.all);
  }
  /** Whether everything was delivered, including closed outputs; a backlog in a spool was not. */
  get isDelivered(): boolean {
    return !this.unreachable && states.haveDelivered(this.all, this.leaving, this.closed);
  }

  /** Whether everything was delivered, or is safe in a spool. */
  get isSafe(): boolean {
    return states.areSafe(this.all);
  }

  /** True where it is the only output. */
  only(name: string): boolean {
    return this.all.filter(({ role }) => role !== 'drain').every((output, at) => at === 0 && output.name === name);
  }

  /** Tables that cannot be written although their database can. */
  failingTables(): states.FailingTable[] {
    return states.failingTablesOf(this.all);
  }

  get undecodedPackets(): number {
    return this.active.reduce((sum, { database }) => sum + (database?.undecodedPackets ?? 0), this.closed.undecodedPackets);
  }

  /** Resolves when everything accepted is written, or counted as waiting or lost: at the deadline at the latest. */
  async close(deadline: CloseDeadline): Promise<void> {
    clearInterval(this.timer);
    this.isBusy = true;
    this.reopening.end();
    await Promise.race([this.reopening.settled(), deadline.passed]);
    await Promise.all([this.closeSome(this.all, deadline, true), Promise.race([this.settling, deadline.passed])]);
  }

  private async closeSome(going: readonly Output[], deadline: CloseDeadline, isEnd = false): Promise<void> {
    const done = await closeOutputs(going, deadline);
    for (const output of going) {
      output.database?.note(this.ledger);
      const counts = states.countsOf(output, this.published);
      warnOfWaiting(this.log, output, counts.counts.waiting, done);
      if (isEnd) continue;
      this.closed.add(counts, output);
      if (output.database?.later) this.counted.include(output.database.later.captured);
    }
    if (isEnd) return;
    this.all = this.all.filter((output) => !going.includes(output));
    this.leaving = this.leaving.filter((output) => !going.includes(output));
    this.arrange();
  }

  private arrange(specs: readonly OutputSpec[] = []): void {
    if (specs.length > 0) this.all = inOrder(this.all, specs);
    this.stores = this.all.filter(({ role }) => role === 'store');
    this.targets = this.all.filter(({ role }) => role === 'target');
    this.sole = this.all.filter(({ role }) => role !== 'drain').length === 1 ? (this.stores[0]?.database ?? null) : null;
    this.frameWriter = this.all.find(({ frameWriter }) => frameWriter !== undefined)?.frameWriter ?? null;
    for (const { name, database } of this.stores)
      if (database !== undefined) {
        database.onBatch = (seconds, outcome) => this.onBatch(name, seconds, outcome);
        database.decodeNow = (arrival) => this.decodeNow(arrival);
        database.repeats = this.repeats;
      }
  }
}
